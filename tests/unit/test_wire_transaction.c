/* Changes of role: the replies of MULTI to ROLE. And for all commands: one
 * reply, one result, whatever the reply says and in whatever order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire_support.h"

#define NODE             LINK_NODE_COMMAND
#define Q                "+QUEUED\r\n"
#define INFO             "$11\r\nrole:master\r\n"
#define ROLE_MASTER_TEXT "*3\r\n$6\r\nmaster\r\n:78\r\n*0\r\n"
#define ROLE_REPLICA_TEXT                                             \
    "*5\r\n$5\r\nslave\r\n$8\r\n10.0.0.2\r\n:6380\r\n$10\r\nconnecti" \
    "ng\r\n:0\r\n"
#define NOT_CONFIGURED "-ERR The server is running without a config file\r\n"

static const struct wire_support_row replicaof_rows[] = {
    {"promoted", NODE, "R",
     "+OK\r\n" Q Q Q Q "*4\r\n+OK\r\n+OK\r\n:2\r\n:1\r\n" ROLE_MASTER_TEXT,
     "-; -; -; -; -; -; ack replicaof ok 1 master"},
    {"repointed", NODE, "r",
     "+OK\r\n" Q Q Q Q "*4\r\n+OK\r\n+OK\r\n:2\r\n:1\r\n" ROLE_REPLICA_TEXT,
     "-; -; -; -; -; -; ack replicaof ok 1 replica"},
    {"repointed, and its word for a replica is its own", NODE, "r",
     "+OK\r\n" Q Q Q Q "*4\r\n+OK\r\n+OK\r\n:2\r\n:1\r\n"
     "*1\r\n$14\r\nactive-replica\r\n",
     "-; -; -; -; -; -; ack replicaof ok 1 replica"},
    {"followed it already", NODE, "r",
     "+OK\r\n" Q Q Q Q "*4\r\n+OK Already connected to specified master\r\n"
     "+OK\r\n:2\r\n:1\r\n" ROLE_REPLICA_TEXT,
     "-; -; -; -; -; -; ack replicaof ok 1 replica"},
    {"no configuration file", NODE, "R",
     "+OK\r\n" Q Q Q Q "*4\r\n+OK\r\n" NOT_CONFIGURED
     ":0\r\n:0\r\n" ROLE_MASTER_TEXT,
     "-; -; -; -; -; -; ack replicaof ok 1 master (CONFIG REWRITE refused: ERR "
     "The server is running without a config file)"},
    {"kills refused when run", NODE, "R",
     "+OK\r\n" Q Q Q Q
     "*4\r\n+OK\r\n+OK\r\n-NOPERM a\r\n-NOPERM b\r\n" ROLE_MASTER_TEXT,
     "-; -; -; -; -; -; ack replicaof ok 1 master (CLIENT KILL TYPE normal "
     "refused: NOPERM a; CLIENT KILL TYPE pubsub refused: NOPERM b)"},
    {"SLAVEOF refused when run", NODE, "R",
     "+OK\r\n" Q Q Q Q "*4\r\n-ERR REPLICAOF not allowed in cluster mode.\r\n"
     "+OK\r\n:0\r\n:0\r\n" ROLE_REPLICA_TEXT,
     "-; -; -; -; -; -; ack replicaof refused 1 replica (SLAVEOF refused: ERR "
     "REPLICAOF not allowed in cluster mode.)"},
    {"SLAVEOF answered by nonsense", NODE, "R",
     "+OK\r\n" Q Q Q Q "*4\r\n:1\r\n+OK\r\n:0\r\n:0\r\n" ROLE_MASTER_TEXT,
     "-; -; -; -; -; -; ack replicaof refused 1 master (SLAVEOF: the answer "
     "makes no sense)"},
    {"SLAVEOF refused when queued", NODE, "R",
     "+OK\r\n-NOPERM x\r\n" Q Q Q
     "-EXECABORT Transaction discarded\r\n" ROLE_REPLICA_TEXT,
     "-; -; -; -; -; -; ack replicaof refused 1 replica (SLAVEOF refused: "
     "NOPERM x)"},
    {"CONFIG refused when queued", NODE, "R",
     "+OK\r\n" Q "-NOPERM x\r\n" Q Q
     "-EXECABORT Transaction discarded\r\n" ROLE_REPLICA_TEXT,
     "-; -; -; -; -; -; ack replicaof refused 1 replica (CONFIG REWRITE "
     "refused: NOPERM x)"},
    {"CLIENT renamed", NODE, "R",
     "+OK\r\n" Q Q "-ERR unknown command `CLIENT`, with args beginning with: "
     "`KILL`\r\n-ERR unknown command\r\n-EXECABORT Transaction "
     "discarded\r\n" ROLE_REPLICA_TEXT,
     "-; -; -; -; -; -; ack replicaof refused 1 replica (CLIENT KILL TYPE "
     "normal refused: ERR unknown command `CLIENT`)"},
    {"EXEC aborts for its own reasons", NODE, "R",
     "+OK\r\n" Q Q Q Q "-EXECABORT Transaction discarded\r\n" ROLE_REPLICA_TEXT,
     "-; -; -; -; -; -; ack replicaof refused 1 replica (EXEC refused: "
     "EXECABORT Transaction discarded)"},
    {"MULTI refused: everything runs by itself", NODE, "R",
     "-NOPERM x\r\n+OK\r\n+OK\r\n:1\r\n:0\r\n-ERR EXEC without "
     "MULTI\r\n" ROLE_MASTER_TEXT,
     "-; -; -; -; -; -; ack replicaof refused 1 master (MULTI refused: NOPERM "
     "x)"},
    {"EXEC with too few results", NODE, "R",
     "+OK\r\n" Q Q Q Q "*3\r\n+OK\r\n+OK\r\n:0\r\n" ROLE_MASTER_TEXT,
     "-; -; -; -; -; -; ack replicaof refused 1 master (EXEC: the answer makes "
     "no sense)"},
    {"EXEC with nothing", NODE, "R",
     "+OK\r\n" Q Q Q Q "*-1\r\n" ROLE_REPLICA_TEXT,
     "-; -; -; -; -; -; ack replicaof refused 1 replica (EXEC: the answer "
     "makes no sense)"},
    {"ROLE refused", NODE, "R",
     "+OK\r\n" Q Q Q Q "*4\r\n+OK\r\n+OK\r\n:2\r\n:1\r\n-NOPERM x\r\n",
     "-; -; -; -; -; -; ack replicaof ok 1 (ROLE refused: NOPERM x)"},
    {"ROLE of a supervisor", NODE, "R",
     "+OK\r\n" Q Q Q Q "*4\r\n+OK\r\n+OK\r\n:2\r\n:1\r\n"
     "*2\r\n$8\r\nsentinel\r\n*0\r\n",
     "-; -; -; -; -; -; ack replicaof ok 1 (ROLE: the answer makes no sense)"},
    {"not finished", NODE, "R", "+OK\r\n" Q, "-; - +5"},
    {"the next one starts anew", NODE, "Rr",
     "+OK\r\n" Q "-NOPERM x\r\n" Q Q "-EXECABORT y\r\n" ROLE_REPLICA_TEXT
     "+OK\r\n" Q Q Q Q "*4\r\n+OK\r\n+OK\r\n:2\r\n:1\r\n" ROLE_REPLICA_TEXT,
     "-; -; -; -; -; -; ack replicaof refused 1 replica (CONFIG REWRITE "
     "refused: NOPERM x); -; -; -; -; -; -; ack replicaof ok 2 replica"},
    {"loading", NODE, "R",
     "-LOADING x\r\n-LOADING x\r\n-LOADING x\r\n-LOADING x\r\n-LOADING x\r\n"
     "-LOADING x\r\n-LOADING x\r\n",
     "-; -; -; -; -; -; ack replicaof refused 1 (MULTI refused: LOADING x; "
     "ROLE refused: LOADING x)"},
};

static const struct wire_support_row cut_off_rows[] = {
    {"cut off", NODE, "C", "+OK\r\n" INFO, "ack cut_off ok 1; info master"},
    {"cut off, INFO refused", NODE, "C", "+OK\r\n-NOPERM x\r\n",
     "ack cut_off ok 1; ack info refused 1 (INFO refused: NOPERM x)"},
    {"SLAVEOF refused", NODE, "C", "-ERR x\r\n" INFO,
     "ack cut_off refused 1 (SLAVEOF refused: ERR x); info master"},
    {"moved, its clients stay", NODE, "k",
     "+OK\r\n" Q Q "*2\r\n+OK\r\n+OK\r\n" ROLE_REPLICA_TEXT,
     "-; -; -; -; ack replicaof ok 1 replica"},
};

#define REPLICAS(value) "$19\r\nmin-slaves-to-write\r\n" value
#define LAG(value)      "$18\r\nmin-slaves-max-lag\r\n" value
#define LAG_AGE         "$22\r\nmin-slaves-max-lag-age\r\n$1\r\n9\r\n"

static const struct wire_support_row fence_rows[] = {
    {"read", NODE, "F", "*4\r\n" REPLICAS("$1\r\n3\r\n") LAG("$2\r\n10\r\n"),
     "demand 3 10 1"},
    {"read, in another order", NODE, "F",
     "*6\r\n" LAG_AGE LAG("$1\r\n2\r\n") REPLICAS("$1\r\n0\r\n"),
     "demand 0 2 1"},
    {"read, one is missing", NODE, "F", "*2\r\n" REPLICAS("$1\r\n3\r\n"),
     "ack fence_read refused 1 (CONFIG GET: the answer makes no sense)"},
    {"read, not a number", NODE, "F",
     "*4\r\n" REPLICAS("$1\r\nx\r\n") LAG("$2\r\n10\r\n"),
     "ack fence_read refused 1 (CONFIG GET: the answer makes no sense)"},
    {"read, refused", NODE, "F", "-NOPERM x\r\n",
     "ack fence_read refused 1 (CONFIG GET refused: NOPERM x)"},
    {"set", NODE, "D", "+OK\r\n" Q Q Q "*3\r\n+OK\r\n+OK\r\n+OK\r\n",
     "-; -; -; -; ack fence ok 1"},
    {"set, no configuration file", NODE, "D",
     "+OK\r\n" Q Q Q "*3\r\n+OK\r\n+OK\r\n" NOT_CONFIGURED,
     "-; -; -; -; ack fence ok 1 extras (CONFIG REWRITE refused: ERR The "
     "server is running without a config file)"},
    {"set, REWRITE refused when queued", NODE, "D",
     "+OK\r\n" Q Q "-NOPERM x\r\n-EXECABORT y\r\n",
     "-; -; -; -; ack fence refused 1 extras (CONFIG REWRITE refused: NOPERM "
     "x)"},
    {"set, refused when queued", NODE, "D",
     "+OK\r\n-NOPERM x\r\n-NOPERM x\r\n" Q "-EXECABORT y\r\n",
     "-; -; -; -; ack fence refused 1 (CONFIG SET refused: NOPERM x)"},
    {"set, refused when run", NODE, "D",
     "+OK\r\n" Q Q Q "*3\r\n+OK\r\n-ERR x\r\n+OK\r\n",
     "-; -; -; -; ack fence refused 1 (CONFIG SET refused: ERR x)"},
    {"set without REWRITE", NODE, "d", "+OK\r\n" Q Q "*2\r\n+OK\r\n+OK\r\n",
     "-; -; -; ack fence ok 1"},
};

static void test_fence(void **state)
{
    (void)state;
    int failed = 0;
    size_t count = sizeof fence_rows / sizeof fence_rows[0];
    for (size_t i = 0; i < count; i++) {
        failed += wire_support_check_row(&fence_rows[i]);
    }
    assert_int_equal(failed, 0);
}

static void test_replicaof(void **state)
{
    (void)state;
    int failed = 0;
    size_t count = sizeof replicaof_rows / sizeof replicaof_rows[0];
    for (size_t i = 0; i < count; i++) {
        failed += wire_support_check_row(&replicaof_rows[i]);
    }
    assert_int_equal(failed, 0);
}

static void test_cut_off(void **state)
{
    (void)state;
    int failed = 0;
    size_t count = sizeof cut_off_rows / sizeof cut_off_rows[0];
    for (size_t i = 0; i < count; i++) {
        failed += wire_support_check_row(&cut_off_rows[i]);
    }
    assert_int_equal(failed, 0);
}

/* A complaint longer than its field is cut, not written beyond it. */
static void test_long_complaint(void **state)
{
    (void)state;
    char replies[2000];
    char text[2000];
    char error[600];
    struct buffer out;
    memset(error, 'x', sizeof error);
    memcpy(error, "-ERR ", 5);
    memcpy(error + sizeof error - 3, "\r\n", 3);
    buffer_init(&out, 100000);
    struct wire *wire = wire_support_begin(NODE, "R", &out);
    (void)snprintf(replies, sizeof replies,
                   "+OK\r\n" Q Q Q Q "*4\r\n+OK\r\n%s%s:0\r\n" ROLE_MASTER_TEXT,
                   error, error);
    wire_support_decode(wire, replies, text, sizeof text);
    const char *start = strchr(text, '(');
    assert_non_null(start);
    assert_int_equal(strlen(start), 255 + 2);
    wire_free(wire);
    buffer_clear(&out);
}

/* Replies of every kind; each is a whole one. */
static const char *const kinds[] = {
    "+OK\r\n",
    "+QUEUED\r\n",
    "+PONG\r\n",
    "-ERR x\r\n",
    "-NOAUTH x\r\n",
    "-EXECABORT x\r\n",
    ":0\r\n",
    ":-1\r\n",
    "$-1\r\n",
    "*-1\r\n",
    "*0\r\n",
    "$0\r\n\r\n",
    "$6\r\nmaster\r\n",
    INFO,
    ROLE_MASTER_TEXT,
    ROLE_REPLICA_TEXT,
    "*3\r\n:1\r\n$1\r\n*\r\n:0\r\n",
    "*2\r\n+OK\r\n:0\r\n",
    "*4\r\n+OK\r\n+OK\r\n:2\r\n:1\r\n",
    "*4\r\n*0\r\n*-1\r\n$-1\r\n:1\r\n",
    "*1\r\n*1\r\n*1\r\n:1\r\n",
    "*3\r\n$9\r\nsubscribe\r\n$18\r\n__sentinel__:hello\r\n:1\r\n",
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

/* Action, how many replies it has, how many facts it must give. */
static const struct {
    const char *letter;
    size_t replies;
    size_t facts;
} actions[] = {{"G", 2, 0}, {"P", 1, 1}, {"I", 1, 1}, {"S", 1, 1}, {"K", 1, 1},
               {"V", 1, 1}, {"H", 1, 1}, {"A", 1, 1}, {"C", 2, 2}, {"R", 7, 1},
               {"k", 5, 1}, {"r", 7, 1}, {"F", 1, 1}, {"D", 5, 1}, {"d", 4, 1}};
enum { ACTION_COUNT = sizeof actions / sizeof actions[0] };

/* Entries of a transcript that are facts; none may be BROKEN, none missing. */
static size_t count_facts(const char *text)
{
    size_t facts = 0;
    assert_null(strstr(text, "BROKEN"));
    assert_null(strstr(text, " +"));
    for (const char *at = text; at != NULL; at = strstr(at, "; ")) {
        at += at == text ? 0 : 2;
        facts += strncmp(at, "pong ", 5) == 0 || strncmp(at, "ack ", 4) == 0 ||
                         strncmp(at, "info ", 5) == 0 ||
                         strncmp(at, "ask ", 4) == 0 ||
                         strncmp(at, "view ", 5) == 0
                     ? 1
                     : 0;
    }
    return facts;
}

static void assert_facts(enum link_kind kind, size_t action,
                         const char *replies)
{
    char text[4000];
    struct buffer out;
    buffer_init(&out, 100000);
    struct wire *wire = wire_support_begin(kind, actions[action].letter, &out);
    wire_support_decode(wire, replies, text, sizeof text);
    assert_int_equal(count_facts(text), actions[action].facts);
    wire_support_decode(wire, "+OK\r\n", text, sizeof text);
    assert_non_null(strstr(text, "BROKEN"));
    wire_free(wire);
    buffer_clear(&out);
}

/* Random answers to each action: every command uses up one reply, every
 * action gives its facts, and what comes behind is seen as too much. */
static void test_any_replies_keep_step(void **state)
{
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    for (size_t action = 0; action < ACTION_COUNT; action++) {
        for (int round = 0; round < 300; round++) {
            char replies[1000] = "";
            size_t length = 0;
            for (size_t i = 0; i < actions[action].replies; i++) {
                int kind = rand() % KIND_COUNT;
                length +=
                    (size_t)snprintf(replies + length, sizeof replies - length,
                                     "%s", kinds[kind]);
            }
            assert_facts(NODE, action, replies);
            assert_facts(LINK_PEER, action, replies);
            assert_facts(LINK_NODE_HELLO, action, replies);
        }
    }
}

/* Every kind of reply to every action that has one reply. */
static void test_each_kind_for_each_action(void **state)
{
    (void)state;
    for (size_t action = 0; action < ACTION_COUNT; action++) {
        for (size_t kind = 0; kind < KIND_COUNT; kind++) {
            if (actions[action].replies == 1) {
                assert_facts(NODE, action, kinds[kind]);
                assert_facts(LINK_NODE_HELLO, action, kinds[kind]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fence),
        cmocka_unit_test(test_replicaof),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_long_complaint),
        cmocka_unit_test(test_any_replies_keep_step),
        cmocka_unit_test(test_each_kind_for_each_action),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
