/* The caller's part, as core.h lists it: waiting actions are held until they
 * are durable and refused when a save fails or when they come too late;
 * there is one connection for each link. */
#include "core_world.h"

#include <assert.h>

#include "sentineld/memory.h"

static struct sent *add_sent(struct world *world,
                             const struct core_action *action)
{
    assert(world->sent_count < MAX_SENT); /* queues are bounded */
    struct sent *sent = &world->sent[world->sent_count++];
    *sent = (struct sent){.action = *action};
    return sent;
}

/* Tells of everything that was refused while actions were performed. */
static void tell_refused(struct world *world)
{
    size_t i = 0;
    while (i < world->sent_count) {
        if (!world->sent[i].refused) {
            i++;
            continue;
        }
        struct core_action action = world->sent[i].action;
        world_drop_sent(world, i);
        if (action.type != ACT_ANSWER) {
            world_acknowledge(world, &action, ACK_UNSENT, ROLE_UNKNOWN);
        }
    }
}

/* It leaves now: an answer is over, a command waits for its reply. */
static void leave(struct world *world, struct sent *sent)
{
    sent->version = 0;
    if (sent->action.expires_at < world->now) {
        sent->refused = true;
        return;
    }
    leaving_check(world, &sent->action);
}

static void drop_answered(struct world *world)
{
    for (size_t i = 0; i < world->sent_count;) {
        const struct sent *sent = &world->sent[i];
        if (sent->version == 0 && sent->action.type == ACT_ANSWER) {
            world_drop_sent(world, i);
        } else {
            i++;
        }
    }
}

static void perform_command(struct world *world,
                            const struct core_action *action)
{
    struct sent *sent = add_sent(world, action);
    if (action->type != ACT_ANSWER &&
        world->connections[action->link].state != LINK_UP) {
        sent->refused = true; /* it broke in the same batch */
        return;
    }
    if (core_action_waits(action->type) &&
        world->version > world->durable_version) {
        sent->version = world->version;
    } else {
        leave(world, sent);
    }
}

/* Each command is answered once. */
static void note_answer(struct world *world, const struct core_action *action)
{
    if (!action->answer.is_opinion) {
        assert(action->answer.client >= FIRST_CLIENT);
        bool *unanswered =
            &world->unanswered[action->answer.client - FIRST_CLIENT];
        assert(*unanswered);
        *unanswered = false;
    }
}

static void perform(struct world *world, const struct core_action *action)
{
    if (action->type == ACT_CONNECT) {
        assert(action->link < MAX_LINK_ID);
        assert(world->connections[action->link].state == LINK_IDLE);
        world->connections[action->link].state = LINK_CONNECTING;
        if (action->link > world->last_link) {
            world->last_link = action->link;
        }
    } else if (action->type == ACT_DISCONNECT) {
        world->connections[action->link].state = LINK_IDLE;
        world_drop_sent_on(world, action->link);
    } else if (action->type == ACT_ANSWER) {
        note_answer(world, action);
        perform_command(world, action);
    } else if (action->link != 0) {
        perform_command(world, action);
    } else {
        assert(!core_action_waits(action->type)); /* events and the like */
    }
}

void caller_release(struct world *world, bool durable)
{
    for (size_t i = 0; i < world->sent_count; i++) {
        struct sent *sent = &world->sent[i];
        if (sent->version == 0) {
            continue;
        }
        if (!durable) {
            sent->refused = true;
        } else if (sent->version <= world->durable_version) {
            leave(world, sent);
        }
    }
    tell_refused(world);
    drop_answered(world);
}

void caller_save(struct world *world)
{
    for (size_t i = 0; i < world->waiting_count; i++) {
        disk_store(world, &world->waiting[i]);
    }
    world->waiting_count = 0;
    world->durable_version = world->version;
    world_record(world,
                 &(struct core_event){.type = EV_SAVED,
                                      .saved_version = world->durable_version});
    caller_release(world, true);
}

void caller_settle(struct world *world)
{
    for (int rounds = 0;; rounds++) {
        assert(rounds < 50); /* or it spins */
        struct core_output output;
        core_settle(world->core, world->now, &output);
        assert(output.count < MAX_ACTIONS);
        disk_submit(world, &output);
        for (size_t i = 0; i < output.count; i++) {
            perform(world, &output.actions[i]);
        }
        drop_answered(world);
        checks_model(world);
        size_t before = world->sent_count;
        tell_refused(world);
        bool saves = world->disk == DISK_WORKS &&
                     world->version > world->durable_version;
        if (saves) {
            caller_save(world);
        }
        if (!saves && before == world->sent_count) {
            return;
        }
    }
}
