/* What is set for the daemon as a whole: what it announces, its periods, and
 * the failures that an operator wants simulated.
 *
 * The settings are saved with our own row; for each of them what was changed
 * last counts, the file or SENTINEL CONFIG SET. Periods and simulated
 * failures (SENTINEL DEBUG, SIMULATE-FAILURE) are for this run only. */
#include "core/topology/topology.h"

static const struct periods default_periods = {
    .info_ms = INFO_QUIET_MS,
    .ping_ms = 1000,
    .ask_ms = 1000,
    .hello_ms = 2000,
    .down_after_ms = 30000,
    .failover_timeout_ms = 180000,
    .tilt_trigger_ms = 1000,
    .tilt_ms = 1000,
    .reconf_ms = 2000,
    .reconnect_ms = 15000,
    .election_ms = 1000,
    .script_runtime_ms = 60000,
    .script_retry_ms = 30000,
};

void settings_init(struct core *core)
{
    core->model.periods = default_periods;
}

void settings_restore(struct core *core, const struct daemon_settings *file,
                      const struct record_self *saved)
{
    core->model.settings =
        saved == NULL
            ? *file
            : daemon_settings_merge(file, &saved->declared, &saved->settings);
    core->model.declared_settings = *file;
}

void settings_reload(struct core *core, const struct daemon_settings *file)
{
    core->model.settings = daemon_settings_merge(
        file, &core->model.declared_settings, &core->model.settings);
    core->model.declared_settings = *file;
    alias_show_all(core);
    model_save_self(core);
}

static void simulate(struct core *core, unsigned simulated)
{
    core->model.simulated = simulated;
    if ((simulated & SIMULATE_AFTER_ELECTION) != 0) {
        event_log(core, LEVEL_WARNING,
                  "Failure simulation: this process will end after it was "
                  "elected");
    }
    if ((simulated & SIMULATE_AFTER_PROMOTION) != 0) {
        event_log(core, LEVEL_WARNING,
                  "Failure simulation: this process will end after it promoted "
                  "a replica");
    }
}

void settings_apply(struct core *core, const struct admin *admin)
{
    if (admin->type == ADMIN_CONFIG) {
        core->model.settings = admin->daemon;
        alias_show_all(core);
        model_save_self(core);
    } else if (admin->type == ADMIN_PERIODS) {
        core->model.periods = admin->periods;
    } else {
        simulate(core, admin->simulated);
    }
}

void settings_simulate(struct core *core, enum simulated_failure point)
{
    if ((core->model.simulated & (unsigned)point) != 0) {
        action_crash(core);
    }
}
