/* startup: the configuration file, the first identity, open files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/start/startup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sentineld/memory.h"

struct fixture {
    char dir[64];
    struct conf conf;
    struct store *store;
    struct record *records;
    size_t count;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/test_startup.XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    conf_default(&fixture->conf);
    copy_text(fixture->conf.dir, sizeof(fixture->conf.dir), fixture->dir);
    *state = fixture;
    return 0;
}

static void remove_file(const struct fixture *fixture, const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", fixture->dir, name);
    (void)unlink(path); /* most of them never existed */
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    free(fixture->records);
    store_close(fixture->store);
    conf_free(&fixture->conf);
    static const char *const names[] = {"sentineld.db", "sentineld.db-wal",
                                        "sentineld.db-shm", "sentineld.lock",
                                        "file"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        remove_file(fixture, names[i]);
    }
    assert_int_equal(rmdir(fixture->dir), 0);
    free(fixture);
    return 0;
}

/* --- The first identity --------------------------------------------------- */

static void load(struct fixture *fixture)
{
    struct error error = {""};
    free(fixture->records);
    store_close(fixture->store);
    fixture->store = store_open(fixture->dir, &error);
    if (fixture->store == NULL ||
        !startup_load_state(fixture->store, &fixture->conf, &fixture->records,
                            &fixture->count, &error)) {
        fail_msg("%s", error.text);
    }
}

static const char *loaded_id(const struct fixture *fixture)
{
    assert_true(fixture->count > 0);
    assert_int_equal(fixture->records[0].kind, RECORD_SELF);
    return fixture->records[0].self.run_id;
}

static void test_first_id_is_random_and_kept(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    char id[RUN_ID_SIZE];
    copy_text(id, sizeof(id), loaded_id(fixture));
    assert_int_equal(strspn(id, "0123456789abcdef"), RUN_ID_LEN);
    load(fixture);
    assert_string_equal(loaded_id(fixture), id);
}

static const char given_id[] = "00000000000000000000000000000000000000aa";

static const struct group_settings good_settings = {
    .parallel_syncs = 1,
    .fencing_replicas = 1,
    .fencing_max_lag_s = 10,
    .down_after_ms = 30000,
    .failover_timeout_ms = 180000,
};

/* As a sentinel.conf with a known replica and an epoch would have it. */
static void add_seeds(struct conf *conf, const char *run_id)
{
    conf->seeds = xcalloc(2, sizeof(*conf->seeds));
    conf->seed_count = 2;
    conf->seeds[0].kind = RECORD_SELF;
    conf->seeds[0].self.current_epoch = 7;
    copy_text(conf->seeds[0].self.run_id, RUN_ID_SIZE, run_id);
    conf->seeds[1].kind = RECORD_GROUP;
    copy_text(conf->seeds[1].group.name, NAME_SIZE, "m");
    conf->seeds[1].group.from_file = true;
    conf->seeds[1].group.settings = good_settings;
    copy_text(conf->myid, RUN_ID_SIZE, run_id);
}

static void test_first_id_may_be_given(void **state)
{
    struct fixture *fixture = *state;
    copy_text(fixture->conf.myid, RUN_ID_SIZE, given_id);
    load(fixture);
    assert_string_equal(loaded_id(fixture), given_id);
}

static void test_seeds_are_taken_once(void **state)
{
    struct fixture *fixture = *state;
    add_seeds(&fixture->conf, given_id);
    load(fixture);
    assert_string_equal(loaded_id(fixture), given_id);
    assert_int_equal(fixture->count, 2);
    assert_int_equal(fixture->records[0].self.current_epoch, 7);
    assert_string_equal(fixture->records[1].group.name, "m");
    fixture->conf.seeds[0].self.current_epoch = 9;
    load(fixture);
    assert_int_equal(fixture->records[0].self.current_epoch, 7);
}

static void test_seeds_without_an_id_get_one(void **state)
{
    struct fixture *fixture = *state;
    add_seeds(&fixture->conf, "");
    load(fixture);
    assert_int_equal(strlen(loaded_id(fixture)), RUN_ID_LEN);
    assert_int_equal(fixture->records[0].self.current_epoch, 7);
}

/* Rows that we never write: the start says which, and what can be done. */
static const struct absurd_row {
    const char *name;
    uint64_t epoch;        /* of self */
    uint64_t config_epoch; /* of the group; so the vote */
    uint64_t vote_epoch;
    uint64_t down_after_ms;
    const char *said; /* NULL = it is started */
} absurd_rows[] = {
    {"sound", 7, 6, 7, 1000, NULL},
    {"the greatest", EPOCH_MAX, EPOCH_MAX, EPOCH_MAX, 1000, NULL},
    {"one more", EPOCH_MAX + 1, 1, 1, 1000, "current_epoch"},
    {"negative", (uint64_t)-1, 1, 1, 1000, "has current_epoch -1"},
    {"the group's", 1, EPOCH_MAX + 1, 1, 1000, "config_epoch"},
    {"the vote's", 1, 1, (uint64_t)INT64_MAX, 1000, "vote_epoch"},
    {"a setting of 0", 1, 1, 1, 0, "down_after_ms out of its range"},
    {"a setting for ever", 1, 1, 1, UINT64_MAX / 2, "down_after_ms"},
};

static void test_absurd_rows_are_refused(void **state)
{
    for (size_t i = 0; i < sizeof(absurd_rows) / sizeof(absurd_rows[0]); i++) {
        const struct absurd_row *row = &absurd_rows[i];
        struct error error = {""};
        assert_int_equal(i == 0 ? 0 : tear_down(state) + set_up(state), 0);
        struct fixture *fixture = *state;
        fixture->store = store_open(fixture->dir, &error);
        assert_non_null(fixture->store);
        struct record records[2] = {{.kind = RECORD_SELF},
                                    {.kind = RECORD_GROUP}};
        copy_text(records[0].self.run_id, RUN_ID_SIZE, given_id);
        records[0].self.current_epoch = row->epoch;
        struct record_group *group = &records[1].group;
        copy_text(group->name, NAME_SIZE, "m");
        copy_text(group->master.host, HOST_SIZE, "10.0.0.1");
        group->master.port = 6379;
        group->settings = good_settings;
        group->settings.down_after_ms = row->down_after_ms;
        group->config_epoch = row->config_epoch;
        group->vote.epoch = row->vote_epoch;
        assert_true(store_save_now(fixture->store, records, 2, &error));
        bool ok =
            startup_load_state(fixture->store, &fixture->conf,
                               &fixture->records, &fixture->count, &error);
        print_message("%s: %s\n", row->name, error.text);
        assert_int_equal(ok, row->said == NULL);
        if (!ok) {
            assert_null(fixture->records);
            assert_non_null(strstr(error.text, row->said));
            assert_non_null(strstr(error.text, "Restore it from a backup"));
        }
    }
}

static void test_state_without_an_id_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {""};
    fixture->store = store_open(fixture->dir, &error);
    assert_non_null(fixture->store);
    struct record record = {.kind = RECORD_GROUP};
    copy_text(record.group.name, NAME_SIZE, "m");
    assert_true(store_save_now(fixture->store, &record, 1, &error));
    assert_false(startup_load_state(fixture->store, &fixture->conf,
                                    &fixture->records, &fixture->count,
                                    &error));
    assert_non_null(strstr(error.text, "damaged"));
    fixture->records = NULL;
}

/* --- The configuration file ----------------------------------------------- */

static bool read_conf(struct fixture *fixture, const char *bytes, size_t length,
                      struct error *error)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/file", fixture->dir);
    if (bytes != NULL) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, length, file), length);
        assert_int_equal(fclose(file), 0);
    }
    char extra[] = "";
    struct options options = {
        .file = path, .is_sentinel_conf = true, .extra = extra};
    conf_free(&fixture->conf);
    bool ok = startup_read_conf(&options, NULL, &fixture->conf, error);
    if (!ok) {
        conf_default(&fixture->conf); /* for tear_down */
    }
    return ok;
}

static void test_conf_is_read(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {""};
    static const char text[] = "port 26399\n"
                               "sentinel monitor m 127.0.0.1 6379 2\n";
    if (!read_conf(fixture, text, strlen(text), &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(fixture->conf.port, 26399);
    assert_int_equal(fixture->conf.group_count, 1);
}

static void test_conf_that_cannot_be_read(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {""};
    assert_false(read_conf(fixture, NULL, 0, &error));
    assert_non_null(strstr(error.text, "/file: No such file"));
    assert_false(read_conf(fixture, "port\0 1", 7, &error));
    assert_non_null(strstr(error.text, "NUL"));
    assert_false(read_conf(fixture, "nonsense 1\n", 11, &error));
    assert_non_null(strstr(error.text, "nonsense"));
}

static void write_named(const struct fixture *fixture, const char *name,
                        const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", fixture->dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_files_that_are_included(void **state)
{
    struct fixture *fixture = *state;
    char text[256];
    struct error error = {""};
    write_named(fixture, "b.inc", "maxclients 55");
    write_named(fixture, "a.inc", "maxclients 44");
    snprintf(text, sizeof(text),
             "include %s/a.inc\ninclude %s/no*such\ninclude %s/[ab].inc\n",
             fixture->dir, fixture->dir, fixture->dir);
    if (!read_conf(fixture, text, strlen(text), &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(fixture->conf.max_clients, 55); /* in this order */
    snprintf(text, sizeof(text), "include %s/none.inc\n", fixture->dir);
    assert_false(read_conf(fixture, text, strlen(text), &error));
    assert_non_null(strstr(error.text, "/none.inc: No such file"));
    snprintf(text, sizeof(text), "include %s\n", fixture->dir);
    assert_false(read_conf(fixture, text, strlen(text), &error));
    assert_non_null(strstr(error.text, "Is a directory"));
    remove_file(fixture, "a.inc");
    remove_file(fixture, "b.inc");
}

static void test_scripts_must_be_there(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *directive;
        const char *expected; /* NULL: all is well */
    } rows[] = {
        {"notification-script m /bin/sh", NULL},
        {"client-reconfig-script m /bin/sh", NULL},
        {"notification-script m /no/such",
         "/file: Notification script seems non existing or non executable. "
         "That of m is /no/such: No such file or directory"},
        {"client-reconfig-script m /etc/passwd",
         "/file: Client reconfiguration script seems non existing or non "
         "executable. That of m is /etc/passwd: Permission denied"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[256];
        struct error error = {""};
        int length = snprintf(text, sizeof(text),
                              "sentinel monitor m 127.0.0.1 6379 2\n"
                              "sentinel %s\n",
                              rows[i].directive);
        bool ok = read_conf(fixture, text, (size_t)length, &error);
        assert_int_equal(ok, rows[i].expected == NULL);
        if (!ok && strstr(error.text, rows[i].expected) == NULL) {
            fail_msg("%s: %s", rows[i].directive, error.text);
        }
    }
}

/* --- Open files ----------------------------------------------------------- */

static void test_clients_that_fit(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t limit;
        size_t groups;
        uint32_t max_clients;
        uint32_t expected;
    } rows[] = {
        {"plenty", 100000, 10, 10000, 10000},
        {"exactly", 160 + 60 + 1000, 10, 1000, 1000},
        {"one too few", 160 + 60 + 999, 10, 1000, 999},
        {"peers and an operator must get in", 100, 10000, 1000, 32},
        {"... unless fewer were asked for", 100, 10000, 5, 5},
        {"no limit known", UINT64_MAX, 20000, 4000000, 4000000},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf conf = {.group_count = rows[i].groups,
                            .max_clients = rows[i].max_clients};
        uint32_t fitting = startup_clients_that_fit(rows[i].limit, &conf);
        if (fitting != rows[i].expected) {
            fail_msg("%s: expected %u, got %u", rows[i].name,
                     (unsigned)rows[i].expected, (unsigned)fitting);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_id_is_random_and_kept,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_first_id_may_be_given, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_seeds_are_taken_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_seeds_without_an_id_get_one,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_absurd_rows_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_state_without_an_id_is_refused,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_conf_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_conf_that_cannot_be_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_files_that_are_included, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_scripts_must_be_there, set_up,
                                        tear_down),
        cmocka_unit_test(test_clients_that_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
