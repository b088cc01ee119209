/* One user: his parts, and the words that describe him.
 *
 * The description is complete: applied to a fresh user its words give the
 * same user again, so it is what is stored. */
#include <stdlib.h>
#include <string.h>

#include "proto/acl/acl.h"
#include "sentineld/memory.h"

/* --- Lists of texts ------------------------------------------------------- */

void acl_list_add(struct acl_list *list, const char *text, size_t length)
{
    char *copy = xmalloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    list->items =
        xrealloc(list->items, (list->count + 1) * sizeof(*list->items));
    list->items[list->count++] = copy;
}

void acl_list_remove(struct acl_list *list, size_t index)
{
    free(list->items[index]);
    list->count--;
    memmove(list->items + index, list->items + index + 1,
            (list->count - index) * sizeof(*list->items));
}

void acl_list_clear(struct acl_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (struct acl_list){0};
}

size_t acl_list_find(const struct acl_list *list, const char *text,
                     size_t length)
{
    size_t i = 0;
    while (i < list->count && (strlen(list->items[i]) != length ||
                               memcmp(list->items[i], text, length) != 0)) {
        i++;
    }
    return i;
}

/* --- Users and selectors -------------------------------------------------- */

struct acl_user *acl_user_new(const char *name)
{
    static const struct acl_selector nothing = {0};
    struct acl_user *user = xcalloc(1, sizeof(*user));
    copy_text(user->name, sizeof(user->name), name);
    acl_user_add_selector(user, &nothing);
    return user;
}

void acl_selector_clear(struct acl_selector *selector)
{
    acl_list_clear(&selector->commands);
    acl_list_clear(&selector->keys);
    acl_list_clear(&selector->channels);
}

void acl_user_add_selector(struct acl_user *user,
                           const struct acl_selector *selector)
{
    size_t size = (user->selector_count + 1) * sizeof(*user->selectors);
    user->selectors = xrealloc(user->selectors, size);
    user->selectors[user->selector_count++] = *selector;
}

void acl_user_clear_selectors(struct acl_user *user)
{
    for (size_t i = 1; i < user->selector_count; i++) {
        acl_selector_clear(&user->selectors[i]);
    }
    user->selector_count = 1;
}

static struct acl_list copy_list(const struct acl_list *list)
{
    struct acl_list copy = {0};
    for (size_t i = 0; i < list->count; i++) {
        acl_list_add(&copy, list->items[i], strlen(list->items[i]));
    }
    return copy;
}

struct acl_user *acl_user_copy(const struct acl_user *user)
{
    struct acl_user *copy = xcalloc(1, sizeof(*copy));
    copy_text(copy->name, sizeof(copy->name), user->name);
    copy->on = user->on;
    copy->nopass = user->nopass;
    copy->payload = user->payload;
    copy->passwords = copy_list(&user->passwords);
    for (size_t i = 0; i < user->selector_count; i++) {
        struct acl_selector selector = user->selectors[i];
        selector.commands = copy_list(&user->selectors[i].commands);
        selector.keys = copy_list(&user->selectors[i].keys);
        selector.channels = copy_list(&user->selectors[i].channels);
        acl_user_add_selector(copy, &selector);
    }
    return copy;
}

void acl_user_free(struct acl_user *user)
{
    if (user == NULL) {
        return;
    }
    acl_user_clear_selectors(user);
    acl_selector_clear(&user->selectors[0]);
    free(user->selectors);
    acl_list_clear(&user->passwords);
    free(user);
}

/* --- Description ---------------------------------------------------------- */

void acl_write_list(const struct acl_list *list, struct buffer *out)
{
    for (size_t i = 0; i < list->count; i++) {
        (void)buffer_printf(out, "%s%s", i == 0 ? "" : " ", list->items[i]);
    }
}

void acl_write_commands(const struct acl_selector *selector, struct buffer *out)
{
    (void)buffer_printf(out, selector->all_commands ? "+@all" : "-@all");
    if (selector->commands.count > 0) {
        (void)buffer_printf(out, " ");
        acl_write_list(&selector->commands, out);
    }
}

void acl_write_keys(const struct acl_selector *selector, struct buffer *out)
{
    if (selector->all_keys) {
        (void)buffer_printf(out, "~*");
    }
    acl_write_list(&selector->keys, out);
}

void acl_write_channels(const struct acl_selector *selector, struct buffer *out)
{
    if (selector->all_channels) {
        (void)buffer_printf(out, "&*");
    }
    acl_write_list(&selector->channels, out);
}

static void write_selector(const struct acl_selector *selector,
                           struct buffer *out)
{
    acl_write_keys(selector, out);
    if (selector->all_keys || selector->keys.count > 0) {
        (void)buffer_printf(out, " ");
    }
    if (!selector->all_channels) {
        (void)buffer_printf(out, "resetchannels ");
    }
    acl_write_channels(selector, out);
    if (selector->all_channels || selector->channels.count > 0) {
        (void)buffer_printf(out, " ");
    }
    acl_write_commands(selector, out);
}

static const char *payload_word(enum acl_payload payload)
{
    switch (payload) {
    case PAYLOAD_UNSAID:
        return "";
    case PAYLOAD_SANITIZE:
        return " sanitize-payload";
    case PAYLOAD_SKIP:
        return " skip-sanitize-payload";
    }
    return "";
}

void acl_describe_user(const struct acl_user *user, struct buffer *out)
{
    (void)buffer_printf(out, "%s%s%s ", user->on ? "on" : "off",
                        user->nopass ? " nopass" : "",
                        payload_word(user->payload));
    for (size_t i = 0; i < user->passwords.count; i++) {
        (void)buffer_printf(out, "#%s ", user->passwords.items[i]);
    }
    write_selector(&user->selectors[0], out);
    for (size_t i = 1; i < user->selector_count; i++) {
        (void)buffer_printf(out, " (");
        write_selector(&user->selectors[i], out);
        (void)buffer_printf(out, ")");
    }
}

const char *acl_user_name(const struct acl_user *user)
{
    return user->name;
}
