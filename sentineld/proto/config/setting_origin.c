/* Where the value of a group's setting comes from: the file, SENTINEL SET, or
 * nobody said anything. */
#include <stdio.h>
#include <string.h>

#include "proto/config/config.h"
#include "sentineld/buffer.h"
#include "sentineld/memory.h"

static struct conf_draft *draft_of(const struct group_settings *settings)
{
    struct conf_draft *draft = xcalloc(1, sizeof(*draft));
    setting_set_defaults(&group_table, draft);
    if (settings != NULL) {
        draft->group.settings = *settings;
    }
    return draft;
}

void setting_views_init(struct setting_views *views, const struct group *group)
{
    views->group = group;
    views->now = draft_of(&group->settings);
    views->declared = draft_of(&group->declared_settings);
    views->standard = draft_of(NULL);
}

void setting_views_clear(struct setting_views *views)
{
    free(views->now);
    free(views->declared);
    free(views->standard);
}

enum setting_origin setting_origin(const struct setting_views *views,
                                   const struct setting_row *row)
{
    if (!setting_equal(row, views->now, views->declared)) {
        return ORIGIN_SET;
    }
    if (setting_equal(row, views->now, views->standard)) {
        return ORIGIN_DEFAULT;
    }
    return views->group->from_file ? ORIGIN_FILE : ORIGIN_MONITOR;
}

/* As one would write it in a sentence. */
static void print_shown(const struct setting_row *row, const void *base,
                        char text[SETTING_WORD_SIZE])
{
    setting_print_word(row, base, text);
    if (text[0] == '\0') {
        copy_text(text, SETTING_WORD_SIZE, "\"\"");
    }
}

static void tell(const struct setting_row *row, const char *whose,
                 const char *command, const void *const bases[2],
                 struct buffer *out)
{
    char now[SETTING_WORD_SIZE];
    char declared[SETTING_WORD_SIZE];
    print_shown(row, bases[0], now);
    print_shown(row, bases[1], declared);
    buffer_printf(out,
                  "%s%s is %s by %s, not %s as in the file; it stays so until "
                  "that value is changed in the file\n",
                  whose, row->directive, now, command, declared);
}

static void tell_group(const struct group *group, struct buffer *out)
{
    struct setting_views views;
    char whose[NAME_SIZE + 4];
    setting_views_init(&views, group);
    (void)snprintf(whose, sizeof(whose), "%s: ", group->name);
    for (size_t i = 0; i < group_table.count; i++) {
        const struct setting_row *row = &group_table.rows[i];
        const void *const bases[] = {views.now, views.declared};
        enum setting setting;
        if (setting_is_core(row, &setting) &&
            setting_origin(&views, row) == ORIGIN_SET) {
            tell(row, whose, "SENTINEL SET", bases, out);
        }
    }
    setting_views_clear(&views);
}

static void tell_daemon(const struct model *model, struct buffer *out)
{
    struct conf *confs = xcalloc(2, sizeof(*confs));
    const void *const bases[] = {&confs[0], &confs[1]};
    confs[0].settings = model->settings;
    confs[1].settings = model->declared_settings;
    for (size_t i = 0; i < daemon_table.count; i++) {
        const struct setting_row *row = &daemon_table.rows[i];
        if (row->config != 0 && !setting_equal(row, bases[0], bases[1])) {
            tell(row, "", "SENTINEL CONFIG SET", bases, out);
        }
    }
    free(confs);
}

void conf_overrides_tell(const struct model *model, struct buffer *out)
{
    const struct group *group;
    tell_daemon(model, out);
    TAILQ_FOREACH (group, &model->groups, entry) {
        if (group->from_file) {
            tell_group(group, out);
        }
    }
}
