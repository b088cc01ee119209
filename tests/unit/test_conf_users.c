/* Users, passwords and logins of the port and of peers, as both kinds of file
 * declare them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sentineld/acl.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"

#define PW_HASH \
    "30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4"
#define NO_COMMAND "Unknown command or category name in ACL"

static bool read_file(const char *path, char *text, size_t size,
                      struct error *error)
{
    (void)error;
    copy_text(text, size, "pw\nmore\n");
    return strcmp(path, "/secret") == 0;
}

/* A file, and the users or the error that come of it. */
static const struct users_row {
    const char *text;
    const char *expected;
} native_rows[] =
    {
        {"", ""},
        {"users = ( );", ""},
        {"users = ( { name = \"app\"; rules = \"on >pw &* +ping\"; } );",
         "user app on #" PW_HASH " &* -@all +ping\n"},
        {"users = ( { name = \"b\"; rules = \"\"; },"
         " { name = \"a\"; rules = \"(+ping ~x) nopass\"; } );",
         "user a off nopass resetchannels -@all (~x resetchannels -@all "
         "+ping)\n"
         "user b off resetchannels -@all\n"},
        {"requirepass = \"pw\";", "user default on #" PW_HASH " ~* &* +@all\n"},
        {"requirepass_file = \"/secret\";",
         "user default on #" PW_HASH " ~* &* +@all\n"},
        {"requirepass = \"pw\"; users = ( { name = \"default\"; rules = "
         "\"off\"; } );",
         "user default off resetchannels -@all\n"},
        {"aclfile = \"/users\";", ""},
        {"requirepass = \"pw\"; aclfile = \"/users\";",
         "user default on #" PW_HASH " ~* &* +@all\n"},
        {"requirepass = \"a\";\nrequirepass_file = \"/secret\";",
         "s.conf:2: requirepass and requirepass_file are both given; give one "
         "of "
         "them"},
        {"requirepass_file = \"/no\";",
         "s.conf:1: requirepass_file /no cannot be read: "},
        {"sentinel_user = \"u\";",
         "s.conf:1: sentinel_user needs a password; give sentinel_pass or "
         "sentinel_pass_file"},
        {"aclfile = \"/users\";\nusers = ( { name = \"a\"; rules = \"on\"; } "
         ");",
         "s.conf:1: users are given here and an access list file too; give one "
         "of "
         "them"},
        {"users = ( 1 );",
         "s.conf:1: users[0] is not a group; it must be like { name = \"app\"; "
         "rules = \"on >secret &* +@all\"; }"},
        {"users = 1;",
         "s.conf:1: users is an integer; it must be a list like ( { name = "
         "\"app\"; rules = \"on\"; }, ... ), at most 1000 users"},
        {"users = ( { name = \"a\"; } );",
         "s.conf:1: users[0].rules is missing; it must be a string, at most "
         "16384 "
         "bytes"},
        {"users = ( { name = \"a b\"; rules = \"\"; } );",
         "s.conf:1: users[0].name: Usernames can't contain spaces or null "
         "characters"},
        {"users = ( { name = \"a\"; rules = \"\"; },\n{ name = \"a\"; rules = "
         "\"\"; } );",
         "s.conf:2: users[1].name: Duplicate user \"a\" found. A user can only "
         "be "
         "defined once in config files"},
        {"users = ( { name = \"a\"; rules = \"+foo\"; } );",
         "s.conf:1: users[0].rules: +foo: " NO_COMMAND},
        {"users = ( { name = \"a\"; rules = \"<hush\"; } );",
         "s.conf:1: users[0].rules: The password you are trying to remove from "
         "the user does not exist"},
        {"users = ( { name = \"a\"; rules = \"hush\"; } );",
         "s.conf:1: users[0].rules: Syntax error"},
        {"users = ( { name = \"a\"; rules = \"(hush\"; } );",
         "s.conf:1: users[0].rules: Unmatched parenthesis in acl selector"},
},
  redis_rows[] = {
      {"requirepass pw", "user default on #" PW_HASH " ~* &* +@all\n"},
      {"requirepass \"\"", ""},
      {"user app on \">p w\" >pw &* +ping\nUSER b",
       "user app on "
       "#98913e6cb4a5776c38dbbc32f28532ae88f01ced08853a91c1bbdcbe3210f68e "
       "#" PW_HASH " &* -@all +ping\n"
       "user b off resetchannels -@all\n"},
      {"user default on nopass sanitize-payload ~* &* +@all\nrequirepass x",
       "user default on nopass sanitize-payload ~* &* +@all\n"},
      {"aclfile /users", ""},
      {"aclfile /users\nuser a on", "s.conf:1: users are given here and an "
                                    "access list file too; give one of "
                                    "them"},
      {"user", "s.conf:1: user: Bad directive or wrong number of arguments"},
      {"user a +foo", "s.conf:1: user: rules: +foo: " NO_COMMAND},
      {"user a >x\nuser a on",
       "s.conf:2: user: name: Duplicate user \"a\" found. A user can only be "
       "defined once in config files"},
      {"requirepass", "s.conf:1: requirepass: wrong number of arguments"},
};

static void assert_users(const struct users_row *row, bool ok,
                         struct conf *conf, const struct error *error)
{
    struct buffer out;
    buffer_init(&out, SIZE_MAX);
    if (!ok) {
        (void)buffer_printf(&out, "%s", error->text);
    } else if (conf->users != NULL) {
        acl_write_file(conf->users, &out);
    }
    assert_true(buffer_append(&out, "", 1));
    if (strcmp(out.data, row->expected) != 0) {
        fail_msg("%s\n  gives     %s\n  must give %s", row->text, out.data,
                 row->expected);
    }
    buffer_clear(&out);
    if (ok) {
        conf_free(conf);
    }
}

static void test_native(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(native_rows) / sizeof(native_rows[0]); i++) {
        struct conf conf;
        struct error error = {""};
        bool ok =
            conf_parse(native_rows[i].text, "s.conf", read_file, &conf, &error);
        assert_users(&native_rows[i], ok, &conf, &error);
    }
}

static void test_sentinel_conf(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(redis_rows) / sizeof(redis_rows[0]); i++) {
        struct conf conf;
        struct error error = {""};
        bool ok = sentinel_conf_parse(redis_rows[i].text, "", "s.conf", &conf,
                                      &error);
        assert_users(&redis_rows[i], ok, &conf, &error);
    }
}

/* sentinel-pass, or else requirepass without a name. */
static const struct peer_row {
    const char *text;
    const char *user;
    const char *password;
} peer_rows[] = {
    {"", "", ""},
    {"requirepass r", "", "r"},
    {"sentinel sentinel-pass p\nrequirepass r", "", "p"},
    {"sentinel sentinel-user u\nsentinel sentinel-pass p", "u", "p"},
    {"sentinel sentinel-user u\nrequirepass r", "", "r"},
};

static void test_peers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(peer_rows) / sizeof(peer_rows[0]); i++) {
        struct conf conf;
        struct error error;
        struct conf_login login;
        assert_true(sentinel_conf_parse(peer_rows[i].text, "", "s.conf", &conf,
                                        &error));
        conf_peer_login(&conf, &login);
        assert_string_equal(login.user, peer_rows[i].user);
        assert_string_equal(login.password, peer_rows[i].password);
        conf_free(&conf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_native),
        cmocka_unit_test(test_sentinel_conf),
        cmocka_unit_test(test_peers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
