/* The queue of scripts: what waits, what runs, when and how often.
 *
 * Jobs are started in the order in which they were asked for, one in each
 * turn of the loop, so that a burst of events delays nothing else. One timer
 * stands at the next moment at which a job may start or must be killed; the
 * loop tells of processes that ended. A job leaves the queue when it
 * succeeded, when another start would be in vain, when there is no room, or
 * when it would announce a master that is not the newest: a later failover of
 * its group has made what it would say wrong. Each of these but success is
 * said.
 *
 * What must survive a restart does not belong here: the queue is in memory. */
#include "io/runtime/script.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "io/base/log.h"
#include "io/runtime/runtime.h"
#include "sentineld/memory.h"

#include "io/runtime/script_private.h"

enum {
    MAX_RUNTIME_MS = 60 * 1000,
    RETRY_DELAY_MS = 30 * 1000,
    NO_PROCESS_DELAY_MS = 1000, /* the system had none to give */
    NO_PROCESS_SIGNAL = 99,     /* how Sentinel reports that */
    NOT_EXECUTED_STATUS = 2,    /* ... and a file that is no program */
};

struct script_runner {
    struct ev_loop *loop;
    struct script_owner owner;
    struct script_limits limits;
    struct jobs jobs;
    struct ev_timer timer;
    struct ev_child child; /* any of them */
};

/* How a process ended, in the words of -script-error. */
struct outcome {
    int signal; /* 0 = none */
    int status;
};

static void say(const struct script_runner *runner, enum log_level level,
                const char *channel, const char *text)
{
    runner->owner.say(runner->owner.context, level, channel, text);
}

static void forget(struct script_runner *runner, struct job *job)
{
    TAILQ_REMOVE(&runner->jobs.list, job, entry);
    runner->jobs.count--;
    script_job_free(job);
}

/* --- When ----------------------------------------------------------------- */

static msec earlier(msec a, msec b)
{
    return a < b ? a : b;
}

static bool may_start(const struct script_runner *runner, const struct job *job)
{
    return job->process_id == 0 && runner->jobs.running < MAX_RUNNING_JOBS;
}

static msec next_moment(const struct script_runner *runner)
{
    const struct job *job;
    msec next = NEVER;
    TAILQ_FOREACH (job, &runner->jobs.list, entry) {
        if (job->process_id != 0 && !job->killed) {
            next =
                earlier(next, job->started_at + runner->limits.max_runtime_ms);
        } else if (may_start(runner, job)) {
            next = earlier(next, job->start_at);
        }
    }
    return next;
}

static void arm_timer(struct script_runner *runner)
{
    msec next = next_moment(runner);
    ev_timer_stop(runner->loop, &runner->timer);
    if (next == NEVER) {
        return;
    }
    msec now = runtime_now();
    double delay_s = next > now ? (double)(next - now) / 1000.0 : 0.0;
    ev_now_update(runner->loop);
    ev_timer_set(&runner->timer, delay_s, 0.0);
    ev_timer_start(runner->loop, &runner->timer);
}

/* --- The end of a job ----------------------------------------------------- */

static void give_up(struct script_runner *runner, struct job *job,
                    const struct outcome *outcome)
{
    char text[SCRIPT_PATH_SIZE + 32];
    (void)snprintf(text, sizeof(text), "%s %d %d", job->words[0],
                   outcome->signal, outcome->status);
    say(runner, LEVEL_WARNING, "-script-error", text);
    forget(runner, job);
}

static void drop_overtaken(struct script_runner *runner, struct job *job)
{
    log_line(LEVEL_WARNING,
             "%s: the client-reconfig script is not started for %s:%s -> "
             "%s:%s any more: there has been another failover since",
             job->group, job->words[4], job->words[5], job->words[6],
             job->words[7]);
    forget(runner, job);
}

static void try_again_later(struct script_runner *runner, struct job *job)
{
    if (job->overtaken) {
        drop_overtaken(runner, job);
        return;
    }
    job->start_at =
        runtime_now() + (runner->limits.retry_delay_ms << (job->starts - 1));
}

static void judge(struct script_runner *runner, struct job *job,
                  const struct outcome *outcome)
{
    bool failed = outcome->signal != 0 || outcome->status == 1;
    if (outcome->signal == 0 && outcome->status == 0) {
        forget(runner, job);
    } else if (failed && job->starts < MAX_JOB_STARTS) {
        try_again_later(runner, job);
    } else {
        give_up(runner, job, outcome);
    }
}

static struct job *find_running(const struct script_runner *runner, pid_t id)
{
    struct job *job;
    TAILQ_FOREACH (job, &runner->jobs.list, entry) {
        if (job->process_id == id) {
            return job;
        }
    }
    return NULL;
}

static void on_child(struct ev_loop *loop, struct ev_child *watcher, int events)
{
    struct script_runner *runner = watcher->data;
    struct job *job = find_running(runner, watcher->rpid);
    struct outcome outcome = {0};
    char text[48];
    (void)loop;
    (void)events;
    if (job == NULL) {
        return; /* somebody else's child */
    }
    if (WIFSIGNALED(watcher->rstatus)) {
        outcome.signal = WTERMSIG(watcher->rstatus);
    } else {
        outcome.status = WEXITSTATUS(watcher->rstatus);
    }
    (void)snprintf(text, sizeof(text), "%" PRId64 " %d %d", job->process_id,
                   outcome.status, outcome.signal);
    say(runner, LEVEL_DEBUG, "-script-child", text);
    job->process_id = 0;
    runner->jobs.running--;
    judge(runner, job, &outcome);
    arm_timer(runner);
}

/* --- Starting and killing ------------------------------------------------- */

static void started(struct script_runner *runner, struct job *job)
{
    char text[24];
    job->started_at = runtime_now();
    job->killed = false;
    runner->jobs.running++;
    (void)snprintf(text, sizeof(text), "%" PRId64, job->process_id);
    say(runner, LEVEL_DEBUG, "+script-child", text);
}

static void not_started(struct script_runner *runner, struct job *job,
                        int reason)
{
    log_line(LEVEL_WARNING, "%s: cannot start the script %s: %s", job->group,
             job->words[0], strerror(reason));
    if (script_is_hopeless(reason)) {
        give_up(runner, job, &(struct outcome){.status = NOT_EXECUTED_STATUS});
        return;
    }
    if (job->starts == MAX_JOB_STARTS) {
        give_up(runner, job, &(struct outcome){.signal = NO_PROCESS_SIGNAL});
        return;
    }
    char text[SCRIPT_PATH_SIZE + 8];
    (void)snprintf(text, sizeof(text), "%s %d 0", job->words[0],
                   NO_PROCESS_SIGNAL);
    say(runner, LEVEL_WARNING, "-script-error", text);
    job->start_at = runtime_now() + NO_PROCESS_DELAY_MS;
}

static void start_job(struct script_runner *runner, struct job *job)
{
    if (!ev_is_active(&runner->child)) {
        ev_child_start(runner->loop, &runner->child);
    }
    job->starts++;
    int reason = script_job_start(job);
    if (reason == 0) {
        started(runner, job);
    } else {
        not_started(runner, job, reason);
    }
}

/* The first in order that may, and no more than that one. */
static void start_next(struct script_runner *runner, msec now)
{
    struct job *job;
    TAILQ_FOREACH (job, &runner->jobs.list, entry) {
        if (may_start(runner, job) && job->start_at <= now) {
            start_job(runner, job);
            return;
        }
    }
}

/* Its end is noticed like any other. */
static void kill_late(struct script_runner *runner, msec now)
{
    struct job *job;
    TAILQ_FOREACH (job, &runner->jobs.list, entry) {
        if (job->process_id == 0 || job->killed ||
            job->started_at + runner->limits.max_runtime_ms > now) {
            continue;
        }
        char text[SCRIPT_PATH_SIZE + 24];
        (void)snprintf(text, sizeof(text), "%s %" PRId64, job->words[0],
                       job->process_id);
        say(runner, LEVEL_WARNING, "-script-timeout", text);
        script_job_kill(job);
        job->killed = true;
    }
}

static void on_timer(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
    struct script_runner *runner = watcher->data;
    msec now = runtime_now();
    (void)loop;
    (void)events;
    kill_late(runner, now);
    start_next(runner, now);
    arm_timer(runner);
}

/* --- The queue ------------------------------------------------------------ */

static struct job *oldest_waiting(const struct script_runner *runner)
{
    struct job *job;
    TAILQ_FOREACH (job, &runner->jobs.list, entry) {
        if (job->process_id == 0) {
            return job;
        }
    }
    return NULL;
}

static void make_room(struct script_runner *runner)
{
    struct job *job = oldest_waiting(runner);
    if (runner->jobs.count < MAX_JOBS || job == NULL) {
        return;
    }
    log_limited(LEVEL_WARNING, "scripts full",
                "%s: more than %d scripts wait or run: %s %s %s is not "
                "started any more",
                job->group, MAX_JOBS, job->words[0], job->words[1],
                job->words[2]);
    forget(runner, job);
}

/* Those that announce a master of the group are too late now. What runs may
 * end, but is not tried again. */
static void overtake(struct script_runner *runner, const char *group)
{
    struct job *job = TAILQ_FIRST(&runner->jobs.list);
    while (job != NULL) {
        struct job *next = TAILQ_NEXT(job, entry);
        if (job->kind == SCRIPT_CLIENT_RECONFIG &&
            strcmp(job->group, group) == 0) {
            job->overtaken = true;
            if (job->process_id == 0) {
                drop_overtaken(runner, job);
            }
        }
        job = next;
    }
}

void script_run(struct script_runner *runner, const struct core_script *script)
{
    struct job *job = script_job_new(script);
    if (script->kind == SCRIPT_CLIENT_RECONFIG) {
        overtake(runner, script->group);
    }
    make_room(runner);
    TAILQ_INSERT_TAIL(&runner->jobs.list, job, entry);
    runner->jobs.count++;
    arm_timer(runner);
}

/* --- Life ----------------------------------------------------------------- */

struct script_runner *script_runner_new(struct ev_loop *loop,
                                        const struct script_owner *owner)
{
    struct script_runner *runner = xcalloc(1, sizeof(*runner));
    runner->loop = loop;
    runner->owner = *owner;
    runner->limits = (struct script_limits){
        .max_runtime_ms = MAX_RUNTIME_MS,
        .retry_delay_ms = RETRY_DELAY_MS,
    };
    TAILQ_INIT(&runner->jobs.list);
    ev_timer_init(&runner->timer, on_timer, 0.0, 0.0);
    runner->timer.data = runner;
    ev_child_init(&runner->child, on_child, 0, 0);
    runner->child.data = runner;
    return runner;
}

void script_runner_free(struct script_runner *runner)
{
    size_t waiting = runner->jobs.count - runner->jobs.running;
    if (waiting > 0) {
        log_line(LEVEL_WARNING, "%zu scripts that waited are not started",
                 waiting);
    }
    ev_timer_stop(runner->loop, &runner->timer);
    ev_child_stop(runner->loop, &runner->child);
    while (!TAILQ_EMPTY(&runner->jobs.list)) {
        forget(runner, TAILQ_FIRST(&runner->jobs.list));
    }
    free(runner);
}

const struct jobs *script_jobs(const struct script_runner *runner)
{
    return &runner->jobs;
}

void script_set_limits(struct script_runner *runner,
                       const struct script_limits *limits)
{
    runner->limits = *limits;
}
