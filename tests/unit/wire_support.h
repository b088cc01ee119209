/* For the tests of wire: actions by letter, replies as RESP text, and what
 * came of them as one line of text. */
#ifndef SENTINELD_TESTS_WIRE_SUPPORT_H
#define SENTINELD_TESTS_WIRE_SUPPORT_H

#include "sentineld/wire.h"

#define SUPPORT_RUN_ID "471ff5ae2105dfa6400aae66b89d21194379992d"
#define SUPPORT_HELLO \
    "127.0.0.1,26379," SUPPORT_RUN_ID ",3,mymaster,10.0.0.1,6379,2"

enum { SUPPORT_LINK = 5 };

/* Letters: g greeting, G the same with a password, P ping, I info, S
 * subscribe, K script kill, V view, H hello, A ask, C cut off, R promote, r
 * follow another master, F read the demand, D set it, d set it without
 * CONFIG REWRITE, T rehearse a transaction, O a failover's orders. The nth
 * letter is the business of group n. */
struct wire *wire_support_begin(enum link_kind kind, const char *letters,
                                struct buffer *out);

/* Feeds RESP text. Each reply gives an entry, separated by "; ":
 *   -                      nothing
 *   pong ok | info master | hello mymaster
 *   ack cut_off ok 3       what, result, group; the role, when there is one
 *   ask down - 7 3         opinion, leader, epoch, group
 *   view 10.0.0.1:6379 4 failover 3
 *   demand 1 2 3           replicas, lag, group
 *   rehearsed 3 -kill      group, what is refused
 *   BROKEN
 * with a complaint in parentheses behind it, and " +n" at the end of all
 * when n replies are still to come. `text` holds `size` bytes. */
void wire_support_decode(struct wire *wire, const char *replies, char *text,
                         size_t size);

struct wire_support_row {
    const char *name;
    enum link_kind kind;
    const char *letters;
    const char *replies;
    const char *expected;
};
/* 0, or 1 after printing what came instead. */
int wire_support_check_row(const struct wire_support_row *row);

/* What is in `out`, as words; a line feed between commands. */
void wire_support_commands(const struct buffer *out, char *text, size_t size);

#endif
