/* What other supervisors answer: opinions, votes and views, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wire_support.h"

#define RUN_ID   SUPPORT_RUN_ID
#define PEER     LINK_PEER
#define NONSENSE ": the answer makes no sense)"

static const char *const bad_opinions[] = {
    "*0\r\n",
    "*-1\r\n",
    "*2\r\n:1\r\n$1\r\n*\r\n",
    "*4\r\n:1\r\n$1\r\n*\r\n:0\r\n:0\r\n",
    "*3\r\n:2\r\n$1\r\n*\r\n:0\r\n",
    "*3\r\n:-1\r\n$1\r\n*\r\n:0\r\n",
    "*3\r\n$1\r\n1\r\n$1\r\n*\r\n:0\r\n",
    "*3\r\n:1\r\n:0\r\n:0\r\n",
    "*3\r\n:1\r\n+*\r\n:0\r\n",
    "*3\r\n:1\r\n$-1\r\n:0\r\n",
    "*3\r\n:1\r\n$1\r\n*\r\n$1\r\n0\r\n",
    "*3\r\n:1\r\n$1\r\n*\r\n:-1\r\n",
    "*3\r\n:1\r\n$1\r\n*\r\n:4611686018427387904\r\n",
    "*3\r\n:1\r\n$40\r\n" RUN_ID "\r\n:-1\r\n",
    "*3\r\n:1\r\n$40\r\n" RUN_ID "\r\n:9223372036854775807\r\n",
    "*3\r\n:1\r\n$3\r\njoe\r\n:1\r\n",
    "*3\r\n:1\r\n$41\r\n" RUN_ID "0\r\n:1\r\n",
    "*3\r\n:1\r\n$0\r\n\r\n:1\r\n",
    "*3\r\n:1\r\n$40\r\n471ff5ae2105dfa6400aae66b89d2119 379992d\r\n:1\r\n",
    "+OK\r\n",
    "$1\r\n*\r\n",
    ":1\r\n",
};

static void test_bad_opinions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_opinions / sizeof bad_opinions[0]; i++) {
        const struct wire_support_row row = {
            bad_opinions[i], PEER, "A", bad_opinions[i],
            "ack ask refused 1 (SENTINEL is-master-down-by-addr" NONSENSE};
        assert_int_equal(wire_support_check_row(&row), 0);
    }
}

static const struct wire_support_row view_rows[] = {
    {"as a peer says it", PEER, "V",
     "*10\r\n$4\r\nname\r\n$2\r\nip\r\n$2\r\nip\r\n$8\r\n10.0.0.1\r\n"
     "$4\r\nport\r\n$4\r\n6379\r\n$5\r\nflags\r\n$6\r\nmaster\r\n"
     "$12\r\nconfig-epoch\r\n$2\r\n12\r\n",
     "view 10.0.0.1:6379 12 1"},
    {"in a failover", PEER, "V",
     "*8\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n"
     "$5\r\nflags\r\n$34\r\ns_down,master,failover_in_progress\r\n"
     "$4\r\nport\r\n$5\r\n65535\r\n$2\r\nip\r\n$3\r\n::1\r\n",
     "view ::1:65535 0 failover 1"},
    {"a leader that is moving replicas", PEER, "V",
     "*10\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n$5\r\nflags\r\n$6\r\nmaster"
     "\r\n$14\r\nfailover-state\r\n$13\r\nreconf_slaves\r\n"
     "$4\r\nport\r\n$1\r\n1\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 failover 1"},
    {"no failover, said aloud", PEER, "V",
     "*10\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n$5\r\nflags\r\n$6\r\nmaster"
     "\r\n$14\r\nfailover-state\r\n$4\r\nnone\r\n"
     "$4\r\nport\r\n$1\r\n1\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 1"},
    {"the flag in the middle", PEER, "V",
     "*8\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n"
     "$5\r\nflags\r\n$31\r\nmaster,failover_in_progress,x,y\r\n"
     "$4\r\nport\r\n$1\r\n1\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 failover 1"},
    {"parts of the flag", PEER, "V",
     "*8\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n$5\r\nflags\r\n$44\r\n"
     "xfailover_in_progress,failover_in_progressx,\r\n"
     "$4\r\nport\r\n$1\r\n1\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 1"},
    {"of our kind", PEER, "V",
     "*12\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n$5\r\nflags\r\n$6\r\nmaster"
     "\r\n$21\r\nreplication-histories\r\n$83\r\n" RUN_ID "," RUN_ID
     ":7\r\n$27\r\nreplication-histories-epoch\r\n$1\r\n3\r\n$4\r\nport\r\n$"
     "1\r\n1\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 1 " RUN_ID "," RUN_ID ":7"},
    {"what it keeps for a leader", PEER, "V",
     "*10\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n$5\r\nflags\r\n$6\r\nmaster"
     "\r\n$22\r\naccepted-configuration\r\n$15\r\n7 10.0.0.2 6380\r\n"
     "$4\r\nport\r\n$1\r\n1\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 1 keeps 7 10.0.0.2:6380"},
    {"keeps something of another form", PEER, "V",
     "*10\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n$5\r\nflags\r\n$6\r\nmaster"
     "\r\n$22\r\naccepted-configuration\r\n$12\r\n7 $(id) 6380\r\n"
     "$4\r\nport\r\n$1\r\n1\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 1"},
    {"its master's process is gone", PEER, "V",
     "*10\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n$5\r\nflags\r\n$6\r\nmaster"
     "\r\n$17\r\nprocess-gone-time\r\n$1\r\n0\r\n$4\r\nport\r\n$1\r\n1"
     "\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 gone 1"},
    {"it has met no other process of its master", PEER, "V",
     "*10\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n$5\r\nflags\r\n$6\r\nmaster"
     "\r\n$16\r\nonly-process-met\r\n$1\r\n1\r\n$4\r\nport\r\n$1\r\n1"
     "\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 first 1"},
    {"histories without their epoch", PEER, "V",
     "*10\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n$5\r\nflags\r\n$6\r\nmaster"
     "\r\n$21\r\nreplication-histories\r\n$40\r\n" RUN_ID
     "\r\n$4\r\nport\r\n$1\r\n1\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 1"},
    {"histories of another form", PEER, "V",
     "*12\r\n$12\r\nconfig-epoch\r\n$1\r\n0\r\n$5\r\nflags\r\n$6\r\nmaster"
     "\r\n$21\r\nreplication-histories\r\n$43\r\n" RUN_ID
     ":-1\r\n$27\r\nreplication-histories-epoch\r\n$1\r\n3\r\n$4\r\nport\r\n$"
     "1\r\n1\r\n$2\r\nip\r\n$1\r\nh\r\n",
     "view h:1 0 1"},
};

static void test_views(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof view_rows / sizeof view_rows[0]; i++) {
        assert_int_equal(wire_support_check_row(&view_rows[i]), 0);
    }
}

/* A row of MASTER with one field of another value; NULL = left out. */
struct view_change {
    const char *name;
    const char *value;
};

static const struct view_change bad_views[] = {
    {"ip", NULL},
    {"ip", "$0\r\n\r\n"},
    {"ip", "$3\r\na b\r\n"},
    {"ip", "$5\r\n$(id)\r\n"},
    {"ip", ":1\r\n"},
    {"ip", "$-1\r\n"},
    {"port", NULL},
    {"port", "$1\r\n0\r\n"},
    {"port", "$5\r\n65536\r\n"},
    {"port", ":6379\r\n"},
    {"port", "$2\r\n-1\r\n"},
    {"config-epoch", NULL},
    {"config-epoch", "$2\r\n-1\r\n"},
    {"config-epoch", "$19\r\n4611686018427387904\r\n"},
    {"config-epoch", "$0\r\n\r\n"},
    {"flags", NULL},
    {"flags", "*0\r\n"},
};

static void make_view(const struct view_change *change, struct buffer *out)
{
    static const char *const names[] = {"ip", "port", "config-epoch", "flags"};
    static const char *const values[] = {"$1\r\nh\r\n", "$1\r\n1\r\n",
                                         "$1\r\n1\r\n", "$6\r\nmaster\r\n"};
    (void)buffer_printf(out, "*%d\r\n", change->value == NULL ? 6 : 8);
    for (size_t i = 0; i < 4; i++) {
        bool is_changed = strcmp(names[i], change->name) == 0;
        if (!is_changed || change->value != NULL) {
            (void)buffer_printf(out, "$%zu\r\n%s\r\n%s", strlen(names[i]),
                                names[i],
                                is_changed ? change->value : values[i]);
        }
    }
    (void)buffer_append(out, "", 1);
}

static void test_bad_views(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_views / sizeof bad_views[0]; i++) {
        struct buffer view;
        buffer_init(&view, 1000);
        make_view(&bad_views[i], &view);
        const struct wire_support_row row = {
            bad_views[i].name, PEER, "V", view.data,
            "ack view refused 1 (SENTINEL MASTER" NONSENSE};
        assert_int_equal(wire_support_check_row(&row), 0);
        buffer_clear(&view);
    }
    static const char *const texts[] = {"*0\r\n",
                                        "*-1\r\n",
                                        "+OK\r\n",
                                        "$2\r\nip\r\n",
                                        ":1\r\n",
                                        "*1\r\n$2\r\nip\r\n",
                                        "*2\r\n*0\r\n*0\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const struct wire_support_row row = {
            texts[i], PEER, "V", texts[i],
            "ack view refused 1 (SENTINEL MASTER" NONSENSE};
        assert_int_equal(wire_support_check_row(&row), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_opinions),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_bad_views),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
