/* Believing in another master, and telling of it: two steps, between which the
 * disk is waited for. */
#include "core/failover/failover.h"

#include <assert.h>

/* What was known of the old master's state says nothing of the new one. */
static void forget_opinions(struct group *group)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        voter->says_down = voter->denies = false;
        voter->answered_at = NEVER;
    }
}

void switch_begin(struct core *core, struct group *group, msec now)
{
    group->objective_down = false;
    memset(&group->restart, 0, sizeof(group->restart));
    const struct report *report = &group->master->report;
    copy_text(group->accepted_run_id, RUN_ID_SIZE,
              report->was_replica ? report->run_id : "");
    group->switched_at = now;
    group->failover.lost_in_a_row = 0;
    group->failover.retry_at = 0;
    for (int i = 0; i < STAND_HISTORY; i++) {
        group->stood_at[i] = NEVER;
    }
    forget_opinions(group);
    core_touch(core, group);
}

void model_decide_anew(struct group *group)
{
    group->decision++;
}

void switch_master(struct core *core, struct group *group, struct node *master,
                   uint64_t config_epoch, msec now)
{
    struct node *old = group->master;
    assert(config_epoch >= group->config_epoch);
    model_decide_anew(group);
    group->config_epoch = config_epoch;
    if (group->unpublished_version == 0) {
        TAILQ_INSERT_TAIL(&core->unpublished, group, unpublished_entry);
    }
    group->unpublished_version = model_next_version(core);
    model_save_group(core, group);
    if (master == old) {
        return;
    }
    flapping_on_switch(group, now);
    old->former_master = true;
    old->repair.wrong_since = NEVER;
    master->former_master = false;
    foreign_end(master);
    model_save_node(core, old, false);
    model_save_node(core, master, false);
    master->subjective_down = false;
    master->repair.wrong_since = NEVER;
    group->master = master;
    lineage_learn(core, group, &master->report, true);
    switch_begin(core, group, now);
}

void switch_take_back(struct core *core, struct group *group, msec now)
{
    struct node *node = group->master;
    assert(group->unpublished_version != 0);
    model_decide_anew(group);
    group->master = group->published;
    group->config_epoch = group->published_epoch;
    TAILQ_REMOVE(&core->unpublished, group, unpublished_entry);
    group->unpublished_version = 0;
    group->master->former_master = false;
    node->repair.wrong_since = NEVER;
    model_save_node(core, group->master, false);
    model_save_group(core, group);
    if (group->master->report.role == ROLE_MASTER) {
        lineage_learn(core, group, &group->master->report, true);
    }
    switch_begin(core, group, now);
}

void switch_publish(struct core *core, struct group *group)
{
    group->unpublished_version = 0;
    group->published_epoch = group->config_epoch;
    if (group->published != group->master) {
        group->published->subjective_down = false; /* judged anew, as replica */
        core_touch(core, group);
        groups_unindex_master(core, group);
        group->published = group->master;
        groups_index_master(core, group);
    }
    copy_text(group->published_ip, IP_SIZE, group->published->instance.ip);
}

void switch_adopt(struct core *core, struct node *master,
                  const struct voter *teller, msec now)
{
    struct group *group = master->group;
    uint64_t epoch = teller->view_told.epoch;
    if (epoch > core->model.current_epoch) {
        election_new_epoch(core, epoch);
        election_say_epoch(core, group);
    }
    failover_yield(core, group, now);
    if (master != group->master) {
        copy_text(group->update_from, RUN_ID_SIZE, teller->peer->run_id);
    }
    report_adoption(core, group, master, epoch, now);
    bool changes = master != group->master;
    switch_master(core, group, master, epoch, now);
    if (changes) {
        master_restart_on_adoption(core, group, now);
    }
    info_now(core, group, now);
}
