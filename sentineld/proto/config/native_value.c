/* Settings as libconfig found them, into the structs that setting.c
 * describes: known key, right type, value in range.
 *
 * libconfig's own look-up functions convert and cut silently, so the type of
 * a setting is always looked at first, and 123 and 123L are the same to us. */
#include "proto/config/config.h"

#include <libconfig.h>
#include <stdio.h>
#include <string.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"

/* One setting on its way into one member. */
struct assignment {
    struct conf_build *build;
    const struct setting_row *row;
    const config_setting_t *setting;
    void *base;
    unsigned line;
};

static void *target_of(const struct assignment *to)
{
    return (char *)to->base + to->row->offset;
}

static const char *type_found(const config_setting_t *setting)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return "an integer";
    case CONFIG_TYPE_FLOAT:
        return "a number with a point";
    case CONFIG_TYPE_STRING:
        return "a string";
    case CONFIG_TYPE_BOOL:
        return "a boolean";
    case CONFIG_TYPE_ARRAY:
        return "an array";
    case CONFIG_TYPE_LIST:
        return "a list";
    case CONFIG_TYPE_GROUP:
        return "a group";
    }
    return "something else";
}

static const char *type_wanted(enum value_type type)
{
    switch (type) {
    case VALUE_NUMBER:
        return "an integer, ";
    case VALUE_MODE:
        return "a string of octal digits, ";
    case VALUE_SWITCH:
        return "";
    case VALUE_TEXT:
    case VALUE_NAME:
        return "a string, ";
    case VALUE_HOST:
    case VALUE_CHOICE:
        return "a string: ";
    case VALUE_BINDS:
        return "an array of strings like [ \"127.0.0.1\" ], ";
    case VALUE_RENAMES:
        return "an array of strings like [ \"CONFIG my-config\" ], ";
    case VALUE_USERS:
        return "a list like ( { name = \"app\"; rules = \"on\"; }, ... ), ";
    case VALUE_GROUPS:
        return "a list like ( { name = \"m\"; ... }, ... ), ";
    case VALUE_DEFAULTS:
        return "a group like { down_after_ms = 5000; }, of ";
    }
    return "";
}

static bool fail_type(const struct assignment *to)
{
    char range[SETTING_RANGE_SIZE];
    setting_range(to->row, range);
    return conf_fail(to->build, to->line, "%s%s is %s; it must be %s%s",
                     to->build->prefix, to->row->key, type_found(to->setting),
                     type_wanted(to->row->type), range);
}

/* `what` is wrong: "is empty". */
static bool fail_text(const struct assignment *to, const char *text,
                      const char *what)
{
    char range[SETTING_RANGE_SIZE];
    char shown[CONF_SHOWN_SIZE];
    setting_range(to->row, range);
    return conf_fail(to->build, to->line, "%s%s \"%s\" %s; it must be %s",
                     to->build->prefix, to->row->key, conf_shown(text, shown),
                     what, range);
}

static bool set_number(const struct assignment *to)
{
    int type = config_setting_type(to->setting);
    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) {
        return fail_type(to);
    }
    long long value = type == CONFIG_TYPE_INT
                          ? config_setting_get_int(to->setting)
                          : config_setting_get_int64(to->setting);
    if (value < (long long)to->row->minimum ||
        value > (long long)to->row->maximum) {
        char range[SETTING_RANGE_SIZE];
        setting_range(to->row, range);
        return conf_fail(to->build, to->line, "%s%s is %lld; it must be %s",
                         to->build->prefix, to->row->key, value, range);
    }
    setting_set_number(to->row, to->base, (uint64_t)value);
    return true;
}

static bool set_mode(const struct assignment *to)
{
    if (config_setting_type(to->setting) != CONFIG_TYPE_STRING) {
        return fail_type(to);
    }
    const char *text = config_setting_get_string(to->setting);
    return setting_take_word(to->row, text, to->base) ||
           fail_text(to, text, "is no such mode");
}

static bool set_switch(const struct assignment *to)
{
    if (config_setting_type(to->setting) != CONFIG_TYPE_BOOL) {
        return fail_type(to);
    }
    bool on = config_setting_get_bool(to->setting) != 0;
    memcpy(target_of(to), &on, sizeof(on));
    return true;
}

static bool set_choice(const struct assignment *to)
{
    if (config_setting_type(to->setting) != CONFIG_TYPE_STRING) {
        return fail_type(to);
    }
    const char *word = config_setting_get_string(to->setting);
    int index = setting_choice_find((enum choice)to->row->minimum, word);
    if (index < 0) {
        return fail_text(to, word, "is none of them");
    }
    memcpy(target_of(to), &index, sizeof(index));
    return true;
}

static bool set_text(const struct assignment *to)
{
    if (config_setting_type(to->setting) != CONFIG_TYPE_STRING) {
        return fail_type(to);
    }
    const char *text = config_setting_get_string(to->setting);
    size_t length = strlen(text);
    if (length < to->row->minimum || length > to->row->maximum) {
        char range[SETTING_RANGE_SIZE];
        setting_range(to->row, range);
        return conf_fail(to->build, to->line,
                         "%s%s has %zu bytes; it must be %s", to->build->prefix,
                         to->row->key, length, range);
    }
    char host[HOST_SIZE];
    if (to->row->type == VALUE_HOST) {
        memcpy(host, text, length + 1);
        (void)conf_host_normalize(host);
        text = host;
    }
    const char *fault = setting_text_fault(to->row, text);
    if (fault != NULL) {
        return fail_text(to, text, fault);
    }
    memcpy(target_of(to), text, strlen(text) + 1);
    return true;
}

static bool set_binds(const struct assignment *to)
{
    struct conf *conf = to->base;
    int count = config_setting_length(to->setting);
    if (config_setting_type(to->setting) != CONFIG_TYPE_ARRAY) {
        return fail_type(to);
    }
    if ((uint64_t)count > to->row->maximum) {
        return conf_fail(to->build, to->line,
                         "bind has %d addresses; it may have %d", count,
                         CONF_MAX_BIND);
    }
    for (int i = 0; i < count; i++) {
        const config_setting_t *element =
            config_setting_get_elem(to->setting, (unsigned)i);
        if (config_setting_type(element) != CONFIG_TYPE_STRING) {
            return conf_fail(to->build, to->line,
                             "bind[%d] is %s; it must be a string with an ip "
                             "address",
                             i, type_found(element));
        }
        const char *ip = config_setting_get_string(element);
        if (!host_is_ip(ip)) {
            return fail_text(to, ip, "is no ip address");
        }
        copy_text(conf->bind[i], sizeof(conf->bind[i]), ip);
    }
    conf->bind_count = (size_t)count;
    return true;
}

static bool set_value(const struct assignment *to)
{
    switch (to->row->type) {
    case VALUE_NUMBER:
        return set_number(to);
    case VALUE_MODE:
        return set_mode(to);
    case VALUE_SWITCH:
        return set_switch(to);
    case VALUE_TEXT:
    case VALUE_NAME:
    case VALUE_HOST:
        return set_text(to);
    case VALUE_CHOICE:
        return set_choice(to);
    case VALUE_BINDS:
        return set_binds(to);
    case VALUE_RENAMES:
        return config_setting_type(to->setting) == CONFIG_TYPE_ARRAY
                   ? native_read_renames(to->build, to->row, target_of(to),
                                         to->setting)
                   : fail_type(to);
    case VALUE_DEFAULTS:
        return config_setting_type(to->setting) == CONFIG_TYPE_GROUP
                   ? true
                   : fail_type(to);
    case VALUE_USERS:
    case VALUE_GROUPS:
        break;
    }
    /* Read afterwards, by conf_users.c and native_group.c: what they depend on
     * comes first. */
    return config_setting_type(to->setting) == CONFIG_TYPE_LIST ? true
                                                                : fail_type(to);
}

static bool fail_unknown(struct conf_build *build,
                         const struct setting_table *table,
                         const config_setting_t *setting)
{
    const char *name = config_setting_name(setting);
    const struct setting_row *guess = setting_guess(table, name);
    char shown[CONF_SHOWN_SIZE];
    if (guess != NULL) {
        return conf_fail(build, config_setting_source_line(setting),
                         "unknown key %s%s; did you mean %s?", build->prefix,
                         conf_shown(name, shown), guess->key);
    }
    return conf_fail(build, config_setting_source_line(setting),
                     "unknown key %s%s; sentineld.conf(5) lists those that "
                     "there are",
                     build->prefix, conf_shown(name, shown));
}

static bool fail_missing(struct conf_build *build,
                         const struct setting_row *row,
                         const config_setting_t *level)
{
    char range[SETTING_RANGE_SIZE];
    setting_range(row, range);
    return conf_fail(build, config_setting_source_line(level),
                     "%s%s is missing; it must be %s%s", build->prefix,
                     row->key, type_wanted(row->type), range);
}

static bool check_required(struct conf_build *build,
                           const struct setting_table *table,
                           const config_setting_t *level)
{
    bool ok = true;
    for (size_t i = 0; i < table->count && (ok || conf_goes_on(build)); i++) {
        const struct setting_row *row = &table->rows[i];
        if (row->standard == NULL &&
            config_setting_get_member(level, row->key) == NULL) {
            ok = fail_missing(build, row, level);
        }
    }
    return ok;
}

static bool read_value(struct conf_build *build,
                       const struct setting_table *table, void *base,
                       const config_setting_t *setting)
{
    const struct assignment to = {
        .build = build,
        .row = setting_find(table, config_setting_name(setting)),
        .setting = setting,
        .base = base,
        .line = config_setting_source_line(setting),
    };
    if (to.row == NULL) {
        return fail_unknown(build, table, setting);
    }
    conf_note_place(build, to.row, to.line);
    return set_value(&to);
}

bool native_read_values(struct conf_build *build,
                        const struct setting_table *table, void *base,
                        const struct config_setting_t *level)
{
    unsigned count = (unsigned)config_setting_length(level);
    bool ok = true;
    for (unsigned i = 0; i < count && (ok || conf_goes_on(build)); i++) {
        ok &= read_value(build, table, base, config_setting_get_elem(level, i));
    }
    return ok;
}

bool native_read_level(struct conf_build *build,
                       const struct setting_table *table, void *base,
                       const struct config_setting_t *level)
{
    bool ok = native_read_values(build, table, base, level);
    return (ok || conf_goes_on(build)) && check_required(build, table, level) &&
           ok;
}
