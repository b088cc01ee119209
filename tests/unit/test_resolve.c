/* Names to addresses, against a name server of our own on the loopback. The
 * clock of the cache is ours (the linker sends clock_gettime here), so the
 * lifetime of a record passes at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dns_fixture.h"
#include "io/net/resolve.h"
#include "sentineld/memory.h"

static time_t passed_s; /* beside the real time */

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = __real_clock_gettime(clock, now);
    now->tv_sec += passed_s;
    return result;
}

/* Columns: name, IPv4, IPv6, alias, lifetimes. */
static const struct dns_name table[] = {
    {"both.test", "10.0.0.1", "fd00::1", NULL, 60, 0, 0},
    {"four.test", "10.0.0.4", NULL, NULL, 60, 0, 0},
    {"six.test", NULL, "fd00::6", NULL, 60, 0, 0},
    {"none.test", NULL, NULL, NULL, 60, 0, 0},
    {"brief.test", "10.0.0.5", NULL, NULL, 0, 0, 0},
    {"alias.test", "10.0.0.7", NULL, "real.test", 60, 5, 0},
    {"long.test", "10.0.0.8", NULL, NULL, 1000000, 0, 0},
};

enum { NAME_COUNT = sizeof(table) / sizeof(table[0]) };

struct fixture {
    struct ev_loop *loop;
    struct resolver *resolver;
    struct dns_server server;
    struct dns_name names[NAME_COUNT];
    uint64_t token;
};

/* What became of a question. */
struct reply {
    struct fixture *fixture;
    int count;
    bool has_ip;
    char ip[HOST_SIZE];
    uint64_t token;
    const char *then_ask; /* another name, from inside the callback */
    struct reply *then;   /* that one's reply */
    uint64_t then_cancel; /* another question; 0 = none */
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    struct error error;
    passed_s = 0;
    fixture->loop = ev_loop_new(EVFLAG_AUTO);
    memcpy(fixture->names, table, sizeof(table));
    dns_server_start(&fixture->server, fixture->loop, fixture->names,
                     NAME_COUNT);
    fixture->resolver = resolve_new(fixture->loop, &error);
    assert_non_null(fixture->resolver);
    assert_true(resolve_use_servers(fixture->resolver, fixture->server.servers,
                                    &error));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    resolve_free(fixture->resolver);
    dns_server_stop(&fixture->server, fixture->loop);
    ev_loop_destroy(fixture->loop);
    free(fixture);
    return 0;
}

static void start(struct fixture *fixture, struct reply *reply,
                  const char *host, msec timeout_ms);

static void on_done(const char *ip, void *context)
{
    struct reply *reply = context;
    reply->count++;
    reply->has_ip = ip != NULL;
    copy_text(reply->ip, sizeof(reply->ip), ip == NULL ? "none" : ip);
    if (reply->then_cancel != 0) {
        resolve_cancel(reply->fixture->resolver, reply->then_cancel);
    }
    if (reply->then_ask != NULL) {
        start(reply->fixture, reply->then, reply->then_ask, 5000);
    }
}

/* Keeps what the test set in *reply. */
static void start(struct fixture *fixture, struct reply *reply,
                  const char *host, msec timeout_ms)
{
    reply->fixture = fixture;
    reply->token = ++fixture->token;
    reply->count = 0;
    resolve_start(fixture->resolver, host, timeout_ms, reply->token, on_done,
                  reply);
}

static void on_time(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)loop;
    (void)events;
    *(bool *)watcher->data = true;
}

static void run(struct fixture *fixture, const int *value, double seconds)
{
    bool is_over = false;
    ev_timer timer;
    ev_now_update(fixture->loop);
    ev_timer_init(&timer, on_time, seconds, 0.);
    timer.data = &is_over;
    ev_timer_start(fixture->loop, &timer);
    while (*value == 0 && !is_over) {
        bool has_work = ev_pending_count(fixture->loop) > 0;
        (void)ev_run(fixture->loop, has_work ? EVRUN_NOWAIT : EVRUN_ONCE);
    }
    ev_timer_stop(fixture->loop, &timer);
}

static void wait_for(struct fixture *fixture, const struct reply *reply)
{
    run(fixture, &reply->count, 60.);
    assert_int_equal(reply->count, 1);
}

static void ask(struct fixture *fixture, struct reply *reply, const char *host)
{
    start(fixture, reply, host, 5000);
    wait_for(fixture, reply);
}

static struct dns_name *name_of(struct fixture *fixture, const char *host)
{
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (strcmp(fixture->names[i].name, host) == 0) {
            return &fixture->names[i];
        }
    }
    fail();
    return NULL;
}

static void numeric_hosts_are_answered_at_once(void **state)
{
    static const char *const ips[] = {"127.0.0.1", "10.255.0.1", "::1",
                                      "fd00::abcd"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(ips) / sizeof(ips[0]); i++) {
        struct reply reply = {0};
        start(fixture, &reply, ips[i], 0);
        assert_int_equal(reply.count, 1);
        assert_string_equal(reply.ip, ips[i]);
    }
    assert_int_equal(fixture->server.queries, 0);
}

static void names_have_the_address_that_the_rules_say(void **state)
{
    static const struct {
        const char *name;
        const char *host;
        const char *expected;
    } rows[] = {
        {"IPv4 before IPv6", "both.test", "10.0.0.1"},
        {"IPv4 only", "four.test", "10.0.0.4"},
        {"IPv6 only", "six.test", "fd00::6"},
        {"no address", "none.test", "none"},
        {"no such name", "absent.test", "none"},
        {"through an alias", "alias.test", "10.0.0.7"},
        {"/etc/hosts", "localhost", "127.0.0.1"},
        {"empty", "", "none"},
        {"a label too long",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "a"
         ".test",
         "none"},
        {"blanks", "not a name", "none"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reply reply = {0};
        print_message("  %s\n", rows[i].name);
        ask(fixture, &reply, rows[i].host);
        assert_string_equal(reply.ip, rows[i].expected);
    }
}

static void an_answer_is_kept_for_its_lifetime(void **state)
{
    static const struct {
        const char *name;
        const char *host;
        int fresh_s; /* still */
        int old_s;   /* not any more */
    } rows[] = {
        {"as the record says", "four.test", 58, 61},
        {"nothing said: a second", "brief.test", 0, 2},
        {"as short as the alias", "alias.test", 3, 6},
        {"at most an hour", "long.test", 3598, 3601},
        {"no address: a moment", "none.test", 0, 3},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reply first = {0};
        struct reply second = {0};
        struct reply third = {0};
        struct dns_name *name = name_of(fixture, rows[i].host);
        print_message("  %s\n", rows[i].name);
        ask(fixture, &first, rows[i].host);
        int queries = name->queries;
        passed_s += rows[i].fresh_s;
        start(fixture, &second, rows[i].host, 5000);
        assert_int_equal(second.count, 1); /* before the call returned */
        assert_string_equal(second.ip, first.ip);
        assert_int_equal(name->queries, queries);
        passed_s += rows[i].old_s - rows[i].fresh_s;
        ask(fixture, &third, rows[i].host);
        assert_true(name->queries > queries);
    }
}

static void a_changed_address_is_noticed(void **state)
{
    struct fixture *fixture = *state;
    struct reply reply = {0};
    ask(fixture, &reply, "four.test");
    name_of(fixture, "four.test")->ipv4 = "10.0.0.44";
    passed_s += 61;
    ask(fixture, &reply, "four.test");
    assert_string_equal(reply.ip, "10.0.0.44");
}

static void the_last_good_answer_outlives_the_resolver(void **state)
{
    static const struct {
        const char *name;
        enum dns_mood mood;
    } rows[] = {
        {"it fails", DNS_FAILS},
        {"it fails for IPv4, and there is no IPv6", DNS_FAILS_IPV4},
        {"it is silent", DNS_SILENT},
        {"it talks nonsense", DNS_GARBAGE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reply reply = {0};
        print_message("  %s\n", rows[i].name);
        assert_int_equal(tear_down(state) + set_up(state), 0);
        struct fixture *fixture = *state;
        ask(fixture, &reply, "four.test");
        fixture->server.mood = rows[i].mood;
        passed_s += 100000;
        int queries = fixture->server.queries;
        ask(fixture, &reply, "four.test");
        assert_string_equal(reply.ip, "10.0.0.4");
        assert_true(fixture->server.queries > queries);
    }
}

static void an_address_that_was_taken_away_is_forgotten(void **state)
{
    static const struct {
        const char *name;
        bool has_name; /* still, but no address */
    } rows[] = {{"no address any more", true}, {"no name any more", false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reply reply = {0};
        print_message("  %s\n", rows[i].name);
        assert_int_equal(tear_down(state) + set_up(state), 0);
        struct fixture *fixture = *state;
        struct dns_name *name = name_of(fixture, "four.test");
        ask(fixture, &reply, "four.test");
        name->ipv4 = NULL;
        name->name = rows[i].has_name ? name->name : "gone.test";
        passed_s += 61;
        ask(fixture, &reply, "four.test");
        assert_false(reply.has_ip);
        fixture->server.mood = DNS_FAILS;
        passed_s += 61;
        ask(fixture, &reply, "four.test");
        assert_false(reply.has_ip);
    }
}

static void trouble_with_ipv4_leaves_ipv6(void **state)
{
    struct fixture *fixture = *state;
    struct reply reply = {0};
    fixture->server.mood = DNS_FAILS_IPV4;
    ask(fixture, &reply, "both.test");
    assert_string_equal(reply.ip, "fd00::1");
}

static void a_question_has_a_deadline(void **state)
{
    struct fixture *fixture = *state;
    struct reply reply = {0};
    fixture->server.mood = DNS_SILENT;
    start(fixture, &reply, "four.test", 30);
    assert_int_equal(reply.count, 0);
    wait_for(fixture, &reply);
    assert_false(reply.has_ip);
    /* The lookup goes on, and its result is there for the next question. */
    fixture->server.mood = DNS_ANSWERS;
    struct reply late = {0};
    ask(fixture, &late, "four.test");
    assert_string_equal(late.ip, "10.0.0.4");
    assert_int_equal(reply.count, 1);
}

static void an_answered_question_has_no_deadline_any_more(void **state)
{
    struct fixture *fixture = *state;
    struct reply reply = {0};
    int never = 0;
    start(fixture, &reply, "four.test", 300);
    wait_for(fixture, &reply);
    run(fixture, &never, 0.4);
    assert_int_equal(reply.count, 1);
}

static void questions_for_one_name_share_a_lookup(void **state)
{
    struct fixture *fixture = *state;
    struct reply replies[50];
    memset(replies, 0, sizeof(replies));
    for (int i = 0; i < 50; i++) {
        start(fixture, &replies[i], "four.test", 5000);
    }
    for (int i = 0; i < 50; i++) {
        wait_for(fixture, &replies[i]);
        assert_string_equal(replies[i].ip, "10.0.0.4");
    }
    assert_int_equal(fixture->server.queries, 1);
}

static void a_cancelled_question_is_not_answered(void **state)
{
    struct fixture *fixture = *state;
    struct reply cancelled = {0};
    struct reply other = {0};
    start(fixture, &cancelled, "four.test", 5000);
    start(fixture, &other, "four.test", 5000);
    resolve_cancel(fixture->resolver, cancelled.token);
    resolve_cancel(fixture->resolver, cancelled.token);
    resolve_cancel(fixture->resolver, 999);
    wait_for(fixture, &other);
    assert_int_equal(cancelled.count, 0);
    resolve_cancel(fixture->resolver, other.token);
}

static void an_answer_may_cancel_another_question(void **state)
{
    struct fixture *fixture = *state;
    struct reply first = {0};
    struct reply second = {0};
    start(fixture, &first, "four.test", 5000);
    start(fixture, &second, "four.test", 5000);
    first.then_cancel = second.token;
    wait_for(fixture, &first);
    int never = 0;
    run(fixture, &never, 0.02);
    assert_int_equal(second.count, 0);
}

static void an_answer_may_ask_again(void **state)
{
    static const char *const hosts[] = {"four.test", "six.test", "10.1.1.1",
                                        "localhost"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        struct reply second = {0};
        struct reply first = {.then_ask = hosts[i], .then = &second};
        print_message("  %s\n", hosts[i]);
        ask(fixture, &first, "four.test");
        wait_for(fixture, &second);
        assert_true(second.has_ip);
        passed_s += 61;
    }
}

static void open_questions_die_with_the_resolver(void **state)
{
    struct fixture *fixture = *state;
    struct error error;
    struct reply replies[3];
    memset(replies, 0, sizeof(replies));
    fixture->server.mood = DNS_SILENT;
    start(fixture, &replies[0], "four.test", 5000);
    start(fixture, &replies[1], "six.test", 5000);
    start(fixture, &replies[2], "localhost", 5000);
    resolve_free(fixture->resolver);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(replies[i].count, 0);
    }
    resolve_free(NULL);
    fixture->resolver = resolve_new(fixture->loop, &error);
    assert_non_null(fixture->resolver);
}

/* More names than are kept: the oldest idle ones are asked for again. */
static void any_number_of_names_can_be_asked_for(void **state)
{
    struct fixture *fixture = *state;
    struct reply reply = {0};
    char host[32];
    fixture->server.accepts_all = true;
    for (int i = 0; i < 1100; i++) {
        (void)snprintf(host, sizeof(host), "host%d.test", i);
        ask(fixture, &reply, host);
        assert_string_equal(reply.ip, "10.0.0.1");
    }
    int queries = fixture->server.queries;
    ask(fixture, &reply, "host1099.test");
    assert_int_equal(fixture->server.queries, queries);
    ask(fixture, &reply, "host0.test");
    assert_int_equal(fixture->server.queries, queries + 1);
}

static void many_names_at_once_are_all_answered(void **state)
{
    struct fixture *fixture = *state;
    struct reply *replies = xcalloc(300, sizeof(*replies));
    char host[32];
    fixture->server.accepts_all = true;
    for (int i = 0; i < 300; i++) {
        (void)snprintf(host, sizeof(host), "host%d.test", i);
        start(fixture, &replies[i], host, 60000);
    }
    for (int i = 0; i < 300; i++) {
        wait_for(fixture, &replies[i]);
        assert_true(replies[i].has_ip);
    }
    free(replies);
}

static void servers_that_are_none_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct error error;
    assert_false(
        resolve_use_servers(fixture->resolver, "not a server", &error));
    assert_non_null(strstr(error.text, "'not a server'"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(numeric_hosts_are_answered_at_once),
        CASE(names_have_the_address_that_the_rules_say),
        CASE(an_answer_is_kept_for_its_lifetime),
        CASE(a_changed_address_is_noticed),
        CASE(the_last_good_answer_outlives_the_resolver),
        CASE(an_address_that_was_taken_away_is_forgotten),
        CASE(trouble_with_ipv4_leaves_ipv6),
        CASE(a_question_has_a_deadline),
        CASE(an_answered_question_has_no_deadline_any_more),
        CASE(questions_for_one_name_share_a_lookup),
        CASE(a_cancelled_question_is_not_answered),
        CASE(an_answer_may_cancel_another_question),
        CASE(an_answer_may_ask_again),
        CASE(open_questions_die_with_the_resolver),
        CASE(any_number_of_names_can_be_asked_for),
        CASE(many_names_at_once_are_all_answered),
        CASE(servers_that_are_none_are_refused),
    };
    return cmocka_run_group_tests_name("resolve", tests, NULL, NULL);
}
