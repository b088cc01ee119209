/* The answer to a command that was only done or refused: to whom it matters. */
#include "core/door/door.h"

#include <assert.h>

static void record_hello_ack(struct core *core, struct link *link,
                             object_id group_id)
{
    if (link->node != NULL) {
        link->hello_pending = false;
        if (link->node->hello_due) {
            core_touch(core, link->node->group);
        }
        return;
    }
    struct voter *voter = model_voter_behind(core, link, group_id);
    if (voter != NULL) {
        voter->hello_pending = false;
        if (voter->hello_due) {
            core_touch(core, voter->group);
        }
    }
}

/* It would follow, but not do CONFIG REWRITE or CLIENT KILL: from now on it is
 * told the one thing that it does. Its clients then stay where they are. */
static bool is_to_be_bare(struct core *core, struct node *node,
                          const struct core_event *event)
{
    if (event->ack.result != ACK_REFUSED || !event->ack.extras || node->bare) {
        return false;
    }
    node->bare = true;
    event_node(core, LEVEL_WARNING, "+access-denied", node,
               "CONFIG REWRITE or CLIENT KILL is refused");
    return true;
}

static void record_replicaof_ack(struct core *core, struct node *node,
                                 const struct core_event *event, msec now)
{
    enum ack_result result = event->ack.result;
    if (is_to_be_bare(core, node, event)) {
        if (promotion_send_bare(core, node)) {
            return;
        }
        repair_at_once(node);
        result = ACK_UNSENT;
    } else if (promotion_on_replicaof(core, node, result, event->ack.role,
                                      now)) {
        return;
    }
    reconf_on_replicaof(core, node, result, now);
    repair_on_replicaof(core, node, result, now);
}

/* Orders that only a server gets. */
static void record_order_ack(struct core *core, struct node *node,
                             const struct core_event *event, msec now)
{
    enum core_action_type what = event->ack.what;
    if (what == ACT_CUT_OFF) {
        candidates_on_cut_off(core, node, event->ack.result, now);
        repair_on_cut_off(core, node, now);
    } else if (what == ACT_REPLICAOF) {
        record_replicaof_ack(core, node, event, now);
    } else if (what == ACT_FENCE_READ) {
        fencing_on_read_refused(core, node, event->ack.result, now);
    } else if (what == ACT_FENCE) {
        fencing_on_ack(core, node, event, now);
    } else if (what == ACT_REHEARSE) {
        preflight_on_nothing(node, now);
    } else {
        assert(what == ACT_PAUSE || what == ACT_UNPAUSE);
        switchover_on_pause(core, node, what, event->ack.result, now);
    }
}

void acks_record(struct core *core, struct link *link,
                 const struct core_event *event, msec now)
{
    enum ack_result result = event->ack.result;
    switch (event->ack.what) {
    case ACT_PING:
        link_on_ack(core, link, event->ack.what, now);
        return;
    case ACT_INFO:
        link_on_ack(core, link, event->ack.what, now);
        alarm_on_refusal(core, link, DENIED_INFO, result);
        return;
    case ACT_SUBSCRIBE:
        link_on_ack(core, link, event->ack.what, now);
        alarm_on_refusal(core, link, DENIED_SUBSCRIBE, result);
        return;
    case ACT_HELLO:
        record_hello_ack(core, link, event->group);
        alarm_on_refusal(core, link, DENIED_PUBLISH, result);
        return;
    case ACT_ASK:
        ask_on_reply(core, link, event, now);
        return;
    case ACT_VIEW:
    case ACT_VOTER_VIEW:
        (void)view_on_reply(core, link, event, now); /* it told none */
        return;
    case ACT_IDENTIFY:
        return; /* it does not let us in, or is no supervisor */
    case ACT_ACCEPT:
        commit_on_answer(core, link, event);
        return;
    case ACT_CUT_OFF:
    case ACT_REPLICAOF:
    case ACT_PAUSE:
    case ACT_UNPAUSE:
    case ACT_FENCE_READ:
    case ACT_FENCE:
    case ACT_REHEARSE:
        if (link->node != NULL) {
            record_order_ack(core, link->node, event, now);
        }
        return;
    case ACT_CONNECT:
    case ACT_DISCONNECT:
    case ACT_SCRIPT_KILL:
    case ACT_EVENT:
    case ACT_LOG:
    case ACT_SCRIPT:
    case ACT_ANSWER:
    case ACT_CRASH:
        return;
    }
}
