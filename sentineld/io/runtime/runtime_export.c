/* When the exported sentinel.conf is written, and who waits for it.
 *
 * What an operator changes is in the file before he gets +OK: the answer,
 * whose change is durable in our own state by then, waits here once more. What
 * was learned otherwise follows soon; several changes are one file, and many
 * groups, whose lines take time to collect, are written less often. When the
 * file cannot be written the answers become errors - the change holds all the
 * same, as with Redis - and it is tried again every second. Nothing else waits
 * for it: a full disk there costs no vote. */
#include <stdlib.h>

#include "io/base/log.h"
#include "io/clients/clients.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

#include "io/runtime/runtime_private.h"
#include "io/store/export.h"

enum {
    DELAY_MS = 200,
    RETRY_MS = 1000,
    IDLE_SHARE = 50, /* collecting may take a fiftieth of our time */
};

struct export_waiting {
    TAILQ_ENTRY(export_waiting) entry;
    uint64_t number; /* of the file that has the change */
    bool is_users;   /* `users` for `token`, or else `answer` */
    struct core_action answer;
    uint64_t token;
    struct users_order users;
};
TAILQ_HEAD(export_list, export_waiting);

struct runtime_export {
    struct export *file;
    struct ev_io ready;
    bool is_own_file;
    msec due_at;     /* NEVER = what is written is what holds */
    msec pause_ms;   /* between two files that nobody waits for */
    uint64_t number; /* of the newest that was handed over */
    bool failing;
    struct export_list waiting;
};

/* --- Answers -------------------------------------------------------------- */

static void answer(struct runtime *runtime, struct export_waiting *waiting,
                   bool ok)
{
    TAILQ_REMOVE(&runtime->export->waiting, waiting, entry);
    if (waiting->is_users) {
        client_answer_users(
            runtime->clients, waiting->token, &waiting->users,
            ok ? NULL : "Failed to save config file. Check server logs.");
    } else {
        client_answer(runtime->clients, &waiting->answer, !ok);
    }
    free(waiting);
}

static struct export_waiting *add_waiting(struct runtime_export *export)
{
    struct export_waiting *waiting = xcalloc(1, sizeof(*waiting));
    waiting->number = export->number + 1;
    export->due_at = 0; /* at the end of this turn */
    TAILQ_INSERT_TAIL(&export->waiting, waiting, entry);
    return waiting;
}

/* Those that Redis saves its file for. */
static bool is_saved(enum admin_type type)
{
    switch (type) {
    case ADMIN_MONITOR:
    case ADMIN_REMOVE:
    case ADMIN_SET:
    case ADMIN_FLUSH:
    case ADMIN_CONFIG:
        return true;
    case ADMIN_RESET:
    case ADMIN_FAILOVER:
    case ADMIN_STOP:
    case ADMIN_ACKNOWLEDGE:
    case ADMIN_ADOPT:
    case ADMIN_PERIODS:
    case ADMIN_SIMULATE:
    case ADMIN_RELOAD:
    case ADMIN_ACCEPT:
        return false;
    }
    return false;
}

bool runtime_export_holds(struct runtime *runtime,
                          const struct core_action *action)
{
    if (runtime->export == NULL || action->answer.is_opinion ||
        action->answer.result != ADMIN_OK || !is_saved(action->answer.asked)) {
        return false;
    }
    add_waiting(runtime->export)->answer = *action;
    return true;
}

bool runtime_export_holds_users(struct runtime *runtime, uint64_t token,
                                const struct users_order *order)
{
    if (runtime->export == NULL) {
        return false;
    }
    struct export_waiting *waiting = add_waiting(runtime->export);
    waiting->is_users = true;
    waiting->token = token;
    waiting->users = *order;
    waiting->users.change = (struct acl_change){0}; /* not for the reply */
    return true;
}

/* --- The file ------------------------------------------------------------- */

static struct conf_lines *collect(const struct runtime *runtime)
{
    const struct model *model = core_model(runtime->core);
    struct conf_export_login *logins =
        xcalloc(model->group_count, sizeof(*logins));
    const struct group *group;
    size_t count = 0;
    TAILQ_FOREACH (group, &model->groups, entry) {
        logins[count].login = runtime_find_login(runtime, group->name);
        logins[count].renames = runtime_find_renames(runtime, group->name);
        count++;
    }
    const struct conf_export from = {
        .conf = runtime->conf,
        .model = model,
        .acl = runtime->acl,
        .logins = logins,
        .peers = runtime_find_peer_login(runtime),
        .is_own_file = runtime->export->is_own_file,
    };
    struct conf_lines *lines = conf_export_lines(&from);
    free(logins);
    return lines;
}

static void write_now(struct runtime *runtime)
{
    struct runtime_export *export = runtime->export;
    msec began = runtime_now();
    struct conf_lines *lines = collect(runtime);
    msec pause_ms = IDLE_SHARE * (runtime_now() - began);
    export->pause_ms = pause_ms > DELAY_MS ? pause_ms : DELAY_MS;
    export->due_at = NEVER;
    export_save(export->file, lines, ++export->number);
}

static void take_result(struct runtime *runtime,
                        const struct export_result *result)
{
    struct runtime_export *export = runtime->export;
    struct export_waiting *waiting;
    if (!result->ok) {
        log_limited(LEVEL_WARNING, "export failing",
                    "%s is not what holds now: %s. Changes by operators hold "
                    "and are answered by an error; it is tried again every "
                    "second",
                    runtime->conf->export_sentinel_conf, result->error.text);
        if (export->due_at == NEVER) {
            export->due_at = runtime_now() + RETRY_MS;
        }
    } else if (export->failing) {
        log_line(LEVEL_WARNING, "%s can be written again",
                 runtime->conf->export_sentinel_conf);
    }
    export->failing = !result->ok;
    while ((waiting = TAILQ_FIRST(&export->waiting)) != NULL &&
           waiting->number <= result->number) {
        answer(runtime, waiting, result->ok);
    }
}

static void on_ready(struct ev_loop *loop, struct ev_io *watcher, int events)
{
    (void)loop;
    (void)events;
    struct runtime *runtime = watcher->data;
    struct export_result result;
    if (export_poll(runtime->export->file, &result)) {
        take_result(runtime, &result);
    }
}

/* --- Times ---------------------------------------------------------------- */

void runtime_export_touch(struct runtime *runtime)
{
    struct runtime_export *export = runtime->export;
    if (export != NULL && export->due_at == NEVER) {
        export->due_at = runtime_now() + export->pause_ms;
    }
}

msec runtime_export_due(const struct runtime *runtime)
{
    return runtime->export == NULL ? NEVER : runtime->export->due_at;
}

void runtime_export_check(struct runtime *runtime, msec now)
{
    if (runtime_export_due(runtime) <= now) {
        write_now(runtime);
    }
}

/* --- Life ----------------------------------------------------------------- */

void runtime_export_start(struct runtime *runtime, struct export *file,
                          bool is_own_file)
{
    if (file == NULL) {
        return;
    }
    struct runtime_export *export = xcalloc(1, sizeof(*export));
    export->file = file;
    export->is_own_file = is_own_file;
    export->due_at = 0;
    export->pause_ms = DELAY_MS;
    TAILQ_INIT(&export->waiting);
    ev_io_init(&export->ready, on_ready, export_result_fd(file), EV_READ);
    export->ready.data = runtime;
    ev_io_start(runtime->loop, &export->ready);
    runtime->export = export;
}

void runtime_export_stop(struct runtime *runtime)
{
    struct runtime_export *export = runtime->export;
    if (export == NULL) {
        return;
    }
    if (export->due_at != NEVER) {
        write_now(runtime);
    }
    ev_io_stop(runtime->loop, &export->ready);
    struct export_waiting *waiting;
    while ((waiting = TAILQ_FIRST(&export->waiting)) != NULL) {
        TAILQ_REMOVE(&export->waiting, waiting, entry);
        free(waiting);
    }
    free(export);
    runtime->export = NULL;
}
