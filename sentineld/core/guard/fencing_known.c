/* What each server demands of its replicas, as it last said, and what of that
 * is ours. Decides nothing. */
#include "core/guard/fencing.h"

#include <stdio.h>

void fencing_remember(struct core *core, struct node *node,
                      const struct min_replicas *ours)
{
    struct fence *fence = &node->fence;
    if (strcmp(fence->run_id, node->report.run_id) == 0 &&
        fencing_min_replicas_equal(&fence->ours, ours)) {
        return;
    }
    fence->ours = *ours;
    copy_text(fence->run_id, RUN_ID_SIZE, node->report.run_id);
    model_save_node(core, node, false);
}

void fencing_forget(struct core *core, struct node *node)
{
    if (node->fence.run_id[0] != '\0') {
        node->fence.run_id[0] = '\0';
        node->fence.ours = (struct min_replicas){0, 0};
        model_save_node(core, node, false);
    }
}

void fencing_restore(struct core *core, struct node *node,
                     const struct record_node *row)
{
    struct fence *fence = &node->fence;
    fence->leads = node == node->group->master;
    if (row->fenced_run_id[0] == '\0') {
        return;
    }
    fence->ours = row->min_replicas;
    copy_text(fence->run_id, RUN_ID_SIZE, row->fenced_run_id);
    model_save_node(core, node, false);
}

void fencing_forget_pending(struct node *node)
{
    struct fence *fence = &node->fence;
    fence->read_at = NEVER; /* it may be another process that comes back */
    fence->read_pending = false;
    fence->sent_pending = false;
    fence->read_due_at = 0;
}

/* --- Reading -------------------------------------------------------------- */

void fencing_read(struct core *core, struct node *node)
{
    node->fence.read_pending = true;
    action_simple(core, ACT_FENCE_READ, &node->instance.command, node->group);
}

void fencing_read_when_due(struct core *core, struct node *node, msec now)
{
    struct fence *fence = &node->fence;
    if (fence->read_pending || !link_usable(&node->instance.command)) {
        return;
    }
    if (now >= fence->read_due_at) {
        fencing_read(core, node);
    } else {
        schedule_sooner(core, &node->group->timer, fence->read_due_at);
    }
}

void fencing_on_min_replicas(struct core *core, struct node *node,
                             const struct min_replicas *min_replicas, msec now)
{
    struct fence *fence = &node->fence;
    fence->has = *min_replicas;
    fence->read_at = now;
    fence->read_pending = false;
    fence->read_due_at = now + core->model.periods.info_ms;
    if (!fence->set_refused) {
        alarm_on_refusal(core, &node->instance.command, DENIED_CONFIG, ACK_OK);
    }
    core_touch(core, node->group);
}

void fencing_on_read_refused(struct core *core, struct node *node,
                             enum ack_result result, msec now)
{
    node->fence.read_pending = false;
    node->fence.read_due_at = now + FENCE_PATIENCE_MS;
    alarm_on_refusal(core, &node->instance.command, DENIED_CONFIG, result);
    core_touch(core, node->group);
}

/* --- What became of it ---------------------------------------------------- */

static bool is_less(const struct min_replicas *a, const struct min_replicas *b)
{
    uint32_t first = a->max_lag_s == 0 ? 0 : a->replicas;
    uint32_t second = b->max_lag_s == 0 ? 0 : b->replicas;
    return first < second;
}

static void on_obeyed(struct core *core, struct node *node, msec now)
{
    struct fence *fence = &node->fence;
    char text[96];
    (void)snprintf(text, sizeof(text),
                   "min-replicas-to-write %u, min-replicas-max-lag %u",
                   fence->sent.replicas, fence->sent.max_lag_s);
    if (!fencing_min_replicas_equal(&fence->sent, &fence->has)) {
        bool less = is_less(&fence->sent, &fence->has);
        event_node(core, LEVEL_NOTICE, less ? "-fencing" : "+fencing", node,
                   text);
    }
    fence->has = fence->sent;
    fence->read_at = now;
    fence->adopt = false;
    fence->set_refused = false;
    fence->retry_at = 0;
    if (fence->sent.replicas == 0) {
        fencing_forget(core, node);
    } else {
        fencing_remember(core, node, &fence->sent);
    }
}

/* Without CONFIG REWRITE what it demands is gone after a restart of it. */
static void on_not_durable(struct core *core, struct node *node)
{
    if (!node->fence.bare) {
        node->fence.bare = true;
        event_node(core, LEVEL_WARNING, "+access-denied", node,
                   "CONFIG REWRITE fails: a restart forgets fencing");
    }
}

void fencing_on_ack(struct core *core, struct node *node,
                    const struct core_event *event, msec now)
{
    struct fence *fence = &node->fence;
    struct link *link = &node->instance.command;
    fence->sent_pending = false;
    if (event->ack.extras) {
        on_not_durable(core, node);
    }
    switch (event->ack.result) {
    case ACK_OK:
        on_obeyed(core, node, now);
        alarm_on_refusal(core, link, DENIED_CONFIG, ACK_OK);
        break;
    case ACK_REFUSED:
        if (!event->ack.extras) { /* else: again without it */
            fence->set_refused = true;
            fence->retry_at = now + FENCE_PATIENCE_MS;
            alarm_on_refusal(core, link, DENIED_CONFIG, ACK_REFUSED);
        }
        break;
    case ACK_UNSENT:
        fence->retry_at = now + FENCE_SEND_MS;
        break;
    }
    core_touch(core, node->group);
}
