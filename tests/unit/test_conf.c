/* The native configuration file: values, defaults, and one sentence for each
 * thing that can be wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/conf_private.h"
#include "sentineld/core.h"
#include "sentineld/memory.h"

/* The files that a configuration may name. */
static bool read_secret(const char *path, char *text, size_t size,
                        struct error *error)
{
    static const struct {
        const char *path;
        const char *text;
        const char *warning;
    } files[] = {
        {"/run/line", "s3cret\nnot this\n", ""},
        {"/run/bare", "s3cret", ""},
        {"/run/dos", "s3cret\r\n", ""},
        {"/run/open", "s3cret\n", "can be read by every user; chmod 600 it"},
        {"/run/empty", "\ns3cret\n", ""},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i].path, path) == 0) {
            copy_text(text, size, files[i].text);
            copy_text(error->text, sizeof(error->text), files[i].warning);
            return true;
        }
    }
    if (strcmp(path, "/run/long") == 0) {
        memset(text, 'x', size - 1);
        text[size - 1] = '\0';
        return true;
    }
    copy_text(error->text, sizeof(error->text), "No such file or directory");
    return false;
}

static void parse(const char *text, struct conf *conf)
{
    struct error error;
    if (!conf_parse(text, "s.conf", read_secret, conf, &error)) {
        fail_msg("refused: %s", error.text);
    }
}

static void expect_error(const char *row, const char *text,
                         const char *expected)
{
    struct conf conf;
    struct error error;
    if (conf_parse(text, "s.conf", read_secret, &conf, &error)) {
        fail_msg("%s: was accepted", row);
    }
    if (strcmp(error.text, expected) != 0) {
        fail_msg("%s:\n  is      %s\n  must be %s", row, error.text, expected);
    }
    assert_null(conf.groups); /* freed */
}

static void test_nothing_is_the_defaults(void **state)
{
    (void)state;
    struct conf conf;
    parse("", &conf);
    assert_int_equal(conf.port, 26379);
    assert_int_equal(conf.bind_count, 0);
    assert_false(conf.protected_mode);
    assert_string_equal(conf.dir, "/var/lib/sentineld");
    assert_string_equal(conf.logfile, "");
    assert_int_equal(conf.loglevel, LEVEL_NOTICE);
    assert_string_equal(conf.announce_host, "");
    assert_int_equal(conf.announce_port, 0);
    assert_int_equal(conf.max_clients, 10000);
    assert_int_equal(conf.client_output_limit_bytes, 32 * 1024 * 1024);
    assert_int_equal(conf.vote_lease_ms, 2000);
    assert_int_equal(conf.pool_size, 0);
    assert_int_equal(conf.group_count, 0);
    assert_int_equal(conf.seed_count, 0);
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
}

static void test_group_has_defaults(void **state)
{
    (void)state;
    struct conf conf;
    parse("groups = ( { name = \"m\"; host = \"10.0.0.1\"; port = 6379;"
          " quorum = 2; } );",
          &conf);
    const struct group_settings *settings = &conf.groups[0].settings;
    assert_int_equal(conf.group_count, 1);
    assert_string_equal(conf.groups[0].name, "m");
    assert_string_equal(conf.groups[0].master.host, "10.0.0.1");
    assert_int_equal(conf.groups[0].master.port, 6379);
    assert_int_equal(settings->quorum, 2);
    assert_int_equal(settings->down_after_ms, 30000);
    assert_int_equal(settings->refused_after_ms, 0);
    assert_int_equal(settings->failover_timeout_ms, 180000);
    assert_int_equal(settings->parallel_syncs, 1);
    assert_int_equal(settings->pool_size, 0);
    assert_string_equal(conf.logins[0].user, "");
    assert_string_equal(conf.logins[0].password, "");
    conf_free(&conf);
}

static void test_every_key_takes_effect(void **state)
{
    (void)state;
    struct conf conf;
    parse("port = 26380; bind = [ \"127.0.0.1\", \"::1\" ];\n"
          "protected_mode = true; dir = \"d\"; logfile = \"/l\";\n"
          "loglevel = \"debug\"; announce_host = \"s1.example\";\n"
          "announce_port = 1000; max_clients = 7; pool_size = 5;\n"
          "client_output_limit_bytes = 1073741824L; vote_lease_ms = 500L;\n"
          "groups = ( { name = \"m\"; host = \"r1\"; port = 1; quorum = 3;\n"
          "  down_after_ms = 1000; refused_after_ms = 200;\n"
          "  failover_timeout_ms = 60000; parallel_syncs = 4;\n"
          "  pool_size = 7; auth_user = \"u\"; auth_pass = \"p w\"; },\n"
          "{ name = \"n\"; host = \"::1\"; port = 0x10; quorum = 3; } );\n",
          &conf);
    assert_int_equal(conf.port, 26380);
    assert_int_equal(conf.bind_count, 2);
    assert_string_equal(conf.bind[0], "127.0.0.1");
    assert_string_equal(conf.bind[1], "::1");
    assert_false(conf.bind_optional[0]);
    assert_true(conf.protected_mode);
    assert_string_equal(conf.dir, "d");
    assert_string_equal(conf.logfile, "/l");
    assert_int_equal(conf.loglevel, LEVEL_DEBUG);
    assert_string_equal(conf.announce_host, "s1.example");
    assert_int_equal(conf.announce_port, 1000);
    assert_int_equal(conf.max_clients, 7);
    assert_int_equal(conf.client_output_limit_bytes, 1073741824);
    assert_int_equal(conf.vote_lease_ms, 500);
    assert_int_equal(conf.group_count, 2);
    const struct group_settings *settings = &conf.groups[0].settings;
    assert_int_equal(settings->quorum, 3);
    assert_int_equal(settings->down_after_ms, 1000);
    assert_int_equal(settings->refused_after_ms, 200);
    assert_int_equal(settings->failover_timeout_ms, 60000);
    assert_int_equal(settings->parallel_syncs, 4);
    assert_int_equal(settings->pool_size, 7);
    assert_string_equal(conf.logins[0].user, "u");
    assert_string_equal(conf.logins[0].password, "p w");
    assert_int_equal(conf.groups[1].master.port, 16);
    assert_int_equal(conf.groups[1].settings.pool_size, 5); /* the pool's */
    conf_free(&conf);
}

static void test_whole_file_errors(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *text;
        const char *error;
    } rows[] = {
        {"unknown key, near miss", "\nprot = 1;",
         "s.conf:2: unknown key prot; did you mean port?"},
        {"dashes for underscores", "max-clients = 1;",
         "s.conf:1: unknown key max-clients; did you mean max_clients?"},
        {"capitals", "LogLevel = \"debug\";",
         "s.conf:1: unknown key LogLevel; did you mean loglevel?"},
        {"unknown key, nothing near", "sentinel = 1;",
         "s.conf:1: unknown key sentinel; there are port, bind, "
         "protected_mode, dir, logfile, loglevel, announce_host, "
         "announce_port, max_clients, client_output_limit_bytes, "
         "vote_lease_ms, pool_size, groups"},
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
         "s.conf:1: port is 4294967297; it must be 1 to 65535"},
        {"65 bits", "port = 18446744073709551617L;",
         "s.conf:1: 18446744073709551617 is larger than any value here may "
         "be"},
        {"negative", "port = -1;",
         "s.conf:1: port is -1; it must be 1 to "
         "65535"},
        {"string for a number", "port = \"26379\";",
         "s.conf:1: port is a string; it must be an integer, 1 to 65535"},
        {"float for a number", "port = 26379.0;",
         "s.conf:1: port is a number with a point; it must be an integer, 1 "
         "to 65535"},
        {"number for a boolean", "protected_mode = 1;",
         "s.conf:1: protected_mode is an integer; it must be true or false"},
        {"boolean for a string", "dir = true;",
         "s.conf:1: dir is a boolean; it must be a string, 1 to 1023 bytes"},
        {"empty directory", "dir = \"\";",
         "s.conf:1: dir has 0 bytes; it must be 1 to 1023 bytes"},
        {"no such level", "loglevel = \"loud\";",
         "s.conf:1: loglevel \"loud\" is no level; it must be debug, verbose, "
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
        {"bad announced host", "announce_host = \"a b\";",
         "s.conf:1: announce_host \"a b\" is neither an ip address nor a host "
         "name; it must be an ip address or a host name, or empty"},
        {"control characters are not echoed", "loglevel = \"\\x1b[2J\";",
         "s.conf:1: loglevel \"?[2J\" is no level; it must be debug, verbose, "
         "notice, warning or nothing"},
        {"groups as an array", "groups = [ ];",
         "s.conf:1: groups is an array; it must be a list like ( { name = "
         "\"m\"; ... }, ... ), at most 20000 groups"},
        {"something else in groups", "groups = (\n1 );",
         "s.conf:2: groups[0] is not a group; it must be like { name = \"m\"; "
         "host = \"10.0.0.1\"; port = 6379; quorum = 2; }"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_error(rows[i].name, rows[i].text, rows[i].error);
    }
}

static void test_group_errors(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *lines; /* of the second group, from line 3 on */
        const char *error;
    } rows[] = {
        {"quorum 0", "name=\"n\";\nhost=\"b\"; port=1;\nquorum=0;",
         "s.conf:5: groups[1].quorum is 0; it must be 1 to 64"},
        {"quorum a string", "name=\"n\"; host=\"b\"; port=1; quorum=\"2\";",
         "s.conf:3: groups[1].quorum is a string; it must be an integer, 1 to "
         "64"},
        {"no quorum", "name=\"n\"; host=\"b\"; port=1;",
         "s.conf:3: groups[1].quorum is missing; it must be an integer, 1 to "
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
        {"unknown key",
         "name=\"n\"; host=\"b\"; port=1; quorum=1;\ndown-after=1;",
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
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1024];
        (void)snprintf(text, sizeof(text),
                       "groups = ( { name=\"m\"; host=\"a.example\"; port=1; "
                       "quorum=1; },\n\n{ %s } );\n",
                       rows[i].lines);
        expect_error(rows[i].name, text, rows[i].error);
    }
}

/* Both ends of every number's range are in it, and their neighbours are not;
 * with and without an L. */
static void check_range(const struct conf_key *key, const char *before,
                        const char *after)
{
    const struct {
        int64_t value;
        bool allowed;
    } rows[] = {
        {(int64_t)key->minimum, true},
        {(int64_t)key->maximum, true},
        {(int64_t)key->minimum - 1, false},
        {(int64_t)key->maximum + 1, false},
    };
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf conf;
        struct error error;
        char text[512];
        (void)snprintf(text, sizeof(text), "%s%s = %" PRId64 "%s; %s", before,
                       key->name, rows[i / 2].value, i % 2 == 0 ? "" : "L",
                       after);
        bool ok = conf_parse(text, "s.conf", read_secret, &conf, &error);
        if (ok != rows[i / 2].allowed) {
            fail_msg("%s: %s", text, ok ? "accepted" : error.text);
        }
        conf_free(&conf);
    }
}

static void test_ends_of_every_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < conf_top_table.count; i++) {
        if (conf_top_table.keys[i].type == CONF_NUMBER) {
            check_range(&conf_top_table.keys[i], "", "");
        }
    }
    for (size_t i = 0; i < conf_group_table.count; i++) {
        const struct conf_key *key = &conf_group_table.keys[i];
        bool is_port = strcmp(key->name, "port") == 0;
        bool is_quorum = strcmp(key->name, "quorum") == 0;
        bool is_down_after = strcmp(key->name, "down_after_ms") == 0;
        char after[128];
        (void)snprintf(after, sizeof(after), "%s %s %s } );",
                       is_port ? "" : "port = 1;",
                       is_quorum ? "" : "quorum = 1;",
                       is_down_after ? "" : "down_after_ms = 86400000;");
        if (key->type == CONF_NUMBER) {
            check_range(key, "groups = ( { name = \"m\"; host = \"a\"; ",
                        after);
        }
    }
}

static void test_a_letter_too_few_is_understood(void **state)
{
    (void)state;
    const struct conf_table *tables[] = {&conf_top_table, &conf_group_table};
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            const char *name = tables[t]->keys[i].name;
            for (size_t cut = 0; cut < strlen(name) && name[3] != '\0'; cut++) {
                char wrong[64];
                (void)snprintf(wrong, sizeof(wrong), "%.*s%s", (int)cut, name,
                               name + cut + 1);
                const struct conf_key *guess =
                    conf_table_guess(tables[t], wrong);
                assert_non_null(guess);
                assert_string_equal(guess->name, name);
            }
        }
    }
}

static void test_passwords_from_files(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *warning;
    } rows[] = {
        {"/run/line", NULL},
        {"/run/bare", NULL},
        {"/run/dos", NULL},
        {"/run/open", "s.conf:2: groups[0].auth_pass_file /run/open can be "
                      "read by every user; chmod 600 it"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf conf;
        char text[256];
        (void)snprintf(text, sizeof(text),
                       "groups = ( { name=\"m\"; host=\"a\"; port=1; quorum=1;"
                       "\nauth_user=\"u\"; auth_pass_file=\"%s\"; } );",
                       rows[i].path);
        parse(text, &conf);
        const struct conf_login *login = conf_find_login(&conf, "m");
        assert_non_null(login);
        assert_string_equal(login->user, "u");
        assert_string_equal(login->password, "s3cret");
        assert_int_equal(conf.warning_count, rows[i].warning != NULL ? 1 : 0);
        if (rows[i].warning != NULL) {
            assert_string_equal(conf.warnings[0], rows[i].warning);
        }
        conf_free(&conf);
    }
}

static void test_includes_in_texts_are_texts(void **state)
{
    (void)state;
    struct conf conf;
    parse("# @include \"x\"\n// @include \"y\"\n/*\n@include \"z\"\n*/\n"
          "dir = \"\\\"\n@include 4294967297 /* \\\\\"; port = 1;",
          &conf);
    assert_string_equal(conf.dir, "\"\n@include 4294967297 /* \\");
    assert_int_equal(conf.port, 1);
    conf_free(&conf);
}

static void test_core_is_told(void **state)
{
    (void)state;
    struct conf conf;
    struct core_conf core;
    parse("port = 5; vote_lease_ms = 3000; groups = ( { name = \"m\"; host = "
          "\"a\"; port = 1; quorum = 1; } );",
          &conf);
    conf_core(&conf, &core);
    assert_int_equal(core.port, 5);
    assert_int_equal(core.vote_lease_ms, 3000);
    assert_string_equal(core.announce_host, "");
    assert_int_equal(core.group_count, 1);
    assert_ptr_equal(core.groups, conf.groups);
    conf.announce_port = 6;
    copy_text(conf.announce_host, sizeof(conf.announce_host), "h");
    conf_core(&conf, &core);
    assert_int_equal(core.port, 6);
    assert_string_equal(core.announce_host, "h");
    assert_null(conf_find_login(&conf, "other"));
    conf_free(&conf);
}

/* Length of text for `count` groups; the caller frees it. */
static char *many_groups(int count)
{
    size_t size = 64 + (size_t)count * 96;
    char *text = xmalloc(size);
    size_t used = (size_t)snprintf(text, size, "groups = (");
    for (int i = 0; i < count; i++) {
        used += (size_t)snprintf(text + used, size - used,
                                 "%s\n{ name = \"m%d\"; host = \"h%d\"; port = "
                                 "1; quorum = 1; }",
                                 i == 0 ? "" : ",", i, i);
    }
    (void)snprintf(text + used, size - used, ");");
    return text;
}

static void test_as_many_groups_as_may_be(void **state)
{
    (void)state;
    struct conf conf;
    char *text = many_groups(MAX_GROUPS);
    parse(text, &conf);
    free(text);
    assert_int_equal(conf.group_count, MAX_GROUPS);
    assert_string_equal(conf.groups[MAX_GROUPS - 1].name, "m19999");
    assert_ptr_equal(conf_find_login(&conf, "m19999"),
                     &conf.logins[MAX_GROUPS - 1]);
    conf_free(&conf);
    text = many_groups(MAX_GROUPS + 1);
    expect_error("one more", text,
                 "s.conf:1: 20001 groups; there may be 20000");
    free(text);
}

/* Cut anywhere, a file is accepted or refused with a sentence. */
static void test_truncated_anywhere(void **state)
{
    (void)state;
    static const char whole[] =
        "port = 26380; /* c */ bind = [ \"::1\" ]; # d\n"
        "groups = ( { name = \"m\"; host = \"10.0.0.1\"; port = 6379; quorum "
        "= 2; auth_pass_file = \"/run/open\"; } );\n";
    for (size_t length = 0; length < sizeof(whole); length++) {
        struct conf conf;
        struct error error;
        char text[sizeof(whole)];
        memcpy(text, whole, length);
        text[length] = '\0';
        if (conf_parse(text, "s.conf", read_secret, &conf, &error)) {
            conf_free(&conf);
        } else {
            assert_memory_equal(error.text, "s.conf:", 7);
            assert_true(strlen(error.text) > 12);
        }
    }
}

static void test_long_file_name_leaves_the_sentence(void **state)
{
    (void)state;
    struct conf conf;
    struct error error;
    char name[1024];
    memset(name, 'd', sizeof(name));
    memcpy(name + sizeof(name) - 8, "/s.conf", 8);
    assert_false(conf_parse("port = 0;", name, read_secret, &conf, &error));
    assert_non_null(strstr(error.text, "/s.conf:1: port is 0; it must be 1 to "
                                       "65535"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_the_defaults),
        cmocka_unit_test(test_group_has_defaults),
        cmocka_unit_test(test_every_key_takes_effect),
        cmocka_unit_test(test_whole_file_errors),
        cmocka_unit_test(test_group_errors),
        cmocka_unit_test(test_ends_of_every_range),
        cmocka_unit_test(test_a_letter_too_few_is_understood),
        cmocka_unit_test(test_passwords_from_files),
        cmocka_unit_test(test_includes_in_texts_are_texts),
        cmocka_unit_test(test_core_is_told),
        cmocka_unit_test(test_as_many_groups_as_may_be),
        cmocka_unit_test(test_truncated_anywhere),
        cmocka_unit_test(test_long_file_name_leaves_the_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
