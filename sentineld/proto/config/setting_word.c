/* A value as one word: in a sentinel.conf, in SENTINEL SET and CONFIG SET, and
 * back. Strict: what is no value of the row, or outside its range, is refused;
 * that a sentinel.conf may have more is sentinel_conf_value.c's business. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/config/config.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"

enum { LARGEST_MODE = 0777 };

const char *setting_text_fault(const struct setting_row *row, const char *text)
{
    if (row->type == VALUE_NAME) {
        return conf_name_fault(text);
    }
    if (row->type == VALUE_HOST && text[0] != '\0') {
        return conf_host_fault(text);
    }
    return (row->flags & ROW_TOLD) != 0 ? conf_text_fault(text) : NULL;
}

enum mode_fault setting_read_mode(const char *text, uint32_t *mode)
{
    *mode = 0;
    if (strspn(text, "01234567") != strlen(text)) {
        return MODE_NOT_OCTAL;
    }
    for (; *text != '\0' && *mode <= LARGEST_MODE; text++) {
        *mode = *mode * 8 + (uint32_t)(*text - '0');
    }
    return *mode <= LARGEST_MODE ? MODE_OK : MODE_TOO_LARGE;
}

static bool take_switch(const char *word, void *member)
{
    bool on = strcasecmp(word, "yes") == 0;
    if (!on && strcasecmp(word, "no") != 0) {
        return false;
    }
    memcpy(member, &on, sizeof(on));
    return true;
}

static bool take_text(const struct setting_row *row, const char *word,
                      void *member)
{
    size_t length = strlen(word);
    if (length < row->minimum || length > row->maximum ||
        setting_text_fault(row, word) != NULL) {
        return false;
    }
    memcpy(member, word, length + 1);
    return true;
}

static bool take_choice(const struct setting_row *row, const char *word,
                        void *member)
{
    int index = setting_choice_find((enum choice)row->minimum, word);
    if (index >= 0) {
        memcpy(member, &index, sizeof(index));
    }
    return index >= 0;
}

bool setting_take_word(const struct setting_row *row, const char *word,
                       void *base)
{
    void *member = (char *)base + row->offset;
    uint64_t number = 0;
    uint32_t mode = 0;
    switch (row->type) {
    case VALUE_NUMBER:
        if (!parse_unsigned(word, strlen(word), row->maximum, &number) ||
            number < row->minimum) {
            return false;
        }
        setting_set_number(row, base, number);
        return true;
    case VALUE_MODE:
        if (setting_read_mode(word, &mode) != MODE_OK) {
            return false;
        }
        memcpy(member, &mode, sizeof(mode));
        return true;
    case VALUE_SWITCH:
        return take_switch(word, member);
    case VALUE_CHOICE:
        return take_choice(row, word, member);
    case VALUE_TEXT:
    case VALUE_NAME:
    case VALUE_HOST:
        return take_text(row, word, member);
    case VALUE_BINDS:
    case VALUE_RENAMES:
    case VALUE_GROUPS:
    case VALUE_DEFAULTS:
    case VALUE_USERS:
        break;
    }
    assert(false); /* they are more than a word */
    return false;
}

static void print_mode(const void *member, char text[SETTING_WORD_SIZE])
{
    uint32_t mode = 0;
    memcpy(&mode, member, sizeof(mode));
    text[0] = '\0';
    if (mode != 0) {
        (void)snprintf(text, SETTING_WORD_SIZE, "0%" PRIo32, mode);
    }
}

void setting_print_word(const struct setting_row *row, const void *base,
                        char text[SETTING_WORD_SIZE])
{
    const char *member = (const char *)base + row->offset;
    bool on = false;
    int index = 0;
    switch (row->type) {
    case VALUE_NUMBER:
        (void)snprintf(text, SETTING_WORD_SIZE, "%" PRIu64,
                       setting_number(row, base));
        return;
    case VALUE_MODE:
        print_mode(member, text);
        return;
    case VALUE_SWITCH:
        memcpy(&on, member, sizeof(on));
        copy_text(text, SETTING_WORD_SIZE, on ? "yes" : "no");
        return;
    case VALUE_CHOICE:
        memcpy(&index, member, sizeof(index));
        copy_text(text, SETTING_WORD_SIZE,
                  setting_choice_word((enum choice)row->minimum, index));
        return;
    case VALUE_TEXT:
    case VALUE_NAME:
    case VALUE_HOST:
        copy_text(text, SETTING_WORD_SIZE, member);
        return;
    case VALUE_BINDS:
    case VALUE_RENAMES:
    case VALUE_GROUPS:
    case VALUE_DEFAULTS:
    case VALUE_USERS:
        break;
    }
    assert(false); /* they are more than a word */
}
