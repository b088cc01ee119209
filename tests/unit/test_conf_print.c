/* An imported sentinel.conf as a file of ours: what it looks like, and that
 * reading it gives the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "conf_fixture.h"
#include "sentineld/acl.h"
#include "sentineld/buffer.h"
#include "sentineld/memory.h"

enum { TEXT_MAX = 1 << 20 };

#define MONITOR "sentinel monitor m 10.0.0.1 6379 2\n"

static bool no_file(const char *name, char *content, size_t size,
                    struct error *error)
{
    (void)content;
    (void)size;
    copy_text(error->text, sizeof(error->text), name);
    return false;
}

/* Without the comments, which only the first reading can give. */
static const char *skip_comments(const char *text)
{
    while (*text == '#') {
        text += strcspn(text, "\n") + 1;
    }
    return text;
}

/* Prints what the text says; the caller clears `out`. */
static void import(const char *text, struct buffer *out)
{
    struct conf conf;
    conf_fixture_parse_redis(text, "", &conf);
    buffer_init(out, TEXT_MAX);
    conf_print(&conf, out);
    assert_true(buffer_append(out, "", 1));
    conf_free(&conf);
}

static void a_whole_file(void **state)
{
    (void)state;
    struct buffer out;
    import("port 26380\nbind 127.0.0.1 -::1\ndir /var/lib/s\n"
           "supervised systemd\nmaxmemory 5\n" MONITOR
           "sentinel down-after-milliseconds m 5000\n"
           "sentinel auth-pass m \"p\\\"\\\\ \\x07\\xc3\\xbc\"\n"
           "sentinel client-reconfig-script m /opt/rc.sh\n"
           "sentinel rename-command m slaveof a\\b\n"
           "sentinel monitor other h.example 7000 1\n"
           "sentinel known-replica m 10.0.0.2 6379\n"
           "sentinel resolve-hostnames yes\n",
           &out);
    assert_string_equal(
        out.data,
        "# bind: ::1 must be an address of this machine now\n"
        "# s.conf:5: maxmemory has no effect here\n"
        "# The id, the epochs, the replicas and the supervisors that are "
        "noted there are\n"
        "# state. To keep them, start once with that file and the dir of this "
        "one.\n"
        "port = 26380;\n"
        "bind = [ \"127.0.0.1\", \"::1\" ];\n"
        "dir = \"/var/lib/s\";\n"
        "syslog_ident = \"redis\";\n"
        "supervised = \"systemd\";\n"
        "announce_hostnames = false;\n"
        "tls_verify_host = false;\n"
        "groups = (\n"
        "    {\n"
        "        name = \"m\";\n"
        "        host = \"10.0.0.1\";\n"
        "        port = 6379;\n"
        "        quorum = 2;\n"
        "        down_after_ms = 5000;\n"
        "        auth_pass = \"p\\\"\\\\ \\x07\xc3\xbc\";\n"
        "        rename_commands = [ \"SLAVEOF a\\\\b\" ];\n"
        "        client_reconfig_script = \"/opt/rc.sh\";\n"
        "    },\n"
        "    {\n"
        "        name = \"other\";\n"
        "        host = \"h.example\";\n"
        "        port = 7000;\n"
        "        quorum = 1;\n"
        "    }\n"
        ");\n");
    buffer_clear(&out);
}

static const char *const files[] = {
    "",
    "port 1\nloglevel nothing\nlogfile \"/a \\\"b\\\"\"\nprotected-mode yes\n"
    "maxclients 1000000\ndaemonize yes\npidfile /run/x\nsyslog-enabled yes\n"
    "syslog-facility local7\nsupervised auto",
    "sentinel announce-ip h.example\nsentinel announce-port 5\n"
    "sentinel deny-scripts-reconfig no\n" MONITOR
    "sentinel failover-timeout m 86400000\nsentinel parallel-syncs m 9\n"
    "sentinel auth-user m 'u \\x'\nsentinel auth-pass m \"\\n\\t\\x01${A}\"\n"
    "sentinel notification-script m '/a b'\n",
    MONITOR "sentinel rename-command m config my-config\n"
            "sentinel rename-command m EXEC '\\q\"'\n",
    MONITOR "sentinel monitor n ::1 6379 1\nsentinel monitor o h 1 64\n"
            "sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\n",
    "user default off\nuser a on nopass +ping (&x* +publish)\nuser b on "
    "\">q\\\"\"\n",
    MONITOR "sentinel auth-user m alone\nsentinel sentinel-user alone\n",
    "aclfile /etc/users.acl\nrequirepass x\n",
    "tls-port 26390\nport 0\ntls-cert-file /c\ntls-key-file /k\n"
    "tls-ca-cert-file /a\ntls-replication yes\ntls-auth-clients optional\n"
    "tls-protocols \"TLSv1.2 TLSv1.3\"\n" MONITOR,
};

static void users_are_carried_over(void **state)
{
    (void)state;
    struct buffer out;
    struct buffer said;
    struct conf conf;
    struct error error = {""};
    import("requirepass s3cret\nuser app on >pw ~a* &* +@all -acl\n"
           "sentinel sentinel-user peer\nsentinel sentinel-pass pp\n",
           &out);
    assert_null(strstr(out.data, ">pw"));
    if (!conf_parse(out.data, "ours", no_file, &conf, &error)) {
        fail_msg("%s in\n%s", error.text, out.data);
    }
    const struct acl_user *app = acl_find(conf.users, "app", 3);
    assert_non_null(app);
    buffer_init(&said, TEXT_MAX);
    acl_describe_user(app, &said);
    assert_true(buffer_append(&said, "", 1));
    assert_non_null(strstr(out.data, said.data));
    assert_true(acl_default_has_password(conf.users));
    assert_string_equal(conf.requirepass, "s3cret");
    assert_string_equal(conf.peer_login.user, "peer");
    assert_string_equal(conf.peer_login.password, "pp");
    conf_free(&conf);
    buffer_clear(&said);
    buffer_clear(&out);
}

static void reading_it_gives_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct buffer first;
        struct buffer second;
        struct conf conf;
        struct error error = {""};
        import(files[i], &first);
        if (!conf_parse(first.data, "ours", no_file, &conf, &error)) {
            fail_msg("%s in\n%s", error.text, first.data);
        }
        buffer_init(&second, TEXT_MAX);
        conf_print(&conf, &second);
        assert_true(buffer_append(&second, "", 1));
        assert_string_equal(skip_comments(second.data),
                            skip_comments(first.data));
        conf_free(&conf);
        buffer_clear(&first);
        buffer_clear(&second);
    }
}

/* The printed file is the same configuration, not only the same text. */
static void values_are_those_of_the_old_file(void **state)
{
    (void)state;
    struct buffer out;
    struct conf before;
    struct conf after;
    struct error error = {""};
    conf_fixture_parse_redis(files[2], "", &before);
    import(files[2], &out);
    assert_true(conf_parse(out.data, "ours", no_file, &after, &error));
    assert_string_equal(after.settings.announce_host,
                        before.settings.announce_host);
    assert_int_equal(after.settings.announce_port, 5);
    assert_false(after.deny_scripts_reconfig);
    assert_int_equal(after.supervised, SUPERVISED_NO);
    assert_int_equal(after.group_count, 1);
    assert_string_equal(after.logins[0].user, "u \\x");
    assert_string_equal(after.logins[0].password, "\n\t\x01${A}");
    assert_string_equal(after.groups[0].settings.notification_script, "/a b");
    assert_true(after.groups[0].settings.failover_timeout_ms == 86400000);
    conf_free(&before);
    conf_free(&after);
    buffer_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_file),
        cmocka_unit_test(reading_it_gives_the_same),
        cmocka_unit_test(users_are_carried_over),
        cmocka_unit_test(values_are_those_of_the_old_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
