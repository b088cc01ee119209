/* SENTINEL DEBUG and SIMULATE-FAILURE: for tests of a pool. Neither outlives
 * the process. */
#include <stddef.h>
#include <string.h>

#include "proto/commands/command_private.h"
#include "sentineld/info.h"
#include "sentineld/model.h"

/* A day, as for the periods in the configuration file. */
enum { PERIOD_MAX_MS = 86400000 };

/* Redis' names in its order, and what each of them is here. */
static const struct period {
    const char *name;
    size_t offset; /* in struct periods */
} periods[] = {
    {"INFO-PERIOD", offsetof(struct periods, info_ms)},
    {"PING-PERIOD", offsetof(struct periods, ping_ms)},
    {"ASK-PERIOD", offsetof(struct periods, ask_ms)},
    {"PUBLISH-PERIOD", offsetof(struct periods, hello_ms)},
    {"DEFAULT-DOWN-AFTER", offsetof(struct periods, down_after_ms)},
    {"DEFAULT-FAILOVER-TIMEOUT", offsetof(struct periods, failover_timeout_ms)},
    {"TILT-TRIGGER", offsetof(struct periods, tilt_trigger_ms)},
    {"TILT-PERIOD", offsetof(struct periods, tilt_ms)},
    {"SLAVE-RECONF-TIMEOUT", offsetof(struct periods, reconf_ms)},
    {"MIN-LINK-RECONNECT-PERIOD", offsetof(struct periods, reconnect_ms)},
    {"ELECTION-TIMEOUT", offsetof(struct periods, election_ms)},
    {"SCRIPT-MAX-RUNTIME", offsetof(struct periods, script_runtime_ms)},
    {"SCRIPT-RETRY-DELAY", offsetof(struct periods, script_retry_ms)},
};
enum { PERIOD_COUNT = sizeof(periods) / sizeof(periods[0]) };

static enum command_next reply_periods(const struct call *call)
{
    const char *all = (const char *)&call->context->model->periods;
    resp_map(call->writer, PERIOD_COUNT);
    for (size_t i = 0; i < PERIOD_COUNT; i++) {
        msec value;
        memcpy(&value, all + periods[i].offset, sizeof(value));
        resp_string(call->writer, periods[i].name);
        resp_number(call->writer, value);
    }
    return COMMAND_REPLIED;
}

static const struct period *find_period(const struct call *call, size_t index)
{
    for (size_t i = 0; i < PERIOD_COUNT; i++) {
        if (command_word_is(call, index, periods[i].name)) {
            return &periods[i];
        }
    }
    return NULL;
}

/* One name and its value; writes the error when they are wrong. */
static bool read_period(const struct call *call, size_t index,
                        struct periods *wanted)
{
    const struct resp_request *request = call->request;
    const struct period *period = find_period(call, index);
    msec value;
    if (period == NULL || index + 1 == request->argc) {
        resp_err(call->writer,
                 "Unknown option or number of arguments for SENTINEL DEBUG "
                 "'%s'",
                 request->argv[index]);
        return false;
    }
    if (!parse_unsigned(request->argv[index + 1], request->lengths[index + 1],
                        PERIOD_MAX_MS, &value) ||
        value == 0) {
        resp_err(call->writer, "Invalid argument '%s' for SENTINEL DEBUG '%s'",
                 request->argv[index + 1], request->argv[index]);
        return false;
    }
    memcpy((char *)wanted + period->offset, &value, sizeof(value));
    return true;
}

enum command_next cmd_sentinel_debug(struct call *call)
{
    struct admin *admin = &call->fact->admin;
    if (call->request->argc == 2) {
        return reply_periods(call);
    }
    *admin = (struct admin){.periods = call->context->model->periods};
    for (size_t i = 2; i < call->request->argc; i += 2) {
        if (!read_period(call, i, &admin->periods)) {
            return COMMAND_REPLIED;
        }
    }
    return command_ask_admin(call, ADMIN_PERIODS);
}

enum command_next cmd_sentinel_simulate_failure(struct call *call)
{
    struct admin *admin = &call->fact->admin;
    *admin = (struct admin){.simulated = 0};
    for (size_t i = 2; i < call->request->argc; i++) {
        if (command_word_is(call, i, "crash-after-election")) {
            admin->simulated |= SIMULATE_AFTER_ELECTION;
        } else if (command_word_is(call, i, "crash-after-promotion")) {
            admin->simulated |= SIMULATE_AFTER_PROMOTION;
        } else if (command_word_is(call, i, "help")) {
            resp_array(call->writer, 2);
            resp_string(call->writer, "crash-after-election");
            resp_string(call->writer, "crash-after-promotion");
            return COMMAND_REPLIED;
        } else {
            resp_err(call->writer, "Unknown failure simulation specified");
            return COMMAND_REPLIED;
        }
    }
    return command_ask_admin(call, ADMIN_SIMULATE);
}
