/* One sentence for each thing that can be wrong with the native file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "conf_fixture.h"

static const struct {
    const char *name;
    const char *text;
    const char *error;
} whole_files[] = {
    {"unknown key, near miss", "\nprot = 1;",
     "s.conf:2: unknown key prot; did you mean port?"},
    {"dashes for underscores", "max-clients = 1;",
     "s.conf:1: unknown key max-clients; did you mean max_clients?"},
    {"capitals", "PORT = 1;", "s.conf:1: unknown key PORT; did you mean port?"},
    {"beginning of a key", "client_output = 1;",
     "s.conf:1: unknown key client_output; did you mean "
     "client_output_limit_bytes?"},
    {"too short to be a beginning", "l = 1;",
     "s.conf:1: unknown key l; sentineld.conf(5) lists those that there are"},
    {"unknown key, nothing near", "watchdog = 1;",
     "s.conf:1: unknown key watchdog; sentineld.conf(5) lists those that there "
     "are"},
    {"key twice", "port = 1;\nport = 2;",
     "s.conf:2: this key is given twice; give it once"},
    {"syntax", "port = 1;\ndir = ;",
     "s.conf:2: syntax error; a setting looks like  port = 26379;"},
    {"include", "# c\n  @include \"/etc/passwd\"\n",
     "s.conf:2: @include is not supported; put the whole configuration "
     "into one file"},
    {"include after a comment", "/* \n */ @include \"/etc/passwd\"\n",
     "s.conf:2: @include is not supported; put the whole configuration "
     "into one file"},
    {"text without end", "port = 1;\ndir = \"x\n\nloglevel = 1;\n",
     "s.conf:2: the text that begins here has no end; it must end with a "
     "\""},
    {"comment without end", "port = 1;\n/* x\n\n",
     "s.conf:2: the comment that begins here has no end; it must end with "
     "*/"},
    {"33 bits without an L", "\nport = 4294967297;",
     "s.conf:2: 4294967297 needs more than 32 bits; such a value is "
     "written with an L at its end: 4294967297L"},
    {"hexadecimal too", "port = 0x100000001;",
     "s.conf:1: 0x100000001 needs more than 32 bits; such a value is "
     "written with an L at its end: 0x100000001L"},
    {"33 bits with an L", "port = 4294967297L;",
     "s.conf:1: port is 4294967297; it must be 0 to 65535"},
    {"65 bits", "port = 18446744073709551617L;",
     "s.conf:1: 18446744073709551617 is larger than any value here may "
     "be"},
    {"negative", "port = -1;",
     "s.conf:1: port is -1; it must be 0 to "
     "65535"},
    {"string for a number", "port = \"26379\";",
     "s.conf:1: port is a string; it must be an integer, 0 to 65535"},
    {"float for a number", "port = 26379.0;",
     "s.conf:1: port is a number with a point; it must be an integer, 0 "
     "to 65535"},
    {"float of more than 32 bits", "port = 4294967297.0;",
     "s.conf:1: port is a number with a point; it must be an integer, 0 "
     "to 65535"},
    {"number for a boolean", "protected_mode = 1;",
     "s.conf:1: protected_mode is an integer; it must be true or false"},
    {"boolean for a string", "dir = true;",
     "s.conf:1: dir is a boolean; it must be a string, 1 to 1023 bytes"},
    {"empty directory", "dir = \"\";",
     "s.conf:1: dir has 0 bytes; it must be 1 to 1023 bytes"},
    {"no such level", "loglevel = \"loud\";",
     "s.conf:1: loglevel \"loud\" is none of them; it must be debug, verbose, "
     "notice, warning or nothing"},
    {"string for bind", "bind = \"127.0.0.1\";",
     "s.conf:1: bind is a string; it must be an array of strings like [ "
     "\"127.0.0.1\" ], at most 16 ip addresses"},
    {"number in bind", "bind = [ 127 ];",
     "s.conf:1: bind[0] is an integer; it must be a string with an ip "
     "address"},
    {"name in bind", "bind = [ \"127.0.0.1\",\n\"localhost\" ];",
     "s.conf:1: bind \"localhost\" is no ip address; it must be at most "
     "16 ip addresses"},
    {"too many in bind",
     "bind = [\"::\",\"::\",\"::\",\"::\",\"::\",\"::\",\"::\",\"::\","
     "\"::\",\"::\",\"::\",\"::\",\"::\",\"::\",\"::\",\"::\",\"::\"];",
     "s.conf:1: bind has 17 addresses; it may have 16"},
    {"a name to connect from", "\nbind_source = \"localhost\";",
     "s.conf:2: bind_source has a word that is no ip address"},
    {"two addresses to connect from", "bind_source = \"10.0.0.1 10.0.0.2\";",
     "s.conf:1: bind_source has two addresses of one kind; one is used"},
    {"bad announced host", "announce_host = \"a b\";",
     "s.conf:1: announce_host \"a b\" is neither an ip address nor a host "
     "name; it must be an ip address or a host name, or empty"},
    {"control characters are not echoed", "loglevel = \"\\x1b[2J\";",
     "s.conf:1: loglevel \"?[2J\" is none of them; it must be debug, verbose, "
     "notice, warning or nothing"},
    {"groups as an array", "groups = [ ];",
     "s.conf:1: groups is an array; it must be a list like ( { name = "
     "\"m\"; ... }, ... ), at most 20000 groups"},
    {"something else in groups", "groups = (\n1 );",
     "s.conf:2: groups[0] is not a group; it must be like { name = \"m\"; "
     "host = \"10.0.0.1\"; port = 6379; quorum = 2; }"},
};

static void test_whole_file_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(whole_files) / sizeof(whole_files[0]); i++) {
        conf_fixture_expect_error(whole_files[i].name, whole_files[i].text,
                                  whole_files[i].error);
    }
}

#define GOOD "name=\"n\"; host=\"b\"; port=1; quorum=1; "

static const struct {
    const char *name;
    const char *lines; /* of the second group, from line 3 on */
    const char *error;
} groups[] = {
    {"quorum 65", "name=\"n\";\nhost=\"b\"; port=1;\nquorum=65;",
     "s.conf:5: groups[1].quorum is 65; it must be 0 to 64"},
    {"renames as a string", GOOD "rename_commands=\"CONFIG x\";",
     "s.conf:3: groups[1].rename_commands is a string; it must be an array of "
     "strings like [ \"CONFIG my-config\" ], at most 64 commands"},
    {"a rename without a name", GOOD "rename_commands=[\"CONFIG\"];",
     "s.conf:3: groups[1].rename_commands[0] \"CONFIG\" has no blank; it must "
     "be like \"CONFIG my-config\", each word 1 to 127 visible bytes"},
    {"a rename with two names",
     GOOD "rename_commands=[\"A b\",\n\"CONFIG a b\"];",
     "s.conf:3: groups[1].rename_commands[1] \"CONFIG a b\" has a blank, or "
     "something else that is no visible ASCII; it must be like \"CONFIG "
     "my-config\", each word 1 to 127 visible bytes"},
    {"a number in renames", GOOD "rename_commands=[1];",
     "s.conf:3: groups[1].rename_commands[0] \"\" is no string; it must be "
     "like \"CONFIG my-config\", each word 1 to 127 visible bytes"},
    {"renamed twice", GOOD "rename_commands=[\"A b\", \"a c\"];",
     "s.conf:3: groups[1].rename_commands: a is renamed twice"},
    {"quorum a string", "name=\"n\"; host=\"b\"; port=1; quorum=\"2\";",
     "s.conf:3: groups[1].quorum is a string; it must be an integer, 0 to "
     "64"},
    {"no name", "host=\"b\"; port=1; quorum=1;",
     "s.conf:3: groups[1].name is missing; it must be a string, 1 to 127 "
     "bytes without blanks, control characters, commas and quotes"},
    {"no host", "name=\"n\"; port=1; quorum=1;",
     "s.conf:3: groups[1].host is missing; it must be a string: an ip "
     "address or a host name"},
    {"no port", "name=\"n\"; host=\"b\"; quorum=1;",
     "s.conf:3: groups[1].port is missing; it must be an integer, 1 to "
     "65535"},
    {"unknown key", "name=\"n\"; host=\"b\"; port=1; quorum=1;\ndown-after=1;",
     "s.conf:4: unknown key groups[1].down-after; did you mean "
     "down_after_ms?"},
    {"blank in the name", "name=\"a b\"; host=\"b\"; port=1; quorum=1;",
     "s.conf:3: groups[1].name \"a b\" has a blank; it must be 1 to 127 "
     "bytes without blanks, control characters, commas and quotes"},
    {"bad host", "name=\"n\"; host=\"10.0.0.300\"; port=1; quorum=1;",
     "s.conf:3: groups[1].host \"10.0.0.300\" is neither an ip address "
     "nor a host name; it must be an ip address or a host name"},
    {"name twice", "name=\"m\"; host=\"b\"; port=1; quorum=1;",
     "s.conf:3: groups[1].name \"m\" is taken by groups[0] (line 1); each "
     "group needs its own"},
    {"address twice", "name=\"n\"; host=\"A.Example\"; port=1; quorum=1;",
     "s.conf:3: groups[1].host A.Example port 1 is watched by groups[0] "
     "(line 1) already; a master belongs to one group"},
    {"quorum above the pool",
     "name=\"n\"; host=\"b\"; port=1; quorum=4; pool_size=3;",
     "s.conf:3: groups[1].quorum is 4, but pool_size is 3; so many "
     "supervisors must exist"},
    {"refusals count later than silence",
     "name=\"n\"; host=\"b\"; port=1; quorum=1; down_after_ms=1000;\n"
     "refused_after_ms=1001;",
     "s.conf:4: groups[1].refused_after_ms is 1001, more than "
     "down_after_ms; it must be 0 to 1000"},
    {"user without a password",
     "name=\"n\"; host=\"b\"; port=1; quorum=1;\nauth_user=\"u\";",
     "s.conf:4: groups[1].auth_user needs a password; give auth_pass or "
     "auth_pass_file"},
    {"a user that would break lines",
     "name=\"n\"; host=\"b\"; port=1; quorum=1; auth_pass=\"p\";\n"
     "auth_user=\"a\\nb\";",
     "s.conf:4: groups[1].auth_user \"a?b\" has a control character; it must "
     "be at most 511 bytes without control characters"},
    {"a script's path",
     "name=\"n\"; host=\"b\"; port=1; quorum=1;\nnotification_script="
     "\"/a\\nb\";",
     "s.conf:4: groups[1].notification_script \"/a?b\" has a control "
     "character; it must be at most 255 bytes without control characters"},
    {"password twice",
     "name=\"n\"; host=\"b\"; port=1; quorum=1; auth_pass=\"p\";\n"
     "auth_pass_file=\"/run/line\";",
     "s.conf:4: groups[1].auth_pass and auth_pass_file are both given; "
     "give one of them"},
    {"no such password file",
     "name=\"n\"; host=\"b\"; port=1; quorum=1;\n"
     "auth_pass_file=\"/run/none\";",
     "s.conf:4: groups[1].auth_pass_file /run/none cannot be read: No such "
     "file or directory"},
    {"empty password file",
     "name=\"n\"; host=\"b\"; port=1; quorum=1;\n"
     "auth_pass_file=\"/run/empty\";",
     "s.conf:4: groups[1].auth_pass_file /run/empty has an empty first "
     "line; it must be the password"},
    {"long password file",
     "name=\"n\"; host=\"b\"; port=1; quorum=1;\n"
     "auth_pass_file=\"/run/long\";",
     "s.conf:4: the first line of groups[1].auth_pass_file /run/long is "
     "too long; a password has at most 511 bytes"},
};

static void test_group_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        char text[1024];
        (void)snprintf(text, sizeof(text),
                       "groups = ( { name=\"m\"; host=\"a.example\"; port=1; "
                       "quorum=1; },\n\n{ %s } );\n",
                       groups[i].lines);
        conf_fixture_expect_error(groups[i].name, text, groups[i].error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_file_errors),
        cmocka_unit_test(test_group_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
