/* The settings of a group by name: where each is kept. Whoever adds one adds
 * its row here. */
#include "private.h"

#include <assert.h>

#define PLACE(member)                                       \
    {                                                       \
        offsetof(struct group_settings, member),            \
            sizeof(((struct group_settings *)NULL)->member) \
    }

static const struct {
    size_t offset;
    size_t size;
} places[SETTING_COUNT] = {
    [SETTING_QUORUM] = PLACE(quorum),
    [SETTING_PARALLEL_SYNCS] = PLACE(parallel_syncs),
    [SETTING_POOL_SIZE] = PLACE(pool_size),
    [SETTING_DURABILITY] = PLACE(durability),
    [SETTING_DETECTION] = PLACE(detection),
    [SETTING_ON_EMPTY_MASTER] = PLACE(on_empty_master),
    [SETTING_ORDER] = PLACE(order),
    [SETTING_FENCING] = PLACE(fencing),
    [SETTING_FENCING_REPLICAS] = PLACE(fencing_replicas),
    [SETTING_FENCING_MAX_LAG_S] = PLACE(fencing_max_lag_s),
    [SETTING_MAX_LAG_BYTES] = PLACE(max_lag_bytes),
    [SETTING_MAX_LAG_MS] = PLACE(max_lag_ms),
    [SETTING_DOWN_AFTER_MS] = PLACE(down_after_ms),
    [SETTING_REFUSED_AFTER_MS] = PLACE(refused_after_ms),
    [SETTING_BUSY_AFTER_MS] = PLACE(busy_after_ms),
    [SETTING_LOADING_AFTER_MS] = PLACE(loading_after_ms),
    [SETTING_REBOOT_AFTER_MS] = PLACE(reboot_after_ms),
    [SETTING_FAILOVER_TIMEOUT_MS] = PLACE(failover_timeout_ms),
    [SETTING_LAST_RESORT_MS] = PLACE(last_resort_ms),
    [SETTING_NOTIFICATION_SCRIPT] = PLACE(notification_script),
    [SETTING_CLIENT_RECONFIG_SCRIPT] = PLACE(client_reconfig_script),
};

void group_settings_set(struct group_settings *settings,
                        const struct admin_option *option)
{
    char *member = (char *)settings + places[option->setting].offset;
    uint32_t value_32 = (uint32_t)option->value;
    switch (places[option->setting].size) {
    case sizeof(value_32): /* enumerations too */
        memcpy(member, &value_32, sizeof(value_32));
        return;
    case sizeof(option->value):
        memcpy(member, &option->value, sizeof(option->value));
        return;
    case SCRIPT_PATH_SIZE:
        copy_text(member, SCRIPT_PATH_SIZE, option->text);
        return;
    default:
        assert(false);
    }
}

static bool is_equal(enum setting setting, const struct group_settings *a,
                     const struct group_settings *b)
{
    const char *in_a = (const char *)a + places[setting].offset;
    const char *in_b = (const char *)b + places[setting].offset;
    return group_settings_is_text(setting)
               ? strcmp(in_a, in_b) == 0
               : memcmp(in_a, in_b, places[setting].size) == 0;
}

bool group_settings_equal(const struct group_settings *a,
                          const struct group_settings *b)
{
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        if (!is_equal((enum setting)setting, a, b)) {
            return false;
        }
    }
    return true;
}

struct group_settings group_settings_merge(const struct group_settings *file,
                                           const struct group_settings *then,
                                           const struct group_settings *set)
{
    struct group_settings merged = *file;
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        if (is_equal((enum setting)setting, file, then)) {
            memcpy((char *)&merged + places[setting].offset,
                   (const char *)set + places[setting].offset,
                   places[setting].size);
        }
    }
    return merged;
}

bool group_settings_is_text(enum setting setting)
{
    return places[setting].size == SCRIPT_PATH_SIZE;
}
