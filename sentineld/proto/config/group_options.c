#include "group_options.h"

#include <string.h>
#include <strings.h>

#include "sentineld/buffer.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"

static const struct group_option options[] = {
    {"down-after-milliseconds", SETTING_DOWN_AFTER_MS, "down_after_ms", false,
     NULL},
    {"failover-timeout", SETTING_FAILOVER_TIMEOUT_MS, "failover_timeout_ms",
     false, NULL},
    {"parallel-syncs", SETTING_PARALLEL_SYNCS, "parallel_syncs", false, NULL},
    {"quorum", SETTING_QUORUM, "quorum", false, NULL},
    {"master-reboot-down-after-period", SETTING_REBOOT_AFTER_MS,
     "reboot_after_ms", false, "primary-reboot-down-after-period"},
    {"notification-script", SETTING_NOTIFICATION_SCRIPT, NULL, false, NULL},
    {"client-reconfig-script", SETTING_CLIENT_RECONFIG_SCRIPT, NULL, false,
     NULL},
    {"pool-size", SETTING_POOL_SIZE, "pool_size", true, NULL},
    {"durability", SETTING_DURABILITY, "durability", true, NULL},
    {"detection", SETTING_DETECTION, "detection", true, NULL},
    {"on-empty-master", SETTING_ON_EMPTY_MASTER, "on_empty_master", true, NULL},
    {"order", SETTING_ORDER, "order", true, NULL},
    {"fencing", SETTING_FENCING, "fencing", true, NULL},
    {"fencing-replicas", SETTING_FENCING_REPLICAS, "fencing_replicas", true,
     NULL},
    {"fencing-max-lag", SETTING_FENCING_MAX_LAG_S, "fencing_max_lag_s", true,
     NULL},
    {"max-lag-bytes", SETTING_MAX_LAG_BYTES, "max_lag_bytes", true, NULL},
    {"max-lag-milliseconds", SETTING_MAX_LAG_MS, "max_lag_ms", true, NULL},
    {"refused-after-milliseconds", SETTING_REFUSED_AFTER_MS, "refused_after_ms",
     true, NULL},
    {"busy-after-milliseconds", SETTING_BUSY_AFTER_MS, "busy_after_ms", true,
     NULL},
    {"loading-after-milliseconds", SETTING_LOADING_AFTER_MS, "loading_after_ms",
     true, NULL},
    {"last-resort-milliseconds", SETTING_LAST_RESORT_MS, "last_resort_ms", true,
     NULL},
};

const struct group_option *group_option_find(const char *name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const char *alias = options[i].alias;
        if (strcasecmp(options[i].name, name) == 0 ||
            (alias != NULL && strcasecmp(alias, name) == 0)) {
            return &options[i];
        }
    }
    return NULL;
}

static const struct setting_row *key_of(const struct group_option *option)
{
    return setting_find(&group_table, option->key);
}

bool group_option_is_word(const struct group_option *option)
{
    return option->key != NULL && key_of(option)->type == VALUE_CHOICE;
}

bool group_option_read(const struct group_option *option, const char *text,
                       size_t length, uint64_t *value)
{
    const struct setting_row *key = key_of(option);
    if (key->type == VALUE_CHOICE) {
        int index = strlen(text) == length
                        ? setting_choice_find((enum choice)key->minimum, text)
                        : -1;
        *value = index < 0 ? 0 : (uint64_t)index;
        return index >= 0;
    }
    return parse_unsigned(text, length, key->maximum, value) &&
           *value >= key->minimum;
}

void group_option_set(const struct group_option *option,
                      struct group_settings *settings, uint64_t value)
{
    struct conf_draft draft;
    memset(&draft, 0, sizeof(draft));
    draft.group.settings = *settings;
    setting_set(key_of(option), &draft, value);
    *settings = draft.group.settings;
}

void group_option_range(const struct group_option *option,
                        char text[SETTING_RANGE_SIZE])
{
    setting_range(key_of(option), text);
}

const struct group_option *group_option_next(const struct group_option *option)
{
    const struct group_option *next = option == NULL ? options : option + 1;
    return next == options + sizeof(options) / sizeof(options[0]) ? NULL : next;
}

static bool print_script(const struct group_option *option,
                         const struct group_settings *settings, char *text,
                         size_t size)
{
    const char *path = option->setting == SETTING_NOTIFICATION_SCRIPT
                           ? settings->notification_script
                           : settings->client_reconfig_script;
    copy_text(text, size, path);
    return path[0] == '\0';
}

bool group_option_print(const struct group_option *option,
                        const struct group_settings *settings, char *text,
                        size_t size)
{
    struct conf_draft drafts[2];
    struct buffer value;
    if (option->key == NULL) {
        return print_script(option, settings, text, size);
    }
    memset(drafts, 0, sizeof(drafts));
    setting_set_defaults(&group_table, &drafts[1]);
    drafts[0].group.settings = *settings;
    buffer_init(&value, size);
    setting_print(key_of(option), &drafts[0], &value);
    /* Words have quotes in the native file. */
    size_t quotes = value.length > 1 && value.data[0] == '"' ? 1 : 0;
    size_t length = value.length - 2 * quotes;
    memcpy(text, value.data + quotes, length);
    text[length] = '\0';
    buffer_clear(&value);
    bool is_required = key_of(option)->standard == NULL;
    return !is_required &&
           setting_equal(key_of(option), &drafts[0], &drafts[1]);
}
