/* Names and ips: what is shown, who is the same server, what is not taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core_fixture.h"
#include "sentineld/memory.h"

#include <string.h>

#define NAME "redis-1"
#define IP   "10.0.0.1"

static const struct daemon_settings ips = {.resolve_hostnames = true};
static const struct daemon_settings names = {.resolve_hostnames = true,
                                             .announce_hostnames = true};
static const struct daemon_settings no_names = {.resolve_hostnames = false};

/* The master's name leads to this ip, and it is up. */
static void connect_master(struct fixture *f, const char *ip)
{
    object_id link = fixture_link_of(f, NAME);
    fixture_resolved(f, link, ip);
    fixture_up(f, link);
}

static void start(struct fixture *f, const struct daemon_settings *settings)
{
    fixture_start_named(f, NAME, settings);
    fixture_settle(f);
    connect_master(f, IP);
    fixture_info_master(f, NAME, 1);
    fixture_hello(f, PEER_B, "10.0.1.2", NAME, 0); /* who says what A says */
}

static const char *shown(const struct fixture *f)
{
    return model_current_address(fixture_group(f))->host;
}

static const char *known(const struct fixture *f)
{
    return fixture_group(f)->master->instance.address.host;
}

static const struct group *at(const struct fixture *f, const char *host)
{
    struct address address = {.port = 6379};
    copy_text(address.host, HOST_SIZE, host);
    return model_find_group_at(core_model(f->core), &address);
}

static const struct {
    const char *name;
    bool announce;
    const char *ip; /* NULL = no lookup yet */
    const char *shown;
} shows[] = {
    {"a name is announced", true, IP, NAME},
    {"... also before it was looked up", true, NULL, NAME},
    {"an ip is", false, IP, IP},
    {"... of either kind", false, "fd00::1", "fd00::1"},
    {"... but there is none yet", false, NULL, NAME},
    {"what is none is not taken for one", false, "fe80::1%eth0", NAME},
};

static void what_is_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
        struct fixture f;
        struct daemon_settings settings = names;
        settings.announce_hostnames = shows[i].announce;
        print_message("  %s\n", shows[i].name);
        fixture_start_named(&f, NAME, &settings);
        fixture_settle(&f);
        if (shows[i].ip != NULL) {
            fixture_resolved(&f, fixture_link_of(&f, NAME), shows[i].ip);
        }
        assert_string_equal(shown(&f), shows[i].shown);
        assert_string_equal(known(&f), NAME);
        assert_non_null(at(&f, NAME));
        assert_non_null(at(&f, shows[i].shown));
        fixture_stop(&f);
    }
}

/* Hellos and events; the simulator shows questions and what replicas are told.
 */
static void what_leaves_has_the_ip(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, &ips);
    fixture_up(&f, fixture_link_of(&f, "10.0.0.2"));
    fixture_info_replica(&f, "10.0.0.2", "10.0.0.9", 10);
    fixture_hello(&f, PEER_A, "10.0.1.1", IP, 0);
    fixture_up(&f, fixture_peer_link(&f, PEER_A));
    const struct core_action *hello =
        fixture_action(&f, ACT_HELLO, fixture_peer_link(&f, PEER_A));
    assert_string_equal(hello->hello.master.host, IP);
    assert_string_equal(fixture_event(&f, "+slave"),
                        "slave 10.0.0.2:6379 10.0.0.2 6379 @ m " IP " 6379");
    fixture_stop(&f);
}

static void a_setting_counts_at_once(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, &names);
    assert_string_equal(shown(&f), NAME);
    const struct admin admin = {.type = ADMIN_CONFIG, .daemon = ips};
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    core_record(f.core, f.now, &event);
    assert_string_equal(shown(&f), IP);
    fixture_settle(&f);
    assert_null(fixture_event(&f, "+switch-master"));
    fixture_stop(&f);
}

/* Others call the same server by its ip. */
static void an_ip_is_no_other_server(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, &names);
    fixture_hello(&f, PEER_A, "10.0.1.1", IP, 3);
    assert_int_equal(fixture_group(&f)->node_count, 2);
    assert_int_equal(fixture_group(&f)->config_epoch, 3);
    assert_string_equal(known(&f), NAME);
    fixture_hello(&f, PEER_A, "10.0.1.1", "10.0.0.2", 4);
    assert_string_equal(known(&f), "10.0.0.2");
    fixture_up(&f, fixture_link_of(&f, "10.0.0.2"));
    struct info info = {.role = ROLE_MASTER, .replica_count = 1};
    copy_text(info.replicas[0].address.host, HOST_SIZE, IP);
    info.replicas[0].address.port = 6379;
    fixture_info(&f, "10.0.0.2", &info);
    assert_int_equal(fixture_group(&f)->node_count, 2);
    fixture_hello(&f, PEER_A, "10.0.1.1", IP, 5);
    assert_string_equal(known(&f), NAME);
    fixture_stop(&f);
}

/* Our vote is asked for with either. */
static void a_question_names_either(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, &names);
    assert_ptr_equal(at(&f, NAME), fixture_group(&f));
    assert_ptr_equal(at(&f, IP), fixture_group(&f));
    fixture_resolved(&f, fixture_link_of(&f, NAME), "10.0.0.77");
    assert_null(at(&f, IP));
    assert_ptr_equal(at(&f, "10.0.0.77"), fixture_group(&f));
    fixture_hello(&f, PEER_A, "10.0.1.1", "10.0.0.2", 4);
    assert_null(at(&f, "10.0.0.77"));
    fixture_stop(&f);
}

/* The lookup is under way: the ip may be what it will say. */
static void an_ip_that_is_heard_too_early_waits(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start_named(&f, NAME, &ips);
    fixture_settle(&f);
    fixture_hello(&f, PEER_A, "10.0.1.1", IP, 3);
    assert_int_equal(fixture_group(&f)->node_count, 1);
    assert_int_equal(fixture_group(&f)->config_epoch, 0);
    connect_master(&f, IP);
    fixture_hello(&f, PEER_A, "10.0.1.1", IP, 3);
    assert_int_equal(fixture_group(&f)->node_count, 1);
    assert_int_equal(fixture_group(&f)->config_epoch, 3);
    assert_string_equal(known(&f), NAME);
    fixture_stop(&f);
}

/* Nothing is known of the name, so the ip is a server of its own; when the
 * name is found it is the one that stays. */
static void two_of_one_server_become_one(void **state)
{
    (void)state;
    for (int is_master = 0; is_master < 2; is_master++) {
        struct fixture f;
        fixture_start_named(&f, NAME, &names);
        fixture_settle(&f);
        object_id link = fixture_link_of(&f, NAME);
        fixture_down(&f, link, FAILURE_UNRESOLVABLE);
        fixture_hello(&f, PEER_A, "10.0.1.1", IP, 3);
        assert_string_equal(shown(&f), IP);
        if (!is_master) {
            fixture_hello(&f, PEER_A, "10.0.1.1", "10.0.0.2", 4);
        }
        assert_int_equal(fixture_group(&f)->node_count, is_master ? 2 : 3);
        fixture_forget(&f);
        fixture_resolved(&f, fixture_link_of(&f, NAME), IP);
        assert_int_equal(fixture_group(&f)->node_count, is_master ? 1 : 2);
        assert_null(fixture_node(&f, IP));
        assert_non_null(fixture_node(&f, NAME));
        assert_string_equal(shown(&f), is_master ? NAME : "10.0.0.2");
        if (is_master) {
            const struct record *row = fixture_record(&f, RECORD_GROUP);
            assert_string_equal(row->group.master.host, NAME);
            assert_ptr_equal(at(&f, NAME), fixture_group(&f));
            assert_ptr_equal(at(&f, IP), fixture_group(&f));
        }
        fixture_stop(&f);
    }
}

/* It leads nowhere now, and its last ip is somebody else's. */
static void a_name_that_leads_nowhere_claims_no_ip(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, &ips);
    fixture_hello(&f, PEER_A, "10.0.1.1", "10.0.0.2", 1);
    fixture_up(&f, fixture_link_of(&f, "10.0.0.2"));
    fixture_down(&f, fixture_link_of(&f, NAME), FAILURE_CLOSED);
    fixture_run_until(&f, f.now + 300, NULL, 0);
    fixture_down(&f, fixture_link_of(&f, NAME), FAILURE_UNRESOLVABLE);
    struct info info = {.role = ROLE_MASTER, .replica_count = 1};
    copy_text(info.replicas[0].address.host, HOST_SIZE, IP);
    info.replicas[0].address.port = 6379;
    fixture_info(&f, "10.0.0.2", &info);
    assert_non_null(fixture_node(&f, IP));
    assert_int_equal(fixture_group(&f)->node_count, 3);
    fixture_stop(&f);
}

static const struct {
    const char *name;
    const char *told; /* at the epoch that we have, too */
    bool is_taken;
} ties[] = {
    {"its own ip", IP, false},
    {"an ip where its name may have led", "10.0.0.77", false},
    {"another server that we know", "10.0.0.2", true},
    {"another name", "redis-2", true},
    {"... that is smaller", "10-redis", false},
    {"a name for what we know by ip", NULL, false},
};

static void check_tie(const struct daemon_settings *settings, const char *told,
                      bool is_taken)
{
    struct fixture f;
    start(&f, settings);
    const char *before = told == NULL ? "10.0.0.2" : NAME;
    told = told == NULL ? "redis-2" : told;
    fixture_hello(&f, PEER_A, "10.0.1.1", before, 3);
    fixture_hello(&f, PEER_A, "10.0.1.1", told, 3);
    assert_string_equal(known(&f), is_taken ? told : before);
    fixture_stop(&f);
}

/* Whatever we announce ourselves: or some would take it and some would not. */
static void an_ip_in_the_same_epoch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ties) / sizeof(ties[0]); i++) {
        print_message("  %s\n", ties[i].name);
        check_tie(&ips, ties[i].told, ties[i].is_taken);
        check_tie(&names, ties[i].told, ties[i].is_taken);
    }
}

/* A peer names the master by a name that leads nowhere for us, and we know that
 * server by its ip: it is not told to follow itself. */
static void nobody_is_told_to_follow_itself(void **state)
{
    (void)state;
    for (int found = 0; found < 2; found++) {
        struct fixture f;
        start(&f, &names);
        fixture_hello(&f, PEER_A, "10.0.1.1", "10.0.0.2", 3);
        fixture_up(&f, fixture_link_of(&f, "10.0.0.2"));
        fixture_hello(&f, PEER_A, "10.0.1.1", "redis-2", 4);
        fixture_down(&f, fixture_link_of(&f, "redis-2"), FAILURE_UNRESOLVABLE);
        struct info info = {.role = ROLE_MASTER};
        fixture_info(&f, "10.0.0.2", &info);
        assert_int_equal(fixture_node(&f, "10.0.0.2")->repair.wrong_since,
                         NEVER);
        if (found) {
            fixture_resolved(&f, fixture_link_of(&f, "redis-2"), "10.0.0.2");
            assert_null(fixture_node(&f, "10.0.0.2"));
        }
        fixture_stop(&f);
    }
}

/* Clients that were told the ip hear of the new one, where it answers. */
static void a_master_that_moves(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, &ips);
    object_id link = fixture_link_of(&f, NAME);
    assert_null(fixture_event(&f, "+switch-master"));
    fixture_down(&f, link, FAILURE_CLOSED);
    fixture_resolved(&f, link, "10.0.0.77");
    fixture_down(&f, link, FAILURE_REFUSED);
    assert_null(fixture_event(&f, "+switch-master"));
    assert_string_equal(shown(&f), "10.0.0.77");
    connect_master(&f, "10.0.0.78");
    assert_string_equal(fixture_event(&f, "+switch-master"),
                        "m " IP " 6379 10.0.0.78 6379");
    fixture_forget(&f);
    fixture_up(&f, fixture_group(&f)->master->hello.id);
    assert_null(fixture_event(&f, "+switch-master"));
    assert_int_equal(fixture_group(&f)->config_epoch, 0);
    fixture_stop(&f);
}

static void a_name_that_is_told_stays(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, &names);
    fixture_down(&f, fixture_link_of(&f, NAME), FAILURE_CLOSED);
    connect_master(&f, "10.0.0.77");
    assert_null(fixture_event(&f, "+switch-master"));
    assert_string_equal(shown(&f), NAME);
    fixture_stop(&f);
}

static size_t count_logs(const struct fixture *f, const char *part)
{
    size_t count = 0;
    for (size_t i = 0; i < f->action_count; i++) {
        count += f->actions[i].type == ACT_LOG &&
                 strstr(f->actions[i].event.text, part) != NULL;
    }
    return count;
}

/* A replica's name, a peer's, a master's: nothing is taken, and what is known
 * stays. */
static void names_that_are_not_taken(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start_named(&f, NAME, &no_names);
    fixture_settle(&f);
    connect_master(&f, IP); /* it was known before */
    struct info info = {.role = ROLE_MASTER, .replica_count = 1};
    copy_text(info.replicas[0].address.host, HOST_SIZE, "redis-2");
    info.replicas[0].address.port = 6379;
    for (int i = 0; i < 2; i++) {
        fixture_info(&f, NAME, &info);
        assert_int_equal(fixture_group(&f)->node_count, 1);
        fixture_hello(&f, PEER_A, "sentinel-2", IP, 0);
        assert_int_equal(fixture_group(&f)->voter_count, 0);
    }
    assert_int_equal(count_logs(&f, "redis-2:6379 is left out"), 1);
    assert_int_equal(count_logs(&f, "is left out"), 1);
    fixture_hello(&f, PEER_A, "10.0.1.1", IP, 0);
    assert_int_equal(fixture_group(&f)->voter_count, 1);
    fixture_hello(&f, PEER_A, "10.0.1.1", "redis-2", 3);
    assert_string_equal(known(&f), NAME);
    assert_int_equal(fixture_group(&f)->config_epoch, 0);
    fixture_hello(&f, PEER_A, "10.0.1.1", NAME, 4); /* known: no new name */
    assert_int_equal(fixture_group(&f)->config_epoch, 4);
    fixture_hello(&f, PEER_A, "sentinel-2", NAME, 4);
    assert_string_equal(fixture_voter(&f, PEER_A)->peer->instance.address.host,
                        "10.0.1.1");
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shown),
        cmocka_unit_test(what_leaves_has_the_ip),
        cmocka_unit_test(a_setting_counts_at_once),
        cmocka_unit_test(an_ip_is_no_other_server),
        cmocka_unit_test(a_question_names_either),
        cmocka_unit_test(an_ip_that_is_heard_too_early_waits),
        cmocka_unit_test(two_of_one_server_become_one),
        cmocka_unit_test(a_name_that_leads_nowhere_claims_no_ip),
        cmocka_unit_test(an_ip_in_the_same_epoch),
        cmocka_unit_test(nobody_is_told_to_follow_itself),
        cmocka_unit_test(a_master_that_moves),
        cmocka_unit_test(a_name_that_is_told_stays),
        cmocka_unit_test(names_that_are_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
