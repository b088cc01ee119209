/* What follows from the tables of keys (settings_table.c): defaults, ranges in
 * words, the key that was probably meant, and the words that some keys take.
 *
 * Nothing here knows libconfig: reading is native_value.c's. */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sentineld/info.h"
#include "sentineld/memory.h"

enum { MAX_WORDS = 10 };

/* Each list ends in NULL. */
static const char *const choices[][MAX_WORDS] = {
    [CHOICE_LEVEL] = {"debug", "verbose", "notice", "warning", "nothing"},
    [CHOICE_FORMAT] = {"text", "json"},
    [CHOICE_FACILITY] = {"user", "local0", "local1", "local2", "local3",
                         "local4", "local5", "local6", "local7"},
    [CHOICE_SUPERVISED] = {"no", "auto", "systemd"},
    [CHOICE_AUTH] = {"yes", "no", "optional"},
    [CHOICE_DETECTION] = {"witnessed", "ping"},
    [CHOICE_ON_EMPTY_MASTER] = {"failover", "alert", "allow"},
    [CHOICE_ORDER] = {"priority", "freshest"},
    [CHOICE_FENCING] = {"off", "availability", "safety"},
};

const struct setting_row *setting_find(const struct setting_table *table,
                                       const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->keys[i].name, name) == 0) {
            return &table->keys[i];
        }
    }
    return NULL;
}

enum { NAME_MOST = 48 }; /* bytes of a name that are compared */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many characters must be inserted, removed, replaced or swapped with
 * their neighbour to get from one text to the other: the usual table of
 * distances between beginnings of both, of which three rows are needed. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][NAME_MOST + 1];
    size_t a_length = strnlen(a, NAME_MOST);
    size_t b_length = strnlen(b, NAME_MOST);
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = smaller(replaced, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                row[j] = smaller(row[j], two_above[j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

/* As keys are written: small letters, '_' for '-'. */
static void write_as_key(const char *name, char key[NAME_MOST + 1])
{
    copy_text(key, NAME_MOST + 1, name);
    conf_lower_case(key);
    for (char *c = key; *c != '\0'; c++) {
        if (*c == '-') {
            *c = '_';
        }
    }
}

const struct setting_row *setting_guess(const struct setting_table *table,
                                        const char *name)
{
    const struct setting_row *best = NULL;
    const struct setting_row *longer =
        NULL; /* "down_after" for down_after_ms */
    size_t best_distance = strlen(name) / 3 + 1;
    char typed[NAME_MOST + 1];
    write_as_key(name, typed);
    for (size_t i = 0; i < table->count; i++) {
        const struct setting_row *key = &table->keys[i];
        size_t distance = edit_distance(typed, key->name);
        if (distance < best_distance) {
            best = key;
            best_distance = distance;
        }
        if (longer == NULL && strlen(typed) >= 3 &&
            strncmp(typed, key->name, strlen(typed)) == 0) {
            longer = key;
        }
    }
    return best != NULL ? best : longer;
}

int setting_choice_find(enum choice choice, const char *word)
{
    for (int i = 0; choices[choice][i] != NULL; i++) {
        if (strcasecmp(choices[choice][i], word) == 0) {
            return i;
        }
    }
    return -1;
}

const char *setting_choice_word(enum choice choice, int index)
{
    assert(index >= 0 && index < MAX_WORDS && choices[choice][index] != NULL);
    return choices[choice][index];
}

/* "text or json", "a, b or c". */
static void list_words(enum choice choice, char text[SETTING_RANGE_SIZE])
{
    const char *const *words = choices[choice];
    text[0] = '\0';
    for (size_t i = 0; words[i] != NULL; i++) {
        size_t used = strlen(text);
        const char *separator = words[i + 1] == NULL ? " or " : ", ";
        (void)snprintf(text + used, SETTING_RANGE_SIZE - used, "%s%s",
                       i == 0 ? "" : separator, words[i]);
    }
}

void setting_set_number(const struct setting_row *key, void *base,
                        uint64_t value)
{
    char *member = (char *)base + key->offset;
    uint16_t value_16 = (uint16_t)value;
    uint32_t value_32 = (uint32_t)value;
    assert(key->type == VALUE_NUMBER);
    assert(value >= key->minimum && value <= key->maximum);
    if (key->size == sizeof(value_16)) {
        memcpy(member, &value_16, sizeof(value_16));
    } else if (key->size == sizeof(value_32)) {
        memcpy(member, &value_32, sizeof(value_32));
    } else {
        assert(key->size == sizeof(value));
        memcpy(member, &value, sizeof(value));
    }
}

void setting_set(const struct setting_row *key, void *base, uint64_t value)
{
    int index = (int)value;
    if (key->type == VALUE_CHOICE) {
        memcpy((char *)base + key->offset, &index, sizeof(index));
        return;
    }
    setting_set_number(key, base, value);
}

/* The default of a text without its quotes. */
static void unquote(const char *quoted, char *text, size_t size)
{
    size_t length = strlen(quoted);
    assert(length >= 2 && length - 2 < size && quoted[0] == '"');
    memcpy(text, quoted + 1, length - 2);
    text[length - 2] = '\0';
}

static void set_default(const struct setting_row *key, void *base)
{
    char *member = (char *)base + key->offset;
    char word[CONF_SHOWN_SIZE];
    uint64_t number = 0;
    bool on = false;
    int index = 0;
    switch (key->type) {
    case VALUE_NUMBER:
        if (!parse_unsigned(key->standard, strlen(key->standard), UINT64_MAX,
                            &number)) {
            assert(false); /* the table is ours */
        }
        setting_set_number(key, base, number);
        return;
    case VALUE_SWITCH:
        on = strcmp(key->standard, "true") == 0;
        memcpy(member, &on, sizeof(on));
        return;
    case VALUE_CHOICE:
        unquote(key->standard, word, sizeof(word));
        index = setting_choice_find((enum choice)key->minimum, word);
        memcpy(member, &index, sizeof(index));
        return;
    case VALUE_TEXT:
    case VALUE_NAME:
    case VALUE_HOST:
        unquote(key->standard, member, key->size);
        return;
    case VALUE_BINDS:
    case VALUE_RENAMES:
    case VALUE_USERS:
    case VALUE_GROUPS:
        return; /* none, which is what zeros say */
    }
}

void setting_set_defaults(const struct setting_table *table, void *base)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->keys[i].standard != NULL) {
            set_default(&table->keys[i], base);
        }
    }
}

void setting_range(const struct setting_row *key, char text[SETTING_RANGE_SIZE])
{
    size_t size = SETTING_RANGE_SIZE;
    switch (key->type) {
    case VALUE_NUMBER:
        (void)snprintf(text, size, "%" PRIu64 " to %" PRIu64, key->minimum,
                       key->maximum);
        return;
    case VALUE_SWITCH:
        copy_text(text, size, "true or false");
        return;
    case VALUE_TEXT:
        (void)snprintf(text, size, "%s%" PRIu64 " bytes",
                       key->minimum == 0 ? "at most " : "1 to ", key->maximum);
        return;
    case VALUE_NAME:
        (void)snprintf(text, size,
                       "1 to %" PRIu64 " bytes without blanks, control "
                       "characters, commas and quotes",
                       key->maximum);
        return;
    case VALUE_HOST:
        (void)snprintf(text, size, "an ip address or a host name%s",
                       key->minimum == 0 ? ", or empty" : "");
        return;
    case VALUE_CHOICE:
        list_words((enum choice)key->minimum, text);
        return;
    case VALUE_RENAMES:
        (void)snprintf(text, size, "at most %" PRIu64 " commands",
                       key->maximum);
        return;
    case VALUE_BINDS:
        (void)snprintf(text, size, "at most %" PRIu64 " ip addresses",
                       key->maximum);
        return;
    case VALUE_USERS:
        (void)snprintf(text, size, "at most %" PRIu64 " users", key->maximum);
        return;
    case VALUE_GROUPS:
        (void)snprintf(text, size, "at most %" PRIu64 " groups", key->maximum);
        return;
    }
}
