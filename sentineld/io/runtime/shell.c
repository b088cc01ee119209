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
#include "io/runtime/shell.h"

#include <assert.h>
#include <time.h>

#include "io/base/log.h"
#include "io/clients/client.h"
#include "sentineld/conf.h"
#include "sentineld/info_cache.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

#include "io/runtime/shell_private.h"

enum {
    COMMAND_BYTES_MAX = 64 * 1024, /* of one action; hundreds, really */
    INFO_BYTES_MAX = 64 << 20,     /* of all servers; some 5000 for each */
};

msec shell_now(void)
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

static void set_timer(struct shell *shell, double delay_s)
{
    ev_timer_stop(shell->loop, &shell->timer);
    ev_timer_set(&shell->timer, delay_s, 0.0);
    ev_timer_start(shell->loop, &shell->timer);
}

/* A connection may end after this turn's settle and before the loop sleeps
 * (conn.c reports it then): so each first fact sees to it that it does not. */
static void record_now(struct shell *shell, const struct core_event *event)
{
    core_record(shell->core, shell_now(), event);
    if (!shell->touched) {
        shell->touched = true;
        set_timer(shell, 0.0);
    }
}

static void queue_fact(struct shell *shell, const struct core_event *event)
{
    /* What borrows comes from reading, and nothing is read meanwhile. */
    assert(event->type != EV_INFO && event->type != EV_HELLO &&
           event->type != EV_ADMIN);
    if (shell->queue_count == shell->queue_capacity) {
        shell->queue_capacity =
            shell->queue_capacity == 0 ? 16 : 2 * shell->queue_capacity;
        shell->queue = xrealloc(shell->queue,
                                shell->queue_capacity * sizeof(*shell->queue));
    }
    shell->queue[shell->queue_count++] = *event;
}

void shell_record(struct shell *shell, const struct core_event *event)
{
    if (shell->performing) {
        queue_fact(shell, event);
        return;
    }
    record_now(shell, event);
}

void shell_drop_facts(struct shell *shell, object_id link)
{
    size_t kept = 0;
    for (size_t i = 0; i < shell->queue_count; i++) {
        if (shell->queue[i].link != link) {
            shell->queue[kept++] = shell->queue[i];
        }
    }
    shell->queue_count = kept;
}

void shell_begin_performing(struct shell *shell)
{
    assert(!shell->performing);
    shell->performing = true;
}

void shell_end_performing(struct shell *shell)
{
    assert(shell->performing);
    shell->performing = false;
    for (size_t i = 0; i < shell->queue_count; i++) {
        record_now(shell, &shell->queue[i]);
    }
    shell->queue_count = 0;
}

/* --- The loop ------------------------------------------------------------ */

static uint64_t unix_now(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &now); /* always there */
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void settle(struct shell *shell, msec now)
{
    struct core_output output;
    shell->touched = false;
    core_set_unix_time(shell->core, now, unix_now());
    core_settle(shell->core, now, &output);
    log_set_level((int)core_model(shell->core)->settings.log_level);
    shell_begin_performing(shell);
    shell_save_records(shell, &output);
    for (size_t i = 0; i < output.count; i++) {
        shell_perform(shell, &output.actions[i]);
    }
    shell_end_performing(shell);
}

static msec earlier(msec a, msec b)
{
    return a < b ? a : b;
}

/* How long the loop may sleep. What is left to do at once (facts that came
 * up while performing, clients that go on) waits only until the sockets that
 * are ready by now have been served. */
static void arm_timer(struct shell *shell)
{
    ev_timer_stop(shell->loop, &shell->timer);
    msec deadline = earlier(core_deadline(shell->core),
                            earlier(shell->retry_at, shell_export_due(shell)));
    msec resume_at = client_resume_at(shell->clients);
    bool at_once = shell->touched || resume_at == 0;
    deadline = earlier(deadline, resume_at);
    if (deadline == NEVER && !at_once) {
        return;
    }
    ev_now_update(shell->loop);
    msec now = shell_now();
    bool due = at_once || deadline <= now;
    set_timer(shell, due ? 0.0 : (double)(deadline - now) / 1000.0);
}

static void on_turn(struct ev_loop *loop, struct ev_prepare *watcher,
                    int events)
{
    (void)loop;
    (void)events;
    struct shell *shell = watcher->data;
    client_resume(shell->clients);
    msec now = shell_now();
    shell_save_check(shell, now);
    if (shell->touched || core_deadline(shell->core) <= now) {
        settle(shell, now);
    }
    shell_export_check(shell, now);
    arm_timer(shell);
}

/* Waking up is all: on_turn does the work. */
static void on_timer(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
    (void)loop;
    (void)watcher;
    (void)events;
}

/* --- Life ---------------------------------------------------------------- */

static struct core *make_core(const struct shell_setup *setup)
{
    struct core_conf conf;
    conf_core(setup->conf, &conf);
    /* Our id is in the records: nobody starts without having saved one. */
    return core_new(&conf, "", setup->saved, setup->saved_count, setup->seed,
                    shell_now());
}

struct shell *shell_new(const struct shell_setup *setup)
{
    struct shell *shell = xcalloc(1, sizeof(*shell));
    shell->loop = setup->loop;
    shell->conf = setup->conf;
    shell->store = setup->store;
    shell->resolver = setup->resolver;
    shell->tls = setup->tls;
    shell->status = setup->status;
    shell->started_at = shell_now();
    shell_start_status(shell);
    shell->infos = info_cache_new(INFO_BYTES_MAX);
    shell->retry_at = NEVER;
    shell->save_since = NEVER;
    shell_hold_init(&shell->hold);
    buffer_init(&shell->out, COMMAND_BYTES_MAX);
    shell->acl = setup->acl;
    shell->declared = setup->declared;
    shell_users_start(shell);
    shell_logins_start(shell);
    shell->core = make_core(setup);
    shell->clients = client_table_new(setup->loop, setup->conf, shell);
    shell->scripts = script_runner_new(
        setup->loop,
        &(struct script_owner){.say = shell_say, .context = shell});
    ev_timer_init(&shell->timer, on_timer, 0.0, 0.0);
    shell_save_start(shell);
    shell_export_start(shell, setup->export, setup->export_is_own_file);
    ev_prepare_init(&shell->turn, on_turn);
    shell->turn.data = shell;
    ev_prepare_start(shell->loop, &shell->turn);
    shell->touched = true; /* the first settle starts work */
    return shell;
}

/* Servers get back first what we took from them. */
static void on_leaving(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    (void)events;
    const struct shell *shell = timer->data;
    if (core_is_at_rest(shell->core, shell_now())) {
        ev_break(loop, EVBREAK_ALL);
    }
}

void shell_leave(struct shell *shell)
{
    if (ev_is_active(&shell->leaving)) {
        ev_break(shell->loop, EVBREAK_ALL); /* asked for again: at once */
        return;
    }
    struct admin stop = {.type = ADMIN_STOP};
    shell_record(shell, &(struct core_event){.type = EV_ADMIN, .admin = &stop});
    ev_timer_init(&shell->leaving, on_leaving, 0, 0.02);
    shell->leaving.data = shell;
    ev_timer_start(shell->loop, &shell->leaving);
}

void shell_stop(struct shell *shell)
{
    ev_timer_stop(shell->loop, &shell->leaving);
    ev_prepare_stop(shell->loop, &shell->turn);
    ev_timer_stop(shell->loop, &shell->timer);
    shell_save_stop(shell);
    shell_export_stop(shell);
    script_runner_free(shell->scripts);
    shell->scripts = NULL;
    shell_links_close(shell);
    client_close_all(shell->clients);
}

void shell_free(struct shell *shell)
{
    client_table_free(shell->clients);
    core_free(shell->core);
    info_cache_free(shell->infos);
    shell_hold_clear(&shell->hold);
    shell_users_stop(shell);
    shell_logins_stop(shell);
    buffer_clear(&shell->out);
    free(shell->queue);
    free(shell);
}

/* --- Looking in ---------------------------------------------------------- */

const struct jobs *shell_jobs(const struct shell *shell)
{
    return script_jobs(shell->scripts);
}

struct client_table *shell_clients(const struct shell *shell)
{
    return shell->clients;
}

const struct model *shell_model(const struct shell *shell)
{
    return core_model(shell->core);
}

const struct info_cache *shell_infos(const struct shell *shell)
{
    return shell->infos;
}

struct server_status *shell_status(struct shell *shell)
{
    return &shell->status;
}
