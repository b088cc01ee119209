/* Who set what a server demands of its replicas: a supervisor, an operator,
 * nobody?
 *
 * Supervisors do not tell each other; they see it in the values. With N
 * replicas and a lag of L configured, a supervisor sets
 *
 *     N, L    the demand
 *     n, L    with n < N: there are no more replicas now
 *     N, 0    nothing is demanded now: there is no replica at all
 *
 * A server demands nothing when either value is 0. An operator who wants that
 * sets the first of them, so the two cannot be mistaken for each other. What
 * was set under other settings is remembered with the node. */
#include "core/guard/guard.h"

enum { DEFAULT_MAX_LAG_S = 10 }; /* of a server that nobody configured */

struct min_replicas fencing_full(const struct group_settings *settings)
{
    return (struct min_replicas){settings->fencing_replicas,
                                 settings->fencing_max_lag_s};
}

bool fencing_min_replicas_equal(const struct min_replicas *a,
                                const struct min_replicas *b)
{
    return a->replicas == b->replicas && a->max_lag_s == b->max_lag_s;
}

enum fence_owner fencing_judge(const struct group_settings *settings,
                               const struct min_replicas *has,
                               const struct min_replicas *ours, bool is_short)
{
    struct min_replicas full = fencing_full(settings);
    if (ours != NULL && fencing_min_replicas_equal(ours, has)) {
        return FENCE_OURS;
    }
    if (has->replicas == full.replicas &&
        (has->max_lag_s == full.max_lag_s || has->max_lag_s == 0)) {
        return FENCE_OURS;
    }
    if (is_short && has->replicas > 0 && has->replicas < full.replicas &&
        has->max_lag_s == full.max_lag_s) {
        return FENCE_OURS;
    }
    bool touched =
        has->max_lag_s == full.max_lag_s && full.max_lag_s != DEFAULT_MAX_LAG_S;
    bool nothing = has->replicas == 0 && ours == NULL && !touched;
    return nothing ? FENCE_NOBODYS : FENCE_OPERATORS;
}

msec fencing_bound_ms(const struct node *node)
{
    const struct min_replicas *has = &node->fence.has;
    if (has->replicas == 0 || has->max_lag_s == 0) {
        return NEVER;
    }
    return (msec)has->max_lag_s * 1000 + FENCE_CHECK_MS;
}

const char *fencing_state_name(const struct group *group)
{
    const struct fence *fence = &group->published->fence;
    switch (fence->owner) {
    case FENCE_UNKNOWN:
        return "unknown";
    case FENCE_NOBODYS:
        return "none";
    case FENCE_OPERATORS:
        return "operator";
    case FENCE_OURS:
        break;
    }
    struct min_replicas full = fencing_full(&group->settings);
    return fencing_min_replicas_equal(&fence->has, &full) ? "held" : "relaxed";
}
