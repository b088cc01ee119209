/* What is wrong with a connection, or with the server behind it, in the few
 * words that rows, events and log lines show. */
#include "core/model/model.h"

#include <assert.h>

const char *link_failure_name(enum link_failure failure)
{
    switch (failure) {
    case FAILURE_NONE:
        return "";
    case FAILURE_REFUSED:
        return "refused";
    case FAILURE_RESET:
        return "reset";
    case FAILURE_CLOSED:
        return "closed";
    case FAILURE_TIMED_OUT:
        return "timed out";
    case FAILURE_UNREACHABLE:
        return "unreachable";
    case FAILURE_UNRESOLVABLE:
        return "unresolvable";
    case FAILURE_TLS:
        return "TLS failed";
    case FAILURE_PROTOCOL:
        return "not a Redis server";
    case FAILURE_FULL:
        return "max number of clients reached";
    case FAILURE_LOCAL:
        return "local trouble";
    }
    assert(false);
    return "";
}

const char *pong_name(enum pong pong)
{
    switch (pong) {
    case PONG_OK:
        return "";
    case PONG_LOADING:
        return "loading";
    case PONG_MASTERDOWN:
        return "";
    case PONG_BUSY:
        return "busy";
    case PONG_NOAUTH:
        return "password wanted";
    case PONG_WRONGPASS:
        return "wrong password";
    case PONG_NOPERM:
        return "permission missing";
    case PONG_MISCONF:
        return "persistence failing";
    case PONG_ERROR:
        return "error reply";
    }
    assert(false);
    return "";
}

const char *instance_trouble(const struct instance *instance)
{
    const struct link *link = &instance->command;
    if (link->state != LINK_UP && link->failure != FAILURE_NONE) {
        return link_failure_name(link->failure);
    }
    return pong_name(instance->health.pong);
}

bool instance_is_locked(const struct instance *instance)
{
    enum pong pong = instance->health.pong;
    return pong == PONG_NOAUTH || pong == PONG_WRONGPASS;
}
