/* What waits for the disk, and a disk that fails.
 *
 * The records of a settle go to the store's writer thread; meanwhile
 * everything that would reveal them is held (held_actions.c). When the store
 * says that they are durable, the core gets to know and what was held leaves.
 * When it says that they are not, what was held is refused, and we stay
 * unsaved: whatever waits from then on is held again until some save
 * succeeds, which is tried at most once a second. Pings and detection go on
 * all the while, so a broken disk makes us mute but not blind. */
#include <stdlib.h>

#include "io/base/log.h"
#include "io/store/store.h"
#include "sentineld/memory.h"

#include "io/runtime/runtime_private.h"

enum {
    RETRY_MS = 1000,
    SLOW_MS = 3000, /* a save that takes so long is worth a complaint */
};

void runtime_save_records(struct runtime *runtime,
                          const struct core_output *output)
{
    if (output->save_version == 0) {
        return;
    }
    held_actions_saving(&runtime->hold, output->save_version);
    if (runtime->save_since == NEVER) {
        runtime->save_since = runtime_now();
    }
    store_save(runtime->store, output->records, output->record_count,
               output->save_version);
}

/* Sends or refuses one held action. One for a connection that ended in the
 * meantime is dropped: the core was told of the end, and may have sent
 * another since, which this one must not be taken for. */
static void finish_held(struct runtime *runtime, struct held_action *held,
                        bool refuse)
{
    uint64_t connection = runtime_link_connection(runtime, held->action.link);
    if (connection != held->connection) {
        free(held);
        return;
    }
    if (refuse) {
        runtime_refuse(runtime, &held->action);
    } else {
        runtime_perform_now(runtime, &held->action);
    }
    free(held);
}

static void save_succeeded(struct runtime *runtime, uint64_t version)
{
    runtime->status.saves++;
    if (runtime->status.save_failing) {
        log_line(LEVEL_WARNING,
                 "The state can be saved again: votes, hellos and changes "
                 "by operators are answered again");
        runtime->status.save_failing = false;
        runtime->status.save_error[0] = '\0';
        runtime->retry_at = NEVER;
    }
    runtime_export_touch(runtime);
    if (version == 0) {
        return; /* texts alone */
    }
    held_actions_saved(&runtime->hold, version);
    runtime->save_since =
        held_actions_unsaved(&runtime->hold) ? runtime_now() : NEVER;
    runtime_record(runtime, &(struct core_event){.type = EV_SAVED,
                                                 .saved_version = version});
    runtime_begin_performing(runtime);
    struct held_action *held;
    while ((held = held_actions_release(&runtime->hold)) != NULL) {
        finish_held(runtime, held, false);
    }
    runtime_end_performing(runtime);
}

static void tell_failure(struct runtime *runtime, const char *reason)
{
    if (runtime->status.save_failing) {
        log_limited(LEVEL_WARNING, "save failing",
                    "The state still cannot be saved: %s", reason);
        return;
    }
    log_line(LEVEL_WARNING,
             "The state cannot be saved: %s. Until it can, this supervisor "
             "neither votes nor fails over nor takes changes; it goes on "
             "watching and tries again every second",
             reason);
}

static void save_failed(struct runtime *runtime, const char *reason)
{
    tell_failure(runtime, reason);
    runtime->status.save_failures++;
    runtime->status.save_failing = true;
    copy_text(runtime->status.save_error, sizeof(runtime->status.save_error),
              reason);
    runtime->save_since = NEVER;
    runtime->retry_at = runtime_now() + RETRY_MS;
    runtime_record(runtime, &(struct core_event){.type = EV_SAVE_FAILED});
    runtime_begin_performing(runtime);
    struct held_action *held;
    while ((held = held_actions_refuse(&runtime->hold)) != NULL) {
        finish_held(runtime, held, true);
    }
    runtime_end_performing(runtime);
}

static void on_save_ready(struct ev_loop *loop, struct ev_io *watcher,
                          int events)
{
    (void)loop;
    (void)events;
    struct runtime *runtime = watcher->data;
    struct store_result result;
    while (store_poll(runtime->store, &result)) {
        if (result.ok) {
            save_succeeded(runtime, result.version);
            runtime_users_saved(runtime, result.texts);
        } else {
            save_failed(runtime, result.error);
            runtime_users_failed(runtime);
        }
    }
}

void runtime_save_check(struct runtime *runtime, msec now)
{
    if (runtime->retry_at <= now) {
        /* The answer sets the next one; until then this must not repeat. */
        runtime->retry_at = NEVER;
        runtime->save_since = now;
        store_retry(runtime->store);
        return;
    }
    if (runtime->save_since != NEVER && now - runtime->save_since >= SLOW_MS) {
        log_limited(LEVEL_WARNING, "save slow",
                    "Saving the state has been taking %llu s: votes and "
                    "answers to operators wait for the disk",
                    (unsigned long long)(now - runtime->save_since) / 1000);
    }
}

void runtime_save_start(struct runtime *runtime)
{
    ev_io_init(&runtime->save_ready, on_save_ready,
               store_result_fd(runtime->store), EV_READ);
    runtime->save_ready.data = runtime;
    ev_io_start(runtime->loop, &runtime->save_ready);
}

void runtime_save_stop(struct runtime *runtime)
{
    ev_io_stop(runtime->loop, &runtime->save_ready);
}
