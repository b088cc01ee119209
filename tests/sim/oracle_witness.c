/* S6, the other half: a master that its replicas hear is not objectively down
 * (detection = witnessed). The oracle reckons from the INFO that the sentinel
 * has read, by itself, when each replica surely heard its master. */
#include <inttypes.h>

#include "oracle.h"
#include "sentineld/model.h"
#include "sim.h"

/* The two seconds that whole seconds leave open, and then some. */
enum { SECOND_MS = 1000, DOUBT_MS = 200 };

void oracle_on_info_asked(struct sim *sim, const struct sentinel *sentinel,
                          uint32_t server)
{
    sim->oracle.info_asked_at[sentinel->process->number][server] =
        node_now(sim, sentinel);
}

void oracle_note_heard(struct sim *sim, const struct sentinel *sentinel,
                       uint32_t server, const struct info_text *info)
{
    uint32_t reader = sentinel->process->number;
    struct heard *heard = &sim->oracle.heard[reader][server];
    struct heard before = *heard;
    heard->asked_at = sim->oracle.info_asked_at[reader][server];
    heard->offset = info->offset;
    heard->master = info->role == ROLE_REPLICA && info->link_up
                        ? sim_process_at(sim, &info->master)
                        : 0;
    if (heard->master == 0 || heard->master != before.master) {
        heard->at = 0;
        return;
    }
    if (info->offset > before.offset && before.asked_at > heard->at) {
        heard->at = before.asked_at;
    }
    msec age = (msec)(info->last_io_s + 1) * SECOND_MS + DOUBT_MS;
    if (info->last_io_s >= 0 && heard->asked_at > heard->at + age) {
        heard->at = heard->asked_at - age;
    }
}

/* Those that are down for this sentinel say nothing, for it or against. */
static uint32_t count_replicas(const struct group *group)
{
    uint32_t count = 0;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        count += node != group->master && !node->subjective_down ? 1 : 0;
    }
    return count;
}

static uint32_t count_hearing(const struct sim *sim,
                              const struct sentinel *sentinel,
                              const struct group *group, msec since)
{
    uint32_t master = sim_process_at(sim, &group->master->instance.address);
    const struct heard *heard = sim->oracle.heard[sentinel->process->number];
    msec down_after_ms = group->settings.down_after_ms;
    uint32_t count = 0;
    uint64_t counted = 0; /* a name and an ip may be one server */
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        uint32_t number = sim_process_at(sim, &node->instance.address);
        const struct heard *one = &heard[number];
        if (node != group->master && !node->subjective_down &&
            (counted & UINT64_C(1) << number) == 0 && one->master == master &&
            one->at >= since &&
            node_now(sim, sentinel) < one->at + down_after_ms) {
            counted |= UINT64_C(1) << number;
            count++;
        }
    }
    return count;
}

/* Only a master from which nothing comes: one that answers that it is busy,
 * or a replica, is judged by that. */
static bool is_silent(const struct group *group, msec now)
{
    const struct health *health = &group->master->instance.health;
    return health->unanswered_since != NEVER &&
           now - health->reply_at >= group->settings.down_after_ms;
}

void oracle_check_down(struct sim *sim, struct sentinel *sentinel,
                       const struct group *group)
{
    struct watched_group *watched =
        &sim->oracle.watched[sentinel->process->number]
                            [oracle_group(sim, group->name)];
    bool begins = group->objective_down && !watched->objective_down;
    watched->objective_down = group->objective_down;
    if (!begins || group->settings.detection != DETECTION_WITNESSED ||
        !is_silent(group, node_now(sim, sentinel))) {
        return;
    }
    uint32_t hearing = count_hearing(
        sim, sentinel, group, group->master->instance.health.unanswered_since);
    if (hearing > count_replicas(group) / 2) {
        oracle_fail(sim, "S6",
                    "%s takes %s for down, which %" PRIu32 " of %" PRIu32
                    " replicas hear",
                    sentinel->process->name, group->name, hearing,
                    count_replicas(group));
    }
}
