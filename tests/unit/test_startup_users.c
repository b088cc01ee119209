/* Users at the start: what the configuration says, what the state remembers,
 * and which of them changed last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/start/startup.h"
#include "io/store/users_file.h"
#include "store_fixture.h"

static int set_up(void **state)
{
    struct store_fixture *fixture = store_fixture_new();
    store_fixture_open(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    store_fixture_free(*state);
    return 0;
}

static void put(struct acl *acl, const char *name, const char *rules)
{
    struct error error;
    assert_true(acl_put_user(acl, name, rules, &error));
}

/* What a user is after this start; "" = there is none. */
static void assert_user(struct store *store, struct conf *conf,
                        const char *name, const char *expected)
{
    struct startup_users users;
    struct error error = {""};
    struct buffer out;
    if (!startup_load_users(store, conf, &users, &error)) {
        fail_msg("%s", error.text);
    }
    const struct acl_user *user = acl_find(users.live, name, strlen(name));
    buffer_init(&out, SIZE_MAX);
    if (user != NULL) {
        acl_describe_user(user, &out);
    }
    assert_true(buffer_append(&out, "", 1));
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
    startup_users_clear(&users);
    assert_true(store_save_now(store, NULL, 0, &error));
}

/* What SETUSER or DELUSER at run time leaves behind. */
static void remember(struct store *store, const char *name,
                     const char *declared, const char *value)
{
    const struct store_text text = {
        .kind = "user", .name = name, .declared = declared, .value = value};
    struct error error;
    store_save_texts(store, &text, 1, 0);
    assert_true(store_save_now(store, NULL, 0, &error));
}

#define OFF  "off resetchannels -@all"
#define ON   "on resetchannels -@all"
#define PING "on resetchannels -@all +ping"
#define OPEN "on nopass ~* &* +@all"

static const struct start_row {
    const char *name;
    const char *declared;   /* before; NULL = no row */
    const char *value;      /* at run time since */
    const char *configured; /* now; NULL = not named */
    const char *expected;
} start_rows[] = {
    {"nobody", NULL, NULL, NULL, ""},
    {"the configuration alone", NULL, NULL, ON, ON},
    {"made at run time", "", PING, NULL, PING},
    {"changed at run time", ON, PING, ON, PING},
    {"removed at run time", ON, "", ON, ""},
    {"the configuration changed since", ON, PING, OFF, OFF},
    {"and brings him back", ON, "", OFF, OFF},
    {"the configuration forgot him", ON, PING, NULL, ""},
    {"made at run time, then configured", "", PING, ON, ON},
};

static void test_who_changed_last(void **state)
{
    struct store_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(start_rows) / sizeof(start_rows[0]); i++) {
        const struct start_row *row = &start_rows[i];
        struct conf conf;
        char name[16];
        conf_default(&conf);
        (void)snprintf(name, sizeof(name), "user%zu", i);
        if (row->declared != NULL) {
            remember(fixture->store, name, row->declared, row->value);
        }
        if (row->configured != NULL) {
            conf.users = acl_new_empty();
            put(conf.users, name, row->configured);
        }
        for (int start = 0; start < 2; start++) {
            print_message("%s, start %d\n", row->name, start);
            assert_user(fixture->store, &conf, name, row->expected);
        }
        conf_free(&conf);
    }
}

static void test_default_user(void **state)
{
    struct store_fixture *fixture = *state;
    struct conf conf;
    conf_default(&conf);
    assert_user(fixture->store, &conf, "default", OPEN);
    remember(fixture->store, "default", "", ON);
    assert_user(fixture->store, &conf, "default", ON);
    conf.users = acl_new_empty();
    put(conf.users, "default", PING);
    assert_user(fixture->store, &conf, "default", PING);
    conf_free(&conf);
    conf_default(&conf);
    assert_user(fixture->store, &conf, "default", OPEN);
    conf_free(&conf);
}

/* Rules that cannot be read never stop a start and never open anything: the
 * user is off, at this start and at the next, until he gets other rules. */
static const struct unreadable_row {
    const char *name;
    const char *user;
    const char *rules;
    const char *configured; /* and what it said when the row was written */
} unreadable_rows[] = {
    {"another version's command", "a", "on nopass ~* &* +nosuch", NULL},
    {"no rules at all", "b", "%", NULL},
    {"a bracket that stays open", "c", "on nopass +@all (~x", NULL},
    {"a pattern behind all keys", "d", "on nopass ~* ~foo &* +@all", NULL},
    {"one whom the configuration names", "e", "on nopass +@all +nosuch", ON},
    {"everybody before logging in", "default", "on nopass +@all nosuch", NULL},
};

static void test_unreadable_rules(void **state)
{
    struct store_fixture *fixture = *state;
    size_t count = sizeof(unreadable_rows) / sizeof(unreadable_rows[0]);
    for (size_t i = 0; i < count; i++) {
        const struct unreadable_row *row = &unreadable_rows[i];
        struct conf conf;
        print_message("%s\n", row->name);
        conf_default(&conf);
        if (row->configured != NULL) {
            conf.users = acl_new_empty();
            put(conf.users, row->user, row->configured);
        }
        remember(fixture->store, row->user,
                 row->configured == NULL ? "" : row->configured, row->rules);
        assert_user(fixture->store, &conf, row->user, OFF);
        assert_user(fixture->store, &conf, row->user, OFF);
        remember(fixture->store, row->user,
                 row->configured == NULL ? "" : row->configured, PING);
        assert_user(fixture->store, &conf, row->user, PING);
        conf_free(&conf);
    }
}

static void test_unreadable_row_stays(void **state)
{
    struct store_fixture *fixture = *state;
    struct store_text *texts;
    struct error error;
    struct conf conf;
    size_t count;
    conf_default(&conf);
    conf.users = acl_new_empty();
    put(conf.users, "a", ON);
    remember(fixture->store, "a", ON, "on +nosuch");
    assert_user(fixture->store, &conf, "a", OFF);
    assert_true(store_load_texts(fixture->store, &texts, &count, &error));
    assert_int_equal(count, 1);
    assert_string_equal(texts[0].value, "on +nosuch");
    store_texts_free(texts, count);
    conf_free(&conf);
}

static void test_names_nobody_can_have(void **state)
{
    struct store_fixture *fixture = *state;
    char name[ACL_NAME_SIZE + 8];
    struct conf conf;
    conf_default(&conf);
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    remember(fixture->store, name, "", OPEN);
    remember(fixture->store, "a b", "", OPEN);
    name[ACL_NAME_SIZE - 1] = '\0';
    assert_user(fixture->store, &conf, name, "");
    assert_user(fixture->store, &conf, "a b", "");
    assert_user(fixture->store, &conf, "default", OPEN);
    conf_free(&conf);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_file(void **state)
{
    struct store_fixture *fixture = *state;
    struct startup_users users;
    struct error error = {""};
    struct stat status;
    struct conf conf;
    conf_default(&conf);
    (void)snprintf(conf.acl_file, sizeof(conf.acl_file), "%s",
                   store_fixture_path(fixture->dir, "users"));
    assert_false(startup_load_users(fixture->store, &conf, &users, &error));
    assert_non_null(strstr(error.text, "No such file"));
    startup_users_clear(&users);
    write_text(conf.acl_file, "user a on\nuser a off\n");
    assert_false(startup_load_users(fixture->store, &conf, &users, &error));
    assert_non_null(strstr(error.text, "Duplicate user 'a'"));
    startup_users_clear(&users);
    write_text(conf.acl_file, "user a on +ping\n");
    assert_true(startup_load_users(fixture->store, &conf, &users, &error));
    put(users.live, "b", "off");
    assert_true(users_file_write(conf.acl_file, users.live, &error));
    startup_users_clear(&users);
    assert_int_equal(stat(conf.acl_file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_user(fixture->store, &conf, "a", PING);
    assert_user(fixture->store, &conf, "b", OFF);
    assert_user(fixture->store, &conf, "default", OPEN);
    assert_int_equal(unlink(conf.acl_file), 0);
    (void)snprintf(conf.acl_file, sizeof(conf.acl_file), "/nowhere/users");
    struct acl *acl = acl_new();
    assert_false(users_file_write(conf.acl_file, acl, &error));
    assert_string_equal(error.text, "cannot create '/nowhere/users.new': No "
                                    "such file or directory");
    acl_free(acl);
    conf_free(&conf);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_who_changed_last),      CASE(test_default_user),
        CASE(test_unreadable_rules),      CASE(test_unreadable_row_stays),
        CASE(test_names_nobody_can_have), CASE(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
