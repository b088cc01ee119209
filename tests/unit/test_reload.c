/* The configuration file was read again: what the model makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/door/door.h"
#include "core_fixture.h"
#include "sentineld/memory.h"

static void ask(struct fixture *f, const struct admin *admin)
{
    const struct core_event event = {.type = EV_ADMIN, .admin = admin};
    fixture_forget(f);
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

static void reload(struct fixture *f, const struct core_conf *file,
                   const struct core_conf *before)
{
    ask(f, &(struct admin){
               .type = ADMIN_RELOAD, .file = file, .file_before = before});
}

static void set_quorum(struct fixture *f, uint64_t value)
{
    struct admin admin = {.type = ADMIN_SET, .option_count = 1};
    copy_text(admin.name, NAME_SIZE, "m");
    admin.options[0].setting = SETTING_QUORUM;
    admin.options[0].value = value;
    ask(f, &admin);
}

static void remove_m(struct fixture *f)
{
    struct admin admin = {.type = ADMIN_REMOVE};
    copy_text(admin.name, NAME_SIZE, "m");
    ask(f, &admin);
}

static struct group_conf group_at(const char *name, const char *host)
{
    struct group_conf group = {.settings = {.quorum = 2,
                                            .parallel_syncs = 1,
                                            .down_after_ms = 1000,
                                            .failover_timeout_ms = 10000}};
    copy_text(group.name, NAME_SIZE, name);
    copy_text(group.master.host, HOST_SIZE, host);
    group.master.port = 6379;
    return group;
}

static void the_same_file_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    fixture_complete(&f);
    set_quorum(&f, 1);
    object_id id = fixture_group(&f)->id;
    reload(&f, &f.conf, &f.conf);
    assert_int_equal(fixture_group(&f)->settings.quorum, 1);
    assert_int_equal(fixture_group(&f)->id, id);
    assert_null(fixture_record(&f, RECORD_GROUP));
    assert_null(fixture_event(&f, "+monitor"));
    assert_null(fixture_event(&f, "-monitor"));
    fixture_stop(&f);
}

/* Of each setting by itself. */
static void the_last_change_wins(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    fixture_complete(&f);
    set_quorum(&f, 1);
    struct group_conf group = f.group;
    group.settings.down_after_ms = 700;
    struct core_conf file = f.conf;
    file.groups = &group;
    reload(&f, &file, &f.conf);
    assert_int_equal(fixture_group(&f)->settings.quorum, 1);
    assert_int_equal(fixture_group(&f)->settings.down_after_ms, 700);
    assert_int_equal(
        fixture_node(&f, "10.0.0.1")->instance.health.down_after_ms, 700);
    const struct record *row = fixture_record(&f, RECORD_GROUP);
    assert_int_equal(row->group.declared_settings.down_after_ms, 700);
    assert_int_equal(row->group.settings.quorum, 1);
    struct group_conf later = group;
    struct core_conf again = file;
    later.settings.quorum = 3;
    again.groups = &later;
    reload(&f, &again, &file);
    assert_int_equal(fixture_group(&f)->settings.quorum, 3);
    set_quorum(&f, 2);
    assert_int_equal(fixture_group(&f)->settings.quorum, 2);
    assert_int_equal(fixture_group(&f)->voter_count, 2);
    fixture_stop(&f);
}

static void groups_come_and_go(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    fixture_complete(&f);
    struct group_conf groups[] = {group_at("n", "10.0.0.9"), f.group};
    struct core_conf both = f.conf;
    both.groups = groups;
    both.group_count = 2;
    reload(&f, &both, &f.conf);
    assert_string_equal(fixture_event(&f, "+monitor"),
                        "master n 10.0.0.9 6379 quorum 2");
    const struct group *n = model_find_group(core_model(f.core), "n");
    assert_true(n->from_file);
    assert_int_equal(fixture_group(&f)->node_count, 3);
    struct core_conf alone = f.conf;
    alone.groups = groups;
    alone.group_count = 1;
    reload(&f, &alone, &both);
    assert_string_equal(fixture_event(&f, "-monitor"),
                        "master m 10.0.0.1 6379");
    const struct record *row = fixture_record(&f, RECORD_GROUP);
    assert_true(row->deleted);
    assert_string_equal(row->group.name, "m");
    assert_int_equal(core_model(f.core)->group_count, 1);
    fixture_stop(&f);
}

/* What MONITOR made is no business of the file, unless it names it. */
static void a_monitored_group_stays(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    struct admin admin = {.type = ADMIN_MONITOR};
    struct group_conf other = group_at("o", "10.0.0.8");
    copy_text(admin.name, NAME_SIZE, "o");
    admin.master = other.master;
    admin.settings = other.settings;
    ask(&f, &admin);
    struct core_conf none = f.conf;
    none.group_count = 0;
    reload(&f, &none, &f.conf);
    assert_null(fixture_group(&f));
    const struct group *o = model_find_group(core_model(f.core), "o");
    assert_non_null(o);
    assert_false(o->from_file);
    struct core_conf named = f.conf;
    other.settings.quorum = 5;
    named.groups = &other;
    reload(&f, &named, &none);
    assert_true(model_find_group(core_model(f.core), "o") == o);
    assert_true(o->from_file);
    assert_int_equal(o->settings.quorum, 5);
    fixture_stop(&f);
}

static void remove_is_the_last_word(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    remove_m(&f);
    reload(&f, &f.conf, &f.conf);
    assert_null(fixture_group(&f));
    struct group_conf group = f.group;
    group.settings.quorum = 1;
    struct core_conf edited = f.conf;
    edited.groups = &group;
    reload(&f, &edited, &f.conf);
    assert_non_null(fixture_group(&f));
    assert_int_equal(fixture_group(&f)->settings.quorum, 1);
    fixture_stop(&f);
}

/* An address that the group knows is no news; another is a new beginning,
 * but no second vote. */
static void another_address(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    fixture_complete(&f);
    fixture_asked(&f, PEER_A, 7);
    fixture_settle(&f);
    assert_string_equal(fixture_group(&f)->vote.leader, PEER_A);
    msec binds_until = fixture_group(&f)->vote_binds_until;
    struct group_conf known = group_at("m", "10.0.0.2");
    struct core_conf file = f.conf;
    file.groups = &known;
    reload(&f, &file, &f.conf);
    assert_string_equal(model_current_address(fixture_group(&f))->host,
                        "10.0.0.1");
    assert_string_equal(fixture_group(&f)->declared.host, "10.0.0.2");
    struct group_conf other = group_at("m", "10.0.0.77");
    struct core_conf moved = f.conf;
    moved.groups = &other;
    reload(&f, &moved, &file);
    const struct group *group = fixture_group(&f);
    assert_string_equal(model_current_address(group)->host, "10.0.0.77");
    assert_int_equal(group->node_count, 1);
    assert_int_equal(group->voter_count, 0);
    assert_string_equal(group->vote.leader, PEER_A);
    assert_true(group->vote_binds_until == binds_until);
    const struct record *row = fixture_record(&f, RECORD_GROUP);
    assert_false(row->deleted);
    assert_string_equal(row->group.master.host, "10.0.0.77");
    assert_string_equal(row->group.vote.leader, PEER_A);
    assert_string_equal(fixture_event(&f, "+monitor"),
                        "master m 10.0.0.77 6379 quorum 2");
    fixture_stop(&f);
}

/* Once and for all: the next start reads the same. */
static void what_holds_is_what_a_start_would_find(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    fixture_complete(&f);
    struct core_conf file = f.conf;
    copy_text(file.settings.announce_host, HOST_SIZE, "file");
    reload(&f, &file, &f.conf);
    struct admin admin = {.type = ADMIN_CONFIG};
    admin.daemon = core_model(f.core)->settings;
    assert_string_equal(admin.daemon.announce_host, "file");
    admin.daemon.announce_port = 77;
    ask(&f, &admin);
    struct core_conf later = file;
    later.settings.log_level = LEVEL_DEBUG;
    later.settings.announce_hostnames = true;
    reload(&f, &later, &file);
    const struct daemon_settings *now = &core_model(f.core)->settings;
    assert_string_equal(now->announce_host, "file");
    assert_int_equal(now->announce_port, 77);
    assert_int_equal(now->log_level, LEVEL_DEBUG);
    assert_true(now->announce_hostnames);
    assert_false(now->resolve_hostnames);
    const struct record_self *self = &fixture_record(&f, RECORD_SELF)->self;
    assert_int_equal(self->settings.announce_port, 77);
    assert_int_equal(self->declared.announce_port, 0);
    assert_int_equal(self->declared.log_level, LEVEL_DEBUG);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_file_changes_nothing),
        cmocka_unit_test(the_last_change_wins),
        cmocka_unit_test(groups_come_and_go),
        cmocka_unit_test(a_monitored_group_stays),
        cmocka_unit_test(remove_is_the_last_word),
        cmocka_unit_test(another_address),
        cmocka_unit_test(what_holds_is_what_a_start_would_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
