/* Who is left alone, as a table; and for how long it must last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/guard/guard.h"
#include "core_fixture.h"

#define FOREIGN "ffff000000000000000000000000000000000000"
#define HOST    "10.0.0.2"

static int start(void **state)
{
    static struct fixture fixture;
    fixture_start(&fixture, NULL, 0);
    fixture_complete(&fixture);
    *state = &fixture;
    return 0;
}

static int stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

static struct node *node_at(struct fixture *f, const char *host)
{
    struct address address = {.port = 6379};
    copy_text(address.host, HOST_SIZE, host);
    return model_find_node(model_group_named(f->core, "m"), &address);
}

/* A master with a foreign history and a key, for as long as need be. */
static struct report *be_foreign(struct fixture *f)
{
    struct group *group = model_group_named(f->core, "m");
    copy_text(group->lineage[0].replid, RUN_ID_SIZE, HISTORY);
    group->lineage[0].end = NO_OFFSET;
    struct report *report = &node_at(f, HOST)->report;
    report->role = ROLE_MASTER;
    report->keys = 1;
    report->at = f->now;
    copy_text(report->replid, RUN_ID_SIZE, FOREIGN);
    copy_text(report->replid2, RUN_ID_SIZE, "");
    return report;
}

static enum quarantine judge_after(struct fixture *f, msec ms)
{
    struct group *group = model_group_named(f->core, "m");
    foreign_settle(f->core, group, f->now);
    foreign_settle(f->core, group, f->now + ms);
    return node_at(f, HOST)->foreign.kind;
}

static void no_spoiler(struct node *node)
{
    (void)node;
}
static void is_empty(struct node *node)
{
    node->report.keys = 0;
}
static void was_master(struct node *node)
{
    node->former_master = true;
}
static void is_adopted(struct node *node)
{
    node->foreign.adopted = true;
}
static void is_kin(struct node *node)
{
    copy_text(node->report.replid2, RUN_ID_SIZE, HISTORY);
    node->report.second_repl_offset = 100;
}
static void is_loading(struct node *node)
{
    node->report.loading = true;
}
static void said_nothing(struct node *node)
{
    node->report.at = NEVER;
}
static void no_history_is_known(struct node *node)
{
    memset(node->group->lineage, 0, sizeof(node->group->lineage));
}
static void master_is_down(struct node *node)
{
    node->group->master->subjective_down = true;
}
static void follows_a_stranger(struct node *node)
{
    node->report.role = ROLE_REPLICA;
    node->report.master_link_up = true;
    copy_text(node->report.master.host, HOST_SIZE, "10.9.9.9");
    node->report.master.port = 6379;
}
static void follows_us(struct node *node)
{
    node->report.role = ROLE_REPLICA;
    node->report.master_link_up = false;
    node->report.sync_in_progress = false;
    node->report.master = node->group->master->instance.address;
}
static void follows_us_well(struct node *node)
{
    follows_us(node);
    node->report.master_link_up = true;
}
static void synchronises(struct node *node)
{
    follows_us(node);
    node->report.sync_in_progress = true;
}

struct row {
    const char *name;
    void (*spoil)(struct node *node);
    msec after_ms;
    enum quarantine expected;
};

static const struct row rows[] = {
    {"foreign", no_spoiler, QUARANTINE_MS, QUARANTINE_HISTORY},
    {"not for long yet", no_spoiler, QUARANTINE_MS - 1, QUARANTINE_NONE},
    {"nothing to lose", is_empty, QUARANTINE_MS, QUARANTINE_NONE},
    {"our old master", was_master, QUARANTINE_MS, QUARANTINE_NONE},
    {"adopted", is_adopted, QUARANTINE_MS, QUARANTINE_NONE},
    {"a stray of ours", is_kin, QUARANTINE_MS, QUARANTINE_NONE},
    {"loading", is_loading, QUARANTINE_MS, QUARANTINE_NONE},
    {"no INFO", said_nothing, QUARANTINE_MS, QUARANTINE_NONE},
    {"no history", no_history_is_known, QUARANTINE_MS, QUARANTINE_NONE},
    {"no master", master_is_down, QUARANTINE_MS, QUARANTINE_NONE},
    {"a stranger's", follows_a_stranger, QUARANTINE_MS, QUARANTINE_HISTORY},
    {"ours, not yet", follows_us, QUARANTINE_UNSYNCED_MS - 1, QUARANTINE_NONE},
    {"ours, never", follows_us, QUARANTINE_UNSYNCED_MS, QUARANTINE_UNSYNCED},
    {"ours, up", follows_us_well, QUARANTINE_UNSYNCED_MS, QUARANTINE_NONE},
    {"ours, soon", synchronises, QUARANTINE_UNSYNCED_MS, QUARANTINE_NONE},
};

static void who_is_left_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct fixture f;
        fixture_start(&f, NULL, 0);
        fixture_complete(&f);
        (void)be_foreign(&f);
        rows[i].spoil(node_at(&f, HOST));
        if (judge_after(&f, rows[i].after_ms) != rows[i].expected) {
            fail_msg("%s", rows[i].name);
        }
        fixture_stop(&f);
    }
}

/* What is seen later ends it, or not. */
static void it_stays_until_it_is_ours(void **state)
{
    struct fixture *f = *state;
    struct report *report = be_foreign(f);
    struct node *node = node_at(f, HOST);
    assert_int_equal(judge_after(f, QUARANTINE_MS), QUARANTINE_HISTORY);
    master_is_down(node);
    assert_int_equal(judge_after(f, 0), QUARANTINE_HISTORY);
    said_nothing(node);
    assert_int_equal(judge_after(f, 0), QUARANTINE_HISTORY);
    report->at = f->now;
    synchronises(node);
    assert_int_equal(judge_after(f, 0), QUARANTINE_NONE);
    follows_us(node);
    node->group->master->subjective_down = false;
    assert_int_equal(judge_after(f, QUARANTINE_UNSYNCED_MS),
                     QUARANTINE_UNSYNCED);
    report->sync_in_progress = true; /* it tries, again and again */
    assert_int_equal(judge_after(f, 0), QUARANTINE_UNSYNCED);
    report->master_link_up = true;
    assert_int_equal(judge_after(f, 0), QUARANTINE_NONE);
}

/* r2 is the master of another group that knows nothing of our master. */
static void a_server_of_another_group(void **state)
{
    struct fixture *f = *state;
    (void)be_foreign(f);
    struct node *node = node_at(f, HOST);
    is_kin(node); /* a copy of our data, even */
    was_master(node);
    struct group *other = groups_add(f->core, "other", &node->instance.address,
                                     &node->group->settings, f->now);
    assert_int_equal(judge_after(f, QUARANTINE_MS), QUARANTINE_NONE);
    other->master->report.role = ROLE_MASTER;
    assert_int_equal(judge_after(f, QUARANTINE_MS), QUARANTINE_GROUP);
    /* two names of one thing */
    (void)servers_add(f->core, other, &node->group->master->instance.address,
                      f->now);
    assert_int_equal(judge_after(f, 0), QUARANTINE_NONE);
}

/* The same process under another address. */
static void a_process_of_another_group(void **state)
{
    struct fixture *f = *state;
    struct report *report = be_foreign(f);
    is_kin(node_at(f, HOST));
    copy_text(report->run_id, RUN_ID_SIZE, FOREIGN);
    struct address name = {.host = "r2.example", .port = 6379};
    struct group *other =
        groups_add(f->core, "other", &name,
                   &model_group_named(f->core, "m")->settings, f->now);
    other->master->report.role = ROLE_MASTER;
    copy_text(other->master->report.run_id, RUN_ID_SIZE, FOREIGN);
    assert_int_equal(judge_after(f, QUARANTINE_MS), QUARANTINE_GROUP);
}

static void an_operator_adopts_it(void **state)
{
    struct fixture *f = *state;
    struct group *group = model_group_named(f->core, "m");
    struct node *node = node_at(f, HOST);
    const char *why_not = "";
    (void)be_foreign(f);
    assert_int_equal(
        foreign_adopt(f->core, group, &node->instance.address, &why_not),
        ADMIN_REFUSED);
    assert_string_equal(why_not, "that server is not in quarantine");
    (void)judge_after(f, QUARANTINE_MS);
    assert_true(foreign_is_left_alone(node));
    struct address nobody = {.host = "10.1.1.1", .port = 1};
    assert_int_equal(foreign_adopt(f->core, group, &nobody, &why_not),
                     ADMIN_REFUSED);
    assert_int_equal(
        foreign_adopt(f->core, group, &node->instance.address, &why_not),
        ADMIN_OK);
    assert_int_equal(judge_after(f, 0), QUARANTINE_NONE);
    assert_false(foreign_is_left_alone(node));
    assert_true(node->foreign.adopted);
    follows_us_well(node); /* and it is ours from here on */
    copy_text(node->report.replid, RUN_ID_SIZE, HISTORY);
    (void)judge_after(f, 0);
    assert_false(node->foreign.adopted);
}

static void it_survives_a_restart(void **state)
{
    struct fixture *f = *state;
    (void)be_foreign(f);
    fixture_forget(f);
    (void)judge_after(f, QUARANTINE_MS);
    fixture_settle(f);
    assert_non_null(fixture_event(f, "+quarantine"));
    const struct record *record = fixture_record(f, RECORD_NODE);
    assert_non_null(record);
    assert_int_equal(record->node.quarantine, QUARANTINE_HISTORY);
    struct record saved = *record;
    struct fixture next;
    fixture_start(&next, &saved, 1);
    assert_int_equal(node_at(&next, HOST)->foreign.kind, QUARANTINE_HISTORY);
    fixture_stop(&next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_left_alone),
        cmocka_unit_test_setup_teardown(it_stays_until_it_is_ours, start, stop),
        cmocka_unit_test_setup_teardown(a_server_of_another_group, start, stop),
        cmocka_unit_test_setup_teardown(a_process_of_another_group, start,
                                        stop),
        cmocka_unit_test_setup_teardown(an_operator_adopts_it, start, stop),
        cmocka_unit_test_setup_teardown(it_survives_a_restart, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
