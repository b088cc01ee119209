/* What follows from the tables of keys (settings_table.c): defaults, ranges in
 * words, the key that was probably meant, and the words that some keys take.
 *
 * Nothing here knows libconfig: reading is native_value.c's. */
#include "proto/config/config.h"

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
    [CHOICE_AUTH] = {"no", "yes", "optional"},
    [CHOICE_DETECTION] = {"witnessed", "ping"},
    [CHOICE_ON_EMPTY_MASTER] = {"failover", "alert", "allow"},
    [CHOICE_ORDER] = {"priority", "freshest"},
    [CHOICE_FENCING] = {"off", "availability", "safety"},
};

const struct setting_row *setting_find(const struct setting_table *table,
                                       const char *key)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->rows[i].key, key) == 0) {
            return &table->rows[i];
        }
    }
    return NULL;
}

const struct setting_row *
setting_find_directive(const struct setting_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct setting_row *row = &table->rows[i];
        if (row->directive != NULL &&
            (strcasecmp(row->directive, name) == 0 ||
             (row->alias != NULL && strcasecmp(row->alias, name) == 0))) {
            return row;
        }
    }
    return NULL;
}

bool setting_is_core(const struct setting_row *row, enum setting *setting)
{
#define OFFSET(name, type, member, dimension) \
    offsetof(struct conf_draft, group.settings.member),
    static const size_t offsets[] = {GROUP_SETTINGS(OFFSET)};
#undef OFFSET
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (offsets[i] == row->offset) {
            *setting = (enum setting)i;
            return true;
        }
    }
    return false;
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
        const struct setting_row *row = &table->rows[i];
        size_t distance = edit_distance(typed, row->key);
        if (distance < best_distance) {
            best = row;
            best_distance = distance;
        }
        if (longer == NULL && strlen(typed) >= 3 &&
            strncmp(typed, row->key, strlen(typed)) == 0) {
            longer = row;
        }
    }
    return best != NULL ? best : longer;
}

const char *setting_guess_directive(const struct setting_table *table,
                                    const char *name, bool of_sentinel)
{
    const char *best = NULL;
    size_t best_distance = strlen(name) / 4 + 1;
    for (size_t i = 0; i < table->count; i++) {
        const struct setting_row *row = &table->rows[i];
        bool stands_there =
            table == &group_table
                ? (row->flags & ROW_SET_ALONE) == 0
                : of_sentinel == ((row->flags & ROW_SENTINEL) != 0);
        size_t distance = row->directive == NULL
                              ? SIZE_MAX
                              : edit_distance(name, row->directive);
        if (stands_there && distance < best_distance) {
            best = row->directive;
            best_distance = distance;
        }
    }
    return best;
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

int setting_choice_count(enum choice choice)
{
    int count = 0;
    while (choices[choice][count] != NULL) {
        count++;
    }
    return count;
}

const char *setting_choice_word(enum choice choice, int index)
{
    assert(index >= 0 && index < MAX_WORDS && choices[choice][index] != NULL);
    return choices[choice][index];
}

void setting_list_words(enum choice choice, const char *last, char *text,
                        size_t size)
{
    const char *const *words = choices[choice];
    text[0] = '\0';
    for (size_t i = 0; words[i] != NULL; i++) {
        size_t used = strlen(text);
        const char *separator = words[i + 1] == NULL ? last : ", ";
        (void)snprintf(text + used, size - used, "%s%s",
                       i == 0 ? "" : separator, words[i]);
    }
}

void setting_set_number(const struct setting_row *row, void *base,
                        uint64_t value)
{
    char *member = (char *)base + row->offset;
    uint16_t value_16 = (uint16_t)value;
    uint32_t value_32 = (uint32_t)value;
    assert(row->type == VALUE_NUMBER);
    assert(value >= row->minimum && value <= row->maximum);
    if (row->size == sizeof(value_16)) {
        memcpy(member, &value_16, sizeof(value_16));
    } else if (row->size == sizeof(value_32)) {
        memcpy(member, &value_32, sizeof(value_32));
    } else {
        assert(row->size == sizeof(value));
        memcpy(member, &value, sizeof(value));
    }
}

uint64_t setting_number(const struct setting_row *row, const void *base)
{
    const char *member = (const char *)base + row->offset;
    uint16_t small;
    uint32_t medium;
    uint64_t large;
    if (row->size == sizeof(small)) {
        memcpy(&small, member, sizeof(small));
        return small;
    }
    if (row->size == sizeof(medium)) {
        memcpy(&medium, member, sizeof(medium));
        return medium;
    }
    assert(row->size == sizeof(large));
    memcpy(&large, member, sizeof(large));
    return large;
}

/* The default of a text without its quotes. */
static void unquote(const char *quoted, char *text, size_t size)
{
    size_t length = strlen(quoted);
    assert(length >= 2 && length - 2 < size && quoted[0] == '"');
    memcpy(text, quoted + 1, length - 2);
    text[length - 2] = '\0';
}

static void set_default(const struct setting_row *row, void *base)
{
    char *member = (char *)base + row->offset;
    char word[CONF_SHOWN_SIZE];
    uint64_t number = 0;
    bool on = false;
    int index = 0;
    switch (row->type) {
    case VALUE_NUMBER:
        if (!parse_unsigned(row->standard, strlen(row->standard), UINT64_MAX,
                            &number)) {
            assert(false); /* the table is ours */
        }
        setting_set_number(row, base, number);
        return;
    case VALUE_SWITCH:
        on = strcmp(row->standard, "true") == 0;
        memcpy(member, &on, sizeof(on));
        return;
    case VALUE_CHOICE:
        unquote(row->standard, word, sizeof(word));
        index = setting_choice_find((enum choice)row->minimum, word);
        memcpy(member, &index, sizeof(index));
        return;
    case VALUE_TEXT:
    case VALUE_NAME:
    case VALUE_HOST:
        unquote(row->standard, member, row->size);
        return;
    case VALUE_MODE:
    case VALUE_BINDS:
    case VALUE_RENAMES:
    case VALUE_USERS:
    case VALUE_GROUPS:
    case VALUE_DEFAULTS:
        return; /* none, which is what zeros say */
    }
}

void setting_set_defaults(const struct setting_table *table, void *base)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].standard != NULL) {
            set_default(&table->rows[i], base);
        }
    }
}

void setting_set_redis_defaults(const struct setting_table *table, void *base)
{
    setting_set_defaults(table, base);
    for (size_t i = 0; i < table->count; i++) {
        const struct setting_row *row = &table->rows[i];
        bool taken =
            row->redis == NULL || setting_take_word(row, row->redis, base);
        assert(taken); /* the table is ours */
        (void)taken;
    }
}

void setting_range(const struct setting_row *row, char text[SETTING_RANGE_SIZE])
{
    size_t size = SETTING_RANGE_SIZE;
    switch (row->type) {
    case VALUE_NUMBER:
        (void)snprintf(text, size, "%" PRIu64 " to %" PRIu64, row->minimum,
                       row->maximum);
        return;
    case VALUE_MODE:
        copy_text(text, size, "\"0001\" to \"0777\", or empty");
        return;
    case VALUE_SWITCH:
        copy_text(text, size, "true or false");
        return;
    case VALUE_TEXT:
        (void)snprintf(
            text, size, "%s%" PRIu64 " bytes%s",
            row->minimum == 0 ? "at most " : "1 to ", row->maximum,
            (row->flags & ROW_TOLD) == 0 ? "" : " without control characters");
        return;
    case VALUE_NAME:
        (void)snprintf(text, size,
                       "1 to %" PRIu64 " bytes without blanks, control "
                       "characters, commas and quotes",
                       row->maximum);
        return;
    case VALUE_HOST:
        (void)snprintf(text, size, "an ip address or a host name%s",
                       row->minimum == 0 ? ", or empty" : "");
        return;
    case VALUE_CHOICE:
        setting_list_words((enum choice)row->minimum, " or ", text, size);
        return;
    case VALUE_RENAMES:
        (void)snprintf(text, size, "at most %" PRIu64 " commands",
                       row->maximum);
        return;
    case VALUE_BINDS:
        (void)snprintf(text, size, "at most %" PRIu64 " ip addresses",
                       row->maximum);
        return;
    case VALUE_USERS:
        (void)snprintf(text, size, "at most %" PRIu64 " users", row->maximum);
        return;
    case VALUE_DEFAULTS:
        copy_text(text, size, "keys of a group but name, host and port");
        return;
    case VALUE_GROUPS:
        (void)snprintf(text, size, "at most %" PRIu64 " groups", row->maximum);
        return;
    }
}
