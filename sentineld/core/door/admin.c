/* What an operator asks for: MONITOR, REMOVE, SET, RESET, FAILOVER ... The
 * asker gets the outcome after it is durable. */
#include "core/door/door.h"

#include <assert.h>
#include <stdio.h>

static enum admin_result monitor(struct core *core, const struct admin *admin,
                                 msec now)
{
    if (model_group_named(core, admin->name) != NULL) {
        return ADMIN_DUPLICATE_GROUP;
    }
    if (core->model.group_count == MAX_GROUPS) {
        return ADMIN_TOO_MANY_GROUPS;
    }
    struct group *group =
        groups_add(core, admin->name, &admin->master, &admin->settings, now);
    model_save_group(core, group);
    return ADMIN_OK;
}

static void remove_group(struct core *core, const struct admin *admin, msec now)
{
    struct group *group = model_group_named(core, admin->name);
    if (group == NULL) {
        action_outcome(core, admin, ADMIN_NO_SUCH_GROUP, 0);
        return;
    }
    leaving_forget(core, group, admin->client, now);
}

static enum admin_result set(struct core *core, const struct admin *admin,
                             msec now)
{
    struct group *group = model_group_named(core, admin->name);
    if (group == NULL) {
        return ADMIN_NO_SUCH_GROUP;
    }
    pending_add(core, group, admin, now);
    return ADMIN_OK;
}

/* What we do to its servers goes on: ended in the middle, nobody would know
 * what is to be given back. */
static void reset_one(struct core *core, struct group *group, msec now)
{
    enum failover_state state = group->failover.state;
    if (state != FAILOVER_NONE && state != FAILOVER_WAIT_START) {
        event_log(core, LEVEL_NOTICE,
                  "%s: RESET forgets nothing while this supervisor does a "
                  "failover",
                  group->name);
        return;
    }
    failover_yield(core, group, now);
    reset_group(core, group, now);
}

static uint32_t reset(struct core *core, const struct admin *admin, msec now)
{
    uint32_t count = 0;
    for (size_t i = 0; i < admin->group_count; i++) {
        struct group *group = model_group(core, admin->groups[i]);
        if (group == NULL) {
            continue;
        }
        reset_one(core, group, now);
        event_group(core, LEVEL_WARNING, "+reset-master", group, "");
        count++;
    }
    return count;
}

/* A planned one is answered when its outcome is known, any other when it is
 * decided who does it. */
static void failover(struct core *core, const struct admin *admin, msec now)
{
    struct group *group = model_group_named(core, admin->name);
    enum admin_result result = group == NULL
                                   ? ADMIN_NO_SUCH_GROUP
                                   : failover_request(core, group, admin, now);
    if (result == ADMIN_REFUSED || result == ADMIN_NO_GOOD_REPLICA) {
        action_refusal(core, admin, result, group->failover.switchover.why);
        return;
    }
    if (result != ADMIN_OK || group->failover.switchover.client == 0) {
        action_outcome(core, admin, result, 0);
    }
}

static enum admin_result acknowledge(struct core *core,
                                     const struct admin *admin)
{
    struct group *group = model_group_named(core, admin->name);
    if (group == NULL) {
        return ADMIN_NO_SUCH_GROUP;
    }
    flapping_acknowledge(core, group);
    return ADMIN_OK;
}

static enum admin_result adopt_server(struct core *core, struct group *group,
                                      const struct address *address,
                                      const char **why_not)
{
    return model_find_node(group, address) == group->master
               ? master_restart_adopt(core, group, why_not)
               : foreign_adopt(core, group, address, why_not);
}

static void adopt(struct core *core, const struct admin *admin)
{
    struct group *group = model_group_named(core, admin->name);
    const char *why_not = "";
    enum admin_result result =
        group == NULL ? ADMIN_NO_SUCH_GROUP
                      : adopt_server(core, group, &admin->target, &why_not);
    action_refusal(core, admin, result, why_not);
}

static void flush(struct core *core)
{
    model_save_self(core);
    struct group *group;
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        model_save_group(core, group);
    }
}

/* While our disk does not save, what must be remembered is not begun. */
static bool is_refused(const struct core *core, enum admin_type type)
{
    switch (type) {
    case ADMIN_MONITOR:
    case ADMIN_REMOVE:
    case ADMIN_SET:
    case ADMIN_RESET:
    case ADMIN_ADOPT:
    case ADMIN_CONFIG:
        return core->model.save_failed;
    case ADMIN_FAILOVER: /* has its own reasons */
    case ADMIN_ACKNOWLEDGE:
    case ADMIN_STOP:
    case ADMIN_ACCEPT: /* its answer waits for the save */
    case ADMIN_FLUSH:  /* tries it */
    case ADMIN_RELOAD:
    case ADMIN_PERIODS:
    case ADMIN_SIMULATE:
        return false;
    }
    assert(false);
    return true;
}

void admin_apply(struct core *core, const struct admin *admin, msec now)
{
    if (is_refused(core, admin->type)) {
        model_save_self(core); /* the answer waits for that, and tells why */
        action_refusal(core, admin, ADMIN_REFUSED,
                       "the state of this supervisor cannot be saved now");
        return;
    }
    enum admin_result result = ADMIN_OK;
    uint32_t count = 0;
    switch (admin->type) {
    case ADMIN_MONITOR:
        result = monitor(core, admin, now);
        break;
    case ADMIN_REMOVE:
        remove_group(core, admin, now);
        return;
    case ADMIN_SET:
        result = set(core, admin, now);
        break;
    case ADMIN_RESET:
        count = reset(core, admin, now);
        break;
    case ADMIN_FAILOVER:
        failover(core, admin, now);
        return;
    case ADMIN_STOP:
        leaving_stop(core, now);
        break;
    case ADMIN_ACKNOWLEDGE:
        result = acknowledge(core, admin);
        break;
    case ADMIN_ADOPT:
        adopt(core, admin);
        return;
    case ADMIN_ACCEPT:
        commit_on_offer(core, admin, now);
        return;
    case ADMIN_FLUSH:
        flush(core);
        break;
    case ADMIN_RELOAD:
        reload_apply(core, admin->file, admin->file_before, now);
        break;
    case ADMIN_CONFIG:
    case ADMIN_PERIODS:
    case ADMIN_SIMULATE:
        settings_apply(core, admin);
        break;
    }
    action_outcome(core, admin, result, count);
}
