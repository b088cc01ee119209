/* SENTINEL GET: the settings of a group as they hold, and where each comes
 * from.
 *
 * A map of names, each with a map of its value, its origin - default, file,
 * monitor (as SENTINEL MONITOR began it) or set - and for the last one when
 * that was, by the wall clock in milliseconds; null when that is not known. How
 * to log in is not told. */
#include <stdio.h>
#include <string.h>

#include "proto/commands/command_private.h"
#include "proto/config/config.h"
#include "proto/text/text.h"
#include "sentineld/model.h"

static const char *origin_name(enum setting_origin origin)
{
    switch (origin) {
    case ORIGIN_DEFAULT:
        return "default";
    case ORIGIN_FILE:
        return "file";
    case ORIGIN_MONITOR:
        return "monitor";
    case ORIGIN_SET:
        return "set";
    }
    return "";
}

static bool is_wanted(const struct call *call, const struct setting_row *row,
                      enum setting *setting)
{
    bool has_pattern = call->request->argc == 4;
    return setting_is_core(row, setting) &&
           (!has_pattern ||
            glob_match(call->request->argv[3], call->request->lengths[3],
                       row->directive, strlen(row->directive), true));
}

/* A quorum that nobody gave is a number all the same. */
static void print_value(const struct setting_views *views,
                        const struct setting_row *row, enum setting setting,
                        char value[SETTING_WORD_SIZE])
{
    if (setting == SETTING_QUORUM) {
        (void)snprintf(value, SETTING_WORD_SIZE, "%u",
                       (unsigned)model_quorum(views->group));
        return;
    }
    setting_print_word(row, views->now, value);
}

static void write_setting(struct resp_writer *writer,
                          const struct setting_views *views,
                          const struct setting_row *row, enum setting setting)
{
    char value[SETTING_WORD_SIZE];
    enum setting_origin origin = setting_origin(views, row);
    uint64_t set_at = origin == ORIGIN_SET ? views->group->set_at[setting] : 0;
    print_value(views, row, setting, value);
    resp_string(writer, row->directive);
    resp_map(writer, 3);
    resp_string(writer, "value");
    resp_string(writer, value);
    resp_string(writer, "origin");
    resp_string(writer, origin_name(origin));
    resp_string(writer, "set-unix-ms");
    if (set_at == 0) {
        resp_null(writer);
    } else {
        resp_integer(writer, (int64_t)set_at);
    }
}

enum command_next cmd_sentinel_get(struct call *call)
{
    const struct group *group = command_find_group(call, 2);
    struct setting_views views;
    enum setting setting;
    size_t count = 0;
    if (group == NULL) {
        return command_reply_no_group(call);
    }
    if (call->request->argc > 4) {
        return command_reply_syntax_error(call);
    }
    for (size_t i = 0; i < group_table.count; i++) {
        count += is_wanted(call, &group_table.rows[i], &setting) ? 1 : 0;
    }
    resp_map(call->writer, count);
    setting_views_init(&views, group);
    for (size_t i = 0; i < group_table.count; i++) {
        const struct setting_row *row = &group_table.rows[i];
        if (is_wanted(call, row, &setting)) {
            write_setting(call->writer, &views, row, setting);
        }
    }
    setting_views_clear(&views);
    return COMMAND_REPLIED;
}
