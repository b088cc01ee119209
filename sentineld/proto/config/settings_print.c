/* The value of a key, wherever the tables of settings_table.c say that it is:
 * written as the native file has it, compared, copied. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/config/config.h"
#include "sentineld/acl.h"
#include "sentineld/buffer.h"
#include "sentineld/memory.h"

enum { LARGEST_INT = INT32_MAX };

void native_print_text(const char *text, struct buffer *out)
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

static void print_number(const struct setting_row *row, const void *base,
                         struct buffer *out)
{
    uint64_t number = setting_number(row, base);
    buffer_printf(out, "%" PRIu64 "%s", number,
                  number > LARGEST_INT ? "L" : "");
}

static void print_mode(const struct setting_row *row, const void *base,
                       struct buffer *out)
{
    char word[SETTING_WORD_SIZE];
    setting_print_word(row, base, word);
    native_print_text(word, out);
}

static void print_binds(const struct conf *conf, struct buffer *out)
{
    buffer_printf(out, "[ ");
    for (size_t i = 0; i < conf->bind_count; i++) {
        buffer_printf(out, "%s", i == 0 ? "" : ", ");
        native_print_text(conf->bind[i], out);
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
        native_print_text(acl_user_name(user), out);
        buffer_printf(out, "; rules = ");
        native_print_text(rules.data, out);
        buffer_printf(out, "; }%s\n", next == NULL ? "" : ",");
        buffer_clear(&rules);
        user = next;
    }
    buffer_printf(out, ")");
}

void setting_print(const struct setting_row *row, const void *base,
                   struct buffer *out)
{
    const char *member = (const char *)base + row->offset;
    bool on = false;
    int index = 0;
    switch (row->type) {
    case VALUE_NUMBER:
        print_number(row, base, out);
        return;
    case VALUE_MODE:
        print_mode(row, base, out);
        return;
    case VALUE_SWITCH:
        memcpy(&on, member, sizeof(on));
        buffer_printf(out, "%s", on ? "true" : "false");
        return;
    case VALUE_TEXT:
    case VALUE_NAME:
    case VALUE_HOST:
        native_print_text(member, out);
        return;
    case VALUE_CHOICE:
        memcpy(&index, member, sizeof(index));
        native_print_text(setting_choice_word((enum choice)row->minimum, index),
                          out);
        return;
    case VALUE_BINDS:
        print_binds(base, out);
        return;
    case VALUE_RENAMES:
        native_print_renames((const struct renames *)(const void *)member, out);
        return;
    case VALUE_USERS:
        print_users(((const struct conf *)base)->users, out);
        return;
    case VALUE_GROUPS:
    case VALUE_DEFAULTS:
        break;
    }
    assert(false);
}

static bool equal_binds(const struct conf *a, const struct conf *b)
{
    bool equal = a->bind_count == b->bind_count;
    for (size_t i = 0; equal && i < a->bind_count; i++) {
        equal = strcmp(a->bind[i], b->bind[i]) == 0 &&
                a->bind_optional[i] == b->bind_optional[i];
    }
    return equal;
}

static bool equal_users(const struct acl *a, const struct acl *b)
{
    struct buffer text[2];
    const struct acl *lists[] = {a, b};
    for (size_t i = 0; i < 2; i++) {
        buffer_init(&text[i], SIZE_MAX);
        if (lists[i] != NULL) {
            acl_write_file(lists[i], &text[i]);
        }
    }
    bool equal = text[0].length == text[1].length &&
                 (text[0].length == 0 ||
                  memcmp(text[0].data, text[1].data, text[0].length) == 0);
    buffer_clear(&text[0]);
    buffer_clear(&text[1]);
    return equal;
}

bool setting_equal(const struct setting_row *row, const void *a, const void *b)
{
    const char *in_a = (const char *)a + row->offset;
    const char *in_b = (const char *)b + row->offset;
    switch (row->type) {
    case VALUE_TEXT:
    case VALUE_NAME:
    case VALUE_HOST:
        return strcmp(in_a, in_b) == 0;
    case VALUE_BINDS:
        return equal_binds(a, b);
    case VALUE_RENAMES:
        return renames_equal((const struct renames *)(const void *)in_a,
                             (const struct renames *)(const void *)in_b);
    case VALUE_USERS:
        return equal_users(((const struct conf *)a)->users,
                           ((const struct conf *)b)->users);
    case VALUE_NUMBER:
    case VALUE_MODE:
    case VALUE_SWITCH:
    case VALUE_CHOICE:
        return memcmp(in_a, in_b, row->size) == 0;
    case VALUE_GROUPS:
    case VALUE_DEFAULTS:
        break;
    }
    assert(false);
    return false;
}

void conf_draft_of(const struct conf *conf, size_t index,
                   struct conf_draft *draft)
{
    const struct conf_login *login = &conf->logins[index];
    memset(draft, 0, sizeof(*draft));
    setting_set_defaults(&group_table, draft);
    conf_tls_start_group(conf, draft);
    draft->group = conf->groups[index];
    draft->login = *login;
    draft->renames = conf->renames[index];
    draft->tls = login->tls != 0;
    if (draft->tls && login->tls != conf->tls_servers) {
        draft->tls_client = conf->tls_clients[login->tls - 1];
    }
}
