/* The replies that had to wait: what the core answered to a question of a
 * peer or to a change that an operator asked for, and what is said instead
 * when the state could not be written to disk. */
#include "sentineld/command.h"

#include <stdio.h>

static void write_opinion(const struct core_action *answer,
                          struct resp_writer *writer)
{
    const char *leader = answer->answer.vote.leader;
    resp_array(writer, 3);
    resp_integer(writer, answer->answer.down ? 1 : 0);
    resp_string(writer, leader[0] == '\0' ? "*" : leader);
    resp_integer(writer, (int64_t)answer->answer.vote.epoch);
}

/* A remark only where one was asked for: scripts compare with "OK". */
static void write_ok(const struct core_action *answer,
                     struct resp_writer *writer)
{
    char text[sizeof(answer->answer.text) + 4];
    (void)snprintf(text, sizeof(text), "OK%s%s",
                   answer->answer.text[0] == '\0' ? "" : " ",
                   answer->answer.text);
    resp_status(writer, text);
}

static void write_done(const struct core_action *answer,
                       struct resp_writer *writer)
{
    if (answer->answer.asked == ADMIN_RESET) {
        resp_integer(writer, answer->answer.count);
    } else {
        write_ok(answer, writer);
    }
}

/* Sentinel's words, and behind them the reason. */
static void write_no_good_replica(const struct core_action *answer,
                                  struct resp_writer *writer)
{
    char text[sizeof(answer->answer.text) + 64];
    (void)snprintf(
        text, sizeof(text), "NOGOODSLAVE No suitable replica to promote%s%s",
        answer->answer.text[0] == '\0' ? "" : ": ", answer->answer.text);
    resp_error(writer, text);
}

void command_finish(const struct core_action *answer,
                    struct resp_writer *writer)
{
    if (answer->answer.is_opinion) {
        write_opinion(answer, writer);
        return;
    }
    switch (answer->answer.result) {
    case ADMIN_OK:
        write_done(answer, writer);
        break;
    case ADMIN_NO_SUCH_GROUP:
        resp_err(writer, "No such master with that name");
        break;
    case ADMIN_DUPLICATE_GROUP:
        resp_err(writer, "Duplicate master name.");
        break;
    case ADMIN_TOO_MANY_GROUPS:
        resp_err(writer, "Too many masters: at most %d can be monitored.",
                 MAX_GROUPS);
        break;
    case ADMIN_IN_PROGRESS:
        resp_error(writer, "INPROG Failover already in progress");
        break;
    case ADMIN_REFUSED:
        resp_err(writer, "%s", answer->answer.text);
        break;
    case ADMIN_NO_GOOD_REPLICA:
        write_no_good_replica(answer, writer);
        break;
    }
}

void command_finish_users(const struct users_order *order,
                          struct resp_writer *writer)
{
    if (order->is_counted) {
        resp_integer(writer, order->count);
    } else {
        resp_status(writer, "OK");
    }
}

void command_refuse(const struct core_action *answer,
                    struct resp_writer *writer)
{
    (void)answer; /* an opinion that is not durable is not told either */
    resp_err(writer, "Failed to save config file. Check server logs.");
}
