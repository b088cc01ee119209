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

#include "conf_private.h"
#include "sentineld/acl.h"
#include "sentineld/buffer.h"
#include "sentineld/memory.h"

enum { LARGEST_INT = INT32_MAX };

/* One level of the file: the values, the defaults, what stands before. */
struct level {
    const struct conf_table *table;
    const void *values;
    const void *standard;
    const char *indent;
};

void conf_print_text(const char *text, struct buffer *out)
{
    buffer_printf(out, "\"");
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            buffer_printf(out, "\\%c", byte);
        } else if (byte < ' ' || byte == 0x7f) {
            buffer_printf(out, "\\x%02x", byte);
        } else {
            (void)buffer_append(out, text, 1); /* the caller looks */
        }
    }
    buffer_printf(out, "\"");
}

static uint64_t read_number(const char *member, size_t size)
{
    uint16_t small;
    uint32_t medium;
    uint64_t large;
    if (size == sizeof(small)) {
        memcpy(&small, member, size);
        return small;
    }
    if (size == sizeof(medium)) {
        memcpy(&medium, member, size);
        return medium;
    }
    assert(size == sizeof(large));
    memcpy(&large, member, size);
    return large;
}

static void print_number(const char *member, size_t size, struct buffer *out)
{
    uint64_t number = read_number(member, size);
    buffer_printf(out, "%" PRIu64 "%s", number,
                  number > LARGEST_INT ? "L" : "");
}

static void print_binds(const struct conf *conf, struct buffer *out)
{
    buffer_printf(out, "[ ");
    for (size_t i = 0; i < conf->bind_count; i++) {
        buffer_printf(out, "%s", i == 0 ? "" : ", ");
        conf_print_text(conf->bind[i], out);
    }
    buffer_printf(out, " ]");
}

/* Passwords as their digests: what was hashed cannot be had back. */
static void print_users(const struct acl *users, struct buffer *out)
{
    const struct acl_user *user = acl_next(users, NULL);
    struct buffer rules;
    buffer_init(&rules, out->maximum);
    buffer_printf(out, "(\n");
    while (user != NULL) {
        const struct acl_user *next = acl_next(users, user);
        acl_describe_user(user, &rules);
        (void)buffer_append(&rules, "", 1); /* the caller looks at `out` */
        buffer_printf(out, "    { name = ");
        conf_print_text(acl_user_name(user), out);
        buffer_printf(out, "; rules = ");
        conf_print_text(rules.data, out);
        buffer_printf(out, "; }%s\n", next == NULL ? "" : ",");
        buffer_clear(&rules);
        user = next;
    }
    buffer_printf(out, ")");
}

static void print_value(const struct conf_key *key, const void *values,
                        struct buffer *out)
{
    const char *member = (const char *)values + key->offset;
    bool on = false;
    int index = 0;
    switch (key->type) {
    case CONF_NUMBER:
        print_number(member, key->size, out);
        return;
    case CONF_SWITCH:
        memcpy(&on, member, sizeof(on));
        buffer_printf(out, "%s", on ? "true" : "false");
        return;
    case CONF_TEXT:
    case CONF_NAME:
    case CONF_HOST:
        conf_print_text(member, out);
        return;
    case CONF_CHOICE:
        memcpy(&index, member, sizeof(index));
        conf_print_text(conf_choice_word((enum conf_choice)key->minimum, index),
                        out);
        return;
    case CONF_BINDS:
        print_binds(values, out);
        return;
    case CONF_RENAMES:
        conf_renames_print((const struct renames *)(const void *)member, out);
        return;
    case CONF_USERS:
        print_users(((const struct conf *)values)->users, out);
        return;
    case CONF_GROUPS:
        break;
    }
    assert(false);
}

/* What a file of users holds stays there. */
static bool has_users(const struct conf *conf)
{
    return conf->users != NULL && conf->acl_file[0] == '\0' &&
           acl_count(conf->users) > 0;
}

static bool is_standard(const struct conf_key *key, const struct level *level)
{
    const char *value = (const char *)level->values + key->offset;
    const char *standard = (const char *)level->standard + key->offset;
    switch (key->type) {
    case CONF_TEXT:
    case CONF_NAME:
    case CONF_HOST:
        return strcmp(value, standard) == 0;
    case CONF_BINDS:
        return ((const struct conf *)level->values)->bind_count == 0;
    case CONF_USERS:
        return !has_users(level->values);
    case CONF_RENAMES:
        return ((const struct renames *)(const void *)value)->count == 0;
    case CONF_GROUPS:
        return true; /* they come last */
    case CONF_NUMBER:
    case CONF_SWITCH:
    case CONF_CHOICE:
        break;
    }
    return memcmp(value, standard, key->size) == 0;
}

static void print_level(const struct level *level, struct buffer *out)
{
    for (size_t i = 0; i < level->table->count; i++) {
        const struct conf_key *key = &level->table->keys[i];
        if (key->standard != NULL && is_standard(key, level)) {
            continue;
        }
        buffer_printf(out, "%s%s = ", level->indent, key->name);
        print_value(key, level->values, out);
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
    conf_table_set_defaults(&conf_group_table, &standard);
    conf_tls_start_group(conf, &standard);
    draft = standard;
    draft.group = conf->groups[index];
    draft.login = conf->logins[index];
    draft.renames = conf->renames[index];
    draft.tls = draft.login.tls != 0;
    forget_vain_user(&draft.login);
    const struct level level = {&conf_group_table, &draft, &standard,
                                "        "};
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
    const struct level level = {&conf_top_table, shown, &standard, ""};
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
