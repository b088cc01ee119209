/* What replicas prove about a master that does not answer us, and how long
 * that counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/detect/detect.h"
#include "core_fixture.h"

#include <string.h>

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

/* --- One INFO after another ----------------------------------------------- */

/* The INFO before was asked for at 50000, this one at 60000, and before both
 * the replica was known to have heard its master at 40000. */
static const struct proof {
    const char *name;
    bool up_before;
    bool up;
    bool same_master;
    uint64_t offset_before;
    uint64_t offset;
    int64_t last_io_s;
    msec heard_at;
    bool by_name; /* that is how it calls its master now */
} proofs[] = {
    {"the offset grew", true, true, true, 100, 101, -1, 50000, false},
    {"nothing new", true, true, true, 100, 100, -1, 40000, false},
    {"the offset fell: another stream", true, true, true, 100, 90, -1, 40000,
     false},
    {"within this second", true, true, true, 100, 100, 0, 58850, false},
    {"three seconds ago", true, true, true, 100, 100, 3, 55850, false},
    {"both, and the offset says more", true, true, true, 100, 101, 12, 50000,
     false},
    {"both, and the seconds say more", true, true, true, 100, 101, 4, 54850,
     false},
    {"older than what was known", true, true, true, 100, 100, 30, 40000, false},
    {"a time that is nonsense", true, true, true, 1, 1, INT64_MAX, 40000,
     false},
    {"its link is down", true, false, true, 100, 200, 0, 0, false},
    {"its link is up again", false, true, true, 100, 200, -1, 0, false},
    {"... and it has heard since", false, true, true, 100, 200, 2, 56850,
     false},
    {"it follows another one now", true, true, false, 100, 200, -1, 0, false},
    {"... and has heard that one", true, true, false, 100, 200, 0, 58850,
     false},
    {"by another address of it", true, true, true, 100, 101, -1, 50000, true},
    {"... of which it is none", true, true, false, 100, 101, -1, 0, true},
};

static void what_one_info_proves(void **state)
{
    (void)state;
    struct info *info = xcalloc(1, sizeof(*info));
    for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
        const struct proof *row = &proofs[i];
        struct node master = {.instance.ip = "10.0.0.1"};
        struct group group = {.master = &master};
        struct node node = {.group = &group, .info_asked_at = 60000};
        master.instance.address =
            (struct address){.host = "redis-1", .port = 1};
        node.evidence = (struct evidence){.asked_at = 50000, .heard_at = 40000};
        node.report.role = ROLE_REPLICA;
        node.report.master = (struct address){.host = "10.0.0.1", .port = 1};
        node.report.master_link_up = row->up_before;
        node.report.offset = row->offset_before;
        info->role = ROLE_REPLICA;
        info->master = node.report.master;
        info->master.port = row->same_master ? 1 : 2;
        if (row->by_name) {
            copy_text(info->master.host, HOST_SIZE, "redis-1");
        }
        info->master_link_up = row->up;
        info->offset = row->offset;
        info->master_last_io_s = row->last_io_s;
        evidence_on_info(&node, info);
        if (node.evidence.heard_at != row->heard_at) {
            print_error("%s: %llu\n", row->name,
                        (unsigned long long)node.evidence.heard_at);
        }
        assert_int_equal(node.evidence.heard_at, row->heard_at);
        assert_int_equal(node.evidence.asked_at, 60000);
    }
    free(info);
}

/* --- All of them ---------------------------------------------------------- */

static void quiet_until(struct fixture *f, msec at)
{
    object_id quiet[] = {fixture_link_of(f, "10.0.0.1")};
    fixture_run_until(f, at, quiet, 1);
}

/* Both replicas answer with what the master has written meanwhile. */
static void tell(struct fixture *f, uint64_t offset)
{
    fixture_info_replica(f, "10.0.0.2", "10.0.0.1", offset);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", offset);
}

/* The INFO that waited for its answer, and the one that was overdue. */
static void calm_down(struct fixture *f, uint64_t offset)
{
    fixture_run_until(f, f->now + 20000, NULL, 0);
    tell(f, offset);
    tell(f, offset);
}

/* Silent to us for 0.8 s, and both replicas told twice what they have. */
static msec reach_doubt(struct fixture *f, uint64_t first, uint64_t second)
{
    calm_down(f, first);
    msec silent_since = fixture_node(f, "10.0.0.1")->instance.health.ok_at;
    quiet_until(f, silent_since + 510);
    tell(f, first);
    quiet_until(f, silent_since + 800);
    tell(f, second);
    fixture_forget(f);
    return silent_since;
}

static void both_agree(struct fixture *f)
{
    fixture_opinion(f, PEER_A, true, "", 0);
    fixture_opinion(f, PEER_B, true, "", 0);
}

static void replicas_are_asked_in_time(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.2");
    calm_down(f, 100);
    msec silent_since = fixture_node(f, "10.0.0.1")->instance.health.ok_at;
    fixture_forget(f);
    quiet_until(f, silent_since + 499);
    assert_int_equal(fixture_count(f, ACT_INFO, link), 0);
    quiet_until(f, silent_since + 501);
    assert_int_equal(fixture_count(f, ACT_INFO, link), 1);
    for (int i = 0; i < 4; i++) {
        tell(f, 100);
        quiet_until(f, f->now + 126);
    }
    assert_int_equal(fixture_count(f, ACT_INFO, link), 5);
}

static void no_odown_while_they_hear_it(void **state)
{
    struct fixture *f = *state;
    msec silent_since = reach_doubt(f, 200, 300);
    quiet_until(f, silent_since + 1001);
    assert_non_null(fixture_event(f, "+sdown"));
    assert_string_equal(fixture_event(f, "+path-fault"),
                        "master m 10.0.0.1 6379");
    both_agree(f);
    assert_null(fixture_event(f, "+odown"));
    fixture_asked(f, "", 0); /* and that is what we tell the others */
    assert_false(fixture_action(f, ACT_ANSWER, 0)->answer.down);
}

/* Proof that is down_after old is none any more. */
static void odown_when_they_fall_silent(void **state)
{
    struct fixture *f = *state;
    msec silent_since = reach_doubt(f, 200, 300);
    quiet_until(f, silent_since + 1001);
    both_agree(f);
    quiet_until(f, silent_since + 1490);
    assert_null(fixture_event(f, "+odown"));
    quiet_until(f, silent_since + 1640); /* one more answer was waited for */
    assert_non_null(fixture_event(f, "-path-fault"));
    assert_non_null(fixture_event(f, "+odown"));
    fixture_asked(f, "", 0);
    assert_true(fixture_action(f, ACT_ANSWER, 0)->answer.down);
}

/* They hear it again and again, with gaps; the others do not agree. */
static void one_alarm_however_often(void **state)
{
    struct fixture *f = *state;
    msec silent_since = reach_doubt(f, 200, 300);
    quiet_until(f, silent_since + 1640);
    assert_non_null(fixture_event(f, "+path-fault"));
    assert_false(fixture_group(f)->witnessed);
    fixture_forget(f);
    tell(f, 300);
    tell(f, 400);
    tell(f, 400);
    assert_true(fixture_group(f)->witnessed);
    assert_null(fixture_event(f, "+path-fault"));
    fixture_up(f, fixture_link_of(f, "10.0.0.1"));
    fixture_pong(f, fixture_link_of(f, "10.0.0.1"), PONG_OK);
    assert_non_null(fixture_event(f, "-path-fault"));
}

/* Nonsense is an answer. */
static void speaking_wrongly_is_not_the_paths_fault(void **state)
{
    struct fixture *f = *state;
    msec silent_since = reach_doubt(f, 200, 300);
    fixture_down(f, fixture_link_of(f, "10.0.0.1"), FAILURE_PROTOCOL);
    quiet_until(f, silent_since + 1001);
    assert_null(fixture_event(f, "+path-fault"));
    both_agree(f);
    assert_non_null(fixture_event(f, "+odown"));
}

static void odown_at_once_without_proof(void **state)
{
    struct fixture *f = *state;
    msec silent_since = reach_doubt(f, 200, 200);
    quiet_until(f, silent_since + 1001);
    both_agree(f);
    assert_null(fixture_event(f, "+path-fault"));
    assert_non_null(fixture_event(f, "+odown"));
}

static void one_of_two_is_no_majority(void **state)
{
    struct fixture *f = *state;
    msec silent_since = reach_doubt(f, 200, 200);
    fixture_info_replica(f, "10.0.0.2", "10.0.0.1", 300);
    quiet_until(f, silent_since + 1001);
    both_agree(f);
    assert_non_null(fixture_event(f, "+odown"));
}

static void what_they_heard_of_another_is_no_proof(void **state)
{
    struct fixture *f = *state;
    msec silent_since = reach_doubt(f, 200, 200);
    fixture_info_replica(f, "10.0.0.2", "10.0.0.9", 300);
    fixture_info_replica(f, "10.0.0.2", "10.0.0.9", 400);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.9", 300);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.9", 400);
    quiet_until(f, silent_since + 1001);
    both_agree(f);
    assert_non_null(fixture_event(f, "+odown"));
}

static void by_ping_alone(void **state)
{
    struct fixture *f = *state;
    struct admin admin = {.type = ADMIN_SET, .option_count = 1};
    copy_text(admin.name, NAME_SIZE, "m");
    admin.options[0].setting = SETTING_DETECTION;
    admin.options[0].value = DETECTION_PING;
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
    msec silent_since = reach_doubt(f, 200, 300);
    quiet_until(f, silent_since + 1001);
    both_agree(f);
    assert_non_null(fixture_event(f, "+odown"));
}

/* A master that answers, be it with an error, is judged by what it says. */
static void busy_is_not_the_paths_fault(void **state)
{
    struct fixture *f = *state;
    msec silent_since = reach_doubt(f, 200, 300);
    fixture_pong(f, fixture_link_of(f, "10.0.0.1"), PONG_BUSY);
    quiet_until(f, silent_since + 1001);
    both_agree(f);
    assert_non_null(fixture_event(f, "+odown"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_info_proves),
        cmocka_unit_test_setup_teardown(replicas_are_asked_in_time, start,
                                        stop),
        cmocka_unit_test_setup_teardown(no_odown_while_they_hear_it, start,
                                        stop),
        cmocka_unit_test_setup_teardown(odown_when_they_fall_silent, start,
                                        stop),
        cmocka_unit_test_setup_teardown(one_alarm_however_often, start, stop),
        cmocka_unit_test_setup_teardown(speaking_wrongly_is_not_the_paths_fault,
                                        start, stop),
        cmocka_unit_test_setup_teardown(odown_at_once_without_proof, start,
                                        stop),
        cmocka_unit_test_setup_teardown(one_of_two_is_no_majority, start, stop),
        cmocka_unit_test_setup_teardown(what_they_heard_of_another_is_no_proof,
                                        start, stop),
        cmocka_unit_test_setup_teardown(by_ping_alone, start, stop),
        cmocka_unit_test_setup_teardown(busy_is_not_the_paths_fault, start,
                                        stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
