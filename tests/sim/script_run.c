/* Statements that let time pass, and that look at how things stand. */
#include <inttypes.h>
#include <stdio.h>

#include "liveness.h"
#include "script.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

enum { UNTIL_MS = 60000 };

static bool appeared(const struct transcript *transcript, size_t from,
                     const char *text)
{
    for (size_t i = from; i < transcript->count; i++) {
        if (strstr(transcript->lines[i], text) != NULL) {
            return true;
        }
    }
    return false;
}

/* "calm" is the state that a run must end in; everything else is text that a
 * line of the transcript must contain. */
static bool is_there(const struct script *script, const char *text, size_t from)
{
    struct error why;
    if (strcmp(text, "calm") == 0) {
        return liveness_is_reached(script->sim, &why);
    }
    return appeared(&script->sim->transcript, from, text);
}

static bool wait_until(struct script *script)
{
    struct sim *sim = script->sim;
    uint64_t within = UNTIL_MS;
    const char *limit = script_option(script, "within");
    if (script->word_count < 3 ||
        (limit != NULL && !script_number(limit, &within))) {
        return script_fail(script, "usage: run until TEXT [within=T]");
    }
    const char *text = script->words[2];
    size_t from = sim->transcript.count;
    msec until = sim->now + within;
    while (!is_there(script, text, from) && sim->now < until &&
           !sim->oracle.violated) {
        sim_run_until(sim, sim->now + 1);
    }
    if (is_there(script, text, from) || sim->oracle.violated) {
        return true;
    }
    struct error why = {"no line contains it"};
    if (strcmp(text, "calm") == 0) {
        (void)liveness_is_reached(sim, &why);
    }
    return script_fail(script, "waited %" PRIu64 " ms for %s: %s", within, text,
                       why.text);
}

bool script_wait(struct script *script)
{
    if (strcmp(script->words[1], "until") == 0) {
        return wait_until(script);
    }
    uint64_t time;
    if (!script_number(script->words[1], &time)) {
        return script_fail(script, "run: %s is no time", script->words[1]);
    }
    sim_run_until(script->sim, script->sim->now + time);
    return true;
}

/* The time since discovery. */
bool script_at(struct script *script)
{
    struct sim *sim = script->sim;
    uint64_t time;
    if (!script_number(script->words[1], &time)) {
        return script_fail(script, "at: %s is no time", script->words[1]);
    }
    if (sim->now < sim->transcript.zero + time) {
        sim_run_until(sim, sim->transcript.zero + time);
    }
    return true;
}

/* --- show ----------------------------------------------------------------- */

static void show_sentinel(struct sim *sim, const struct process *process)
{
    const struct model *model = core_model(process->sentinel->core);
    const struct group *group;
    TAILQ_FOREACH (group, &model->groups, entry) {
        const struct address *address = model_current_address(group);
        transcript_note(
            sim,
            "%s: %s is %s, config epoch %" PRIu64 ", %" PRIu32
            " nodes, %" PRIu32 " members of %" PRIu32 " peers%s",
            process->name, group->name, address->host, group->published_epoch,
            group->node_count, group->voter_count, model->peer_count,
            group->failover.state == FAILOVER_NONE ? "" : ", in a failover");
    }
}

static void show_master(struct sim *sim, const struct process *process)
{
    const struct demanding *demanding = &process->redis->demanding;
    if (demanding->min_replicas.replicas == 0) {
        transcript_note(sim, "%s: master", process->name);
        return;
    }
    transcript_note(sim,
                    "%s: master, demands %" PRIu32 " replicas within %" PRIu32
                    " s, %s writes",
                    process->name, demanding->min_replicas.replicas,
                    demanding->min_replicas.max_lag_s,
                    demand_is_met(process->redis) ? "takes" : "refuses");
}

static void show_redis(struct sim *sim, const struct process *process)
{
    const struct redis *redis = process->redis;
    if (redis->is_master) {
        show_master(sim, process);
        return;
    }
    transcript_note(sim, "%s: replica of %s, link %s", process->name,
                    redis->follows.host,
                    redis->replication == REPLICATION_UP ? "up" : "down");
}

bool script_show(struct script *script)
{
    struct sim *sim = script->sim;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (process->state == PROCESS_DEAD) {
            transcript_note(sim, "%s: dead", process->name);
        } else if (process->kind == PROCESS_SENTINEL) {
            show_sentinel(sim, process);
        } else {
            show_redis(sim, process);
        }
    }
    return true;
}
