/* Between the core and the world: facts in, decide, actions out.
 *
 * Sockets, clients and the store record facts as they come. Before the loop
 * goes to sleep, everything that was ready having been read, the core settles
 * once and its actions are performed; then one timer is set to the moment at
 * which the core wants to be called at the latest. Facts that appear while
 * actions are performed (a command for a link that just closed) wait in a
 * queue until that is over.
 *
 * It decides nothing: it reads no quorum, no epoch and no role. */
#include "io/runtime/runtime.h"

#include <assert.h>
#include <time.h>

#include "io/base/log.h"
#include "io/clients/clients.h"
#include "sentineld/conf.h"
#include "sentineld/info_cache.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

#include "io/runtime/runtime_private.h"

enum {
    COMMAND_BYTES_MAX = 64 * 1024, /* of one action; hundreds, really */
    INFO_BYTES_MAX = 64 << 20,     /* of all servers; some 5000 for each */
};

msec runtime_now(void)
{
    struct timespec now;
#ifdef CLOCK_BOOTTIME
    if (clock_gettime(CLOCK_BOOTTIME, &now) == 0) {
        return (msec)now.tv_sec * 1000 + (msec)now.tv_nsec / 1000000;
    }
#endif
    int result = clock_gettime(CLOCK_MONOTONIC, &now);
    assert(result == 0);
    return (msec)now.tv_sec * 1000 + (msec)now.tv_nsec / 1000000;
}

/* --- Facts --------------------------------------------------------------- */

static void set_timer(struct runtime *runtime, double delay_s)
{
    ev_timer_stop(runtime->loop, &runtime->timer);
    ev_timer_set(&runtime->timer, delay_s, 0.0);
    ev_timer_start(runtime->loop, &runtime->timer);
}

/* A connection may end after this turn's settle and before the loop sleeps
 * (conn.c reports it then): so each first fact sees to it that it does not. */
static void record_now(struct runtime *runtime, const struct core_event *event)
{
    core_record(runtime->core, runtime_now(), event);
    if (!runtime->touched) {
        runtime->touched = true;
        set_timer(runtime, 0.0);
    }
}

static void queue_fact(struct runtime *runtime, const struct core_event *event)
{
    /* What borrows comes from reading, and nothing is read meanwhile. */
    assert(event->type != EV_INFO && event->type != EV_HELLO &&
           event->type != EV_ADMIN);
    if (runtime->queue_count == runtime->queue_capacity) {
        runtime->queue_capacity =
            runtime->queue_capacity == 0 ? 16 : 2 * runtime->queue_capacity;
        runtime->queue = xrealloc(runtime->queue, runtime->queue_capacity *
                                                      sizeof(*runtime->queue));
    }
    runtime->queue[runtime->queue_count++] = *event;
}

void runtime_record(struct runtime *runtime, const struct core_event *event)
{
    if (runtime->performing) {
        queue_fact(runtime, event);
        return;
    }
    record_now(runtime, event);
}

void runtime_drop_facts(struct runtime *runtime, object_id link)
{
    size_t kept = 0;
    for (size_t i = 0; i < runtime->queue_count; i++) {
        if (runtime->queue[i].link != link) {
            runtime->queue[kept++] = runtime->queue[i];
        }
    }
    runtime->queue_count = kept;
}

void runtime_begin_performing(struct runtime *runtime)
{
    assert(!runtime->performing);
    runtime->performing = true;
}

void runtime_end_performing(struct runtime *runtime)
{
    assert(runtime->performing);
    runtime->performing = false;
    for (size_t i = 0; i < runtime->queue_count; i++) {
        record_now(runtime, &runtime->queue[i]);
    }
    runtime->queue_count = 0;
}

/* --- The loop ------------------------------------------------------------ */

static uint64_t unix_now(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &now); /* always there */
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void settle(struct runtime *runtime, msec now)
{
    struct core_output output;
    runtime->touched = false;
    core_set_unix_time(runtime->core, now, unix_now());
    core_settle(runtime->core, now, &output);
    log_set_level((int)core_model(runtime->core)->settings.log_level);
    runtime_begin_performing(runtime);
    runtime_save_records(runtime, &output);
    for (size_t i = 0; i < output.count; i++) {
        runtime_perform(runtime, &output.actions[i]);
    }
    runtime_end_performing(runtime);
}

static msec earlier(msec a, msec b)
{
    return a < b ? a : b;
}

/* How long the loop may sleep. What is left to do at once (facts that came
 * up while performing, clients that go on) waits only until the sockets that
 * are ready by now have been served. */
static void arm_timer(struct runtime *runtime)
{
    ev_timer_stop(runtime->loop, &runtime->timer);
    msec deadline =
        earlier(core_deadline(runtime->core),
                earlier(runtime->retry_at, runtime_export_due(runtime)));
    msec resume_at = client_resume_at(runtime->clients);
    bool at_once = runtime->touched || resume_at == 0;
    deadline = earlier(deadline, resume_at);
    if (deadline == NEVER && !at_once) {
        return;
    }
    ev_now_update(runtime->loop);
    msec now = runtime_now();
    bool due = at_once || deadline <= now;
    set_timer(runtime, due ? 0.0 : (double)(deadline - now) / 1000.0);
}

static void on_turn(struct ev_loop *loop, struct ev_prepare *watcher,
                    int events)
{
    (void)loop;
    (void)events;
    struct runtime *runtime = watcher->data;
    client_resume(runtime->clients);
    msec now = runtime_now();
    runtime_save_check(runtime, now);
    if (runtime->touched || core_deadline(runtime->core) <= now) {
        settle(runtime, now);
    }
    runtime_export_check(runtime, now);
    arm_timer(runtime);
}

/* Waking up is all: on_turn does the work. */
static void on_timer(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
    (void)loop;
    (void)watcher;
    (void)events;
}

/* --- Life ---------------------------------------------------------------- */

static struct core *make_core(const struct runtime_setup *setup)
{
    struct core_conf conf;
    conf_core(setup->conf, &conf);
    /* Our id is in the records: nobody starts without having saved one. */
    return core_new(&conf, "", setup->saved, setup->saved_count, setup->seed,
                    runtime_now());
}

struct runtime *runtime_new(const struct runtime_setup *setup)
{
    struct runtime *runtime = xcalloc(1, sizeof(*runtime));
    runtime->loop = setup->loop;
    runtime->conf = setup->conf;
    runtime->store = setup->store;
    runtime->resolver = setup->resolver;
    runtime->tls = setup->tls;
    runtime->status = setup->status;
    runtime->started_at = runtime_now();
    runtime_start_status(runtime);
    runtime->infos = info_cache_new(INFO_BYTES_MAX);
    runtime->retry_at = NEVER;
    runtime->save_since = NEVER;
    held_actions_init(&runtime->hold);
    buffer_init(&runtime->out, COMMAND_BYTES_MAX);
    runtime->acl = setup->acl;
    runtime->declared = setup->declared;
    runtime_users_start(runtime);
    runtime_logins_start(runtime);
    runtime->core = make_core(setup);
    runtime->clients = client_table_new(setup->loop, setup->conf, runtime);
    runtime->scripts = script_runner_new(
        setup->loop,
        &(struct script_owner){.say = runtime_say, .context = runtime});
    ev_timer_init(&runtime->timer, on_timer, 0.0, 0.0);
    runtime_save_start(runtime);
    runtime_export_start(runtime, setup->export, setup->export_is_own_file);
    ev_prepare_init(&runtime->turn, on_turn);
    runtime->turn.data = runtime;
    ev_prepare_start(runtime->loop, &runtime->turn);
    runtime->touched = true; /* the first settle starts work */
    return runtime;
}

/* Servers get back first what we took from them. */
static void on_leaving(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    (void)events;
    const struct runtime *runtime = timer->data;
    if (core_is_at_rest(runtime->core, runtime_now())) {
        ev_break(loop, EVBREAK_ALL);
    }
}

void runtime_leave(struct runtime *runtime)
{
    if (ev_is_active(&runtime->leaving)) {
        ev_break(runtime->loop, EVBREAK_ALL); /* asked for again: at once */
        return;
    }
    struct admin stop = {.type = ADMIN_STOP};
    runtime_record(runtime,
                   &(struct core_event){.type = EV_ADMIN, .admin = &stop});
    ev_timer_init(&runtime->leaving, on_leaving, 0, 0.02);
    runtime->leaving.data = runtime;
    ev_timer_start(runtime->loop, &runtime->leaving);
}

void runtime_stop(struct runtime *runtime)
{
    ev_timer_stop(runtime->loop, &runtime->leaving);
    ev_prepare_stop(runtime->loop, &runtime->turn);
    ev_timer_stop(runtime->loop, &runtime->timer);
    runtime_save_stop(runtime);
    runtime_export_stop(runtime);
    script_runner_free(runtime->scripts);
    runtime->scripts = NULL;
    runtime_links_close(runtime);
    client_close_all(runtime->clients);
}

void runtime_free(struct runtime *runtime)
{
    client_table_free(runtime->clients);
    core_free(runtime->core);
    info_cache_free(runtime->infos);
    held_actions_clear(&runtime->hold);
    runtime_users_stop(runtime);
    runtime_logins_stop(runtime);
    buffer_clear(&runtime->out);
    free(runtime->queue);
    free(runtime);
}

/* --- Looking in ---------------------------------------------------------- */

const struct jobs *runtime_jobs(const struct runtime *runtime)
{
    return script_jobs(runtime->scripts);
}

struct client_table *runtime_clients(const struct runtime *runtime)
{
    return runtime->clients;
}

const struct model *runtime_model(const struct runtime *runtime)
{
    return core_model(runtime->core);
}

const struct info_cache *runtime_infos(const struct runtime *runtime)
{
    return runtime->infos;
}

struct server_status *runtime_status(struct runtime *runtime)
{
    return &runtime->status;
}
