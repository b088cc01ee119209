/* A configuration as a native file: what an imported sentinel.conf says, in our
 * words.
 *
 * The tables of keys lead: each key whose value is not its default is a line,
 * so a new key is printed without a word here. What could not be carried over
 * is said in comments. Reading the result gives the same configuration, unless
 * the file had what ours refuses: two groups with one master. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/config/config.h"
#include "sentineld/acl.h"
#include "sentineld/buffer.h"
#include "sentineld/memory.h"

/* One level of the file: the values, the defaults, what stands before. */
struct level {
    const struct setting_table *table;
    const void *values;
    const void *standard;
    const char *indent;
};

/* What a file of users holds stays there. */
static bool has_users(const struct conf *conf)
{
    return conf->users != NULL && conf->acl_file[0] == '\0' &&
           acl_count(conf->users) > 0;
}

static bool is_standard(const struct setting_row *row,
                        const struct level *level)
{
    if (row->type == VALUE_GROUPS || row->type == VALUE_DEFAULTS) {
        return true; /* they come last, each complete */
    }
    return row->type == VALUE_USERS
               ? !has_users(level->values)
               : setting_equal(row, level->values, level->standard);
}

static void print_level(const struct level *level, struct buffer *out)
{
    for (size_t i = 0; i < level->table->count; i++) {
        const struct setting_row *row = &level->table->rows[i];
        if (row->standard != NULL && is_standard(row, level)) {
            continue;
        }
        buffer_printf(out, "%s%s = ", level->indent, row->key);
        setting_print(row, level->values, out);
        buffer_printf(out, ";\n");
    }
}

/* Without a password nobody logs in, and our own file says so: it does not
 * take a user alone. */
static void forget_vain_user(struct conf_login *login)
{
    if (login->password[0] == '\0') {
        login->user[0] = '\0';
    }
}

static void print_group(const struct conf *conf, size_t index,
                        struct buffer *out)
{
    struct conf_draft draft;
    struct conf_draft standard;
    memset(&standard, 0, sizeof(standard));
    setting_set_defaults(&group_table, &standard);
    conf_tls_start_group(conf, &standard);
    conf_draft_of(conf, index, &draft);
    forget_vain_user(&draft.login);
    const struct level level = {&group_table, &draft, &standard, "        "};
    buffer_printf(out, "    {\n");
    print_level(&level, out);
    buffer_printf(out, "    }%s\n", index + 1 < conf->group_count ? "," : "");
}

static void print_remarks(const struct conf *conf, struct buffer *out)
{
    for (size_t i = 0; i < conf->bind_count; i++) {
        if (conf->bind_optional[i]) {
            buffer_printf(out,
                          "# bind: %s must be an address of this machine "
                          "now\n",
                          conf->bind[i]);
        }
    }
    for (size_t i = 0; i < conf->warning_count; i++) {
        char text[sizeof(conf->warnings[0])];
        copy_text(text, sizeof(text), conf->warnings[i]);
        for (char *c = text; *c != '\0'; c++) {
            *c = (unsigned char)*c < ' ' ? '?' : *c;
        }
        buffer_printf(out, "# %s\n", text);
    }
    if (conf->seed_count > 0 || conf->myid[0] != '\0') {
        buffer_printf(out, "# The id, the epochs, the replicas and the "
                           "supervisors that are noted there are\n"
                           "# state. To keep them, start once with that file "
                           "and the dir of this one.\n");
    }
}

void conf_print(const struct conf *conf, struct buffer *out)
{
    struct conf standard;
    struct conf *shown =
        xmalloc(sizeof(*shown)); /* borrows what it points to */
    conf_default(&standard);
    memcpy(shown, conf, sizeof(*shown));
    forget_vain_user(&shown->peer_login);
    const struct level level = {&daemon_table, shown, &standard, ""};
    print_remarks(conf, out);
    print_level(&level, out);
    free(shown);
    if (conf->group_count > 0) {
        buffer_printf(out, "groups = (\n");
        for (size_t i = 0; i < conf->group_count; i++) {
            print_group(conf, i, out);
        }
        buffer_printf(out, ");\n");
    }
    conf_free(&standard);
}
