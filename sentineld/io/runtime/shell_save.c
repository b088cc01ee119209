/* What waits for the disk, and a disk that fails.
 *
 * The records of a settle go to the store's writer thread; meanwhile
 * everything that would reveal them is held (shell_hold.c). When the store
 * says that they are durable, the core gets to know and what was held leaves.
 * When it says that they are not, what was held is refused, and we stay
 * unsaved: whatever waits from then on is held again until some save
 * succeeds, which is tried at most once a second. Pings and detection go on
 * all the while, so a broken disk makes us mute but not blind. */
#include <stdlib.h>

#include "io/base/log.h"
#include "io/store/store.h"
#include "sentineld/memory.h"

#include "io/runtime/shell_private.h"

enum {
    RETRY_MS = 1000,
    SLOW_MS = 3000, /* a save that takes so long is worth a complaint */
};

void shell_save_records(struct shell *shell, const struct core_output *output)
{
    if (output->save_version == 0) {
        return;
    }
    shell_hold_saving(&shell->hold, output->save_version);
    if (shell->save_since == NEVER) {
        shell->save_since = shell_now();
    }
    store_save(shell->store, output->records, output->record_count,
               output->save_version);
}

/* Sends or refuses one held action. One for a connection that ended in the
 * meantime is dropped: the core was told of the end, and may have sent
 * another since, which this one must not be taken for. */
static void finish_held(struct shell *shell, struct held_action *held,
                        bool refuse)
{
    uint64_t connection = shell_link_connection(shell, held->action.link);
    if (connection != held->connection) {
        free(held);
        return;
    }
    if (refuse) {
        shell_refuse(shell, &held->action);
    } else {
        shell_perform_now(shell, &held->action);
    }
    free(held);
}

static void save_succeeded(struct shell *shell, uint64_t version)
{
    shell->status.saves++;
    if (shell->status.save_failing) {
        log_line(LEVEL_WARNING,
                 "The state can be saved again: votes, hellos and changes "
                 "by operators are answered again");
        shell->status.save_failing = false;
        shell->status.save_error[0] = '\0';
        shell->retry_at = NEVER;
    }
    shell_export_touch(shell);
    if (version == 0) {
        return; /* texts alone */
    }
    shell_hold_saved(&shell->hold, version);
    shell->save_since = shell_hold_unsaved(&shell->hold) ? shell_now() : NEVER;
    shell_record(shell, &(struct core_event){.type = EV_SAVED,
                                             .saved_version = version});
    shell_begin_performing(shell);
    struct held_action *held;
    while ((held = shell_hold_release(&shell->hold)) != NULL) {
        finish_held(shell, held, false);
    }
    shell_end_performing(shell);
}

static void tell_failure(struct shell *shell, const char *reason)
{
    if (shell->status.save_failing) {
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

static void save_failed(struct shell *shell, const char *reason)
{
    tell_failure(shell, reason);
    shell->status.save_failures++;
    shell->status.save_failing = true;
    copy_text(shell->status.save_error, sizeof(shell->status.save_error),
              reason);
    shell->save_since = NEVER;
    shell->retry_at = shell_now() + RETRY_MS;
    shell_record(shell, &(struct core_event){.type = EV_SAVE_FAILED});
    shell_begin_performing(shell);
    struct held_action *held;
    while ((held = shell_hold_refuse(&shell->hold)) != NULL) {
        finish_held(shell, held, true);
    }
    shell_end_performing(shell);
}

static void on_save_ready(struct ev_loop *loop, struct ev_io *watcher,
                          int events)
{
    (void)loop;
    (void)events;
    struct shell *shell = watcher->data;
    struct store_result result;
    while (store_poll(shell->store, &result)) {
        if (result.ok) {
            save_succeeded(shell, result.version);
            shell_users_saved(shell, result.texts);
        } else {
            save_failed(shell, result.error);
            shell_users_failed(shell);
        }
    }
}

void shell_save_check(struct shell *shell, msec now)
{
    if (shell->retry_at <= now) {
        /* The answer sets the next one; until then this must not repeat. */
        shell->retry_at = NEVER;
        shell->save_since = now;
        store_retry(shell->store);
        return;
    }
    if (shell->save_since != NEVER && now - shell->save_since >= SLOW_MS) {
        log_limited(LEVEL_WARNING, "save slow",
                    "Saving the state has been taking %llu s: votes and "
                    "answers to operators wait for the disk",
                    (unsigned long long)(now - shell->save_since) / 1000);
    }
}

void shell_save_start(struct shell *shell)
{
    ev_io_init(&shell->save_ready, on_save_ready, store_result_fd(shell->store),
               EV_READ);
    shell->save_ready.data = shell;
    ev_io_start(shell->loop, &shell->save_ready);
}

void shell_save_stop(struct shell *shell)
{
    ev_io_stop(shell->loop, &shell->save_ready);
}
