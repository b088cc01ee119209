/* Lines of a sentinel.conf and what they are about.
 *
 * A directive of the table is exported: how many of its words name the thing
 * that it is about is in the table. Of two lines about the same thing one is
 * too many. Ordinary directives are about themselves. */
#include "proto/config/conf_lines.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sentineld/memory.h"

/* What is no setting. `words` counts what is behind "sentinel name". */
static const struct {
    const char *name;
    size_t words;
    const char *alias;
} noted[] = {
    {"myid", 0, NULL},           {"current-epoch", 0, NULL},
    {"monitor", 1, NULL},        {"config-epoch", 1, NULL},
    {"leader-epoch", 1, NULL},   {"known-replica", 3, "known-slave"},
    {"known-sentinel", 4, NULL},
};

/* Copies words with a blank between them, small letters up to `fold`. */
static char *join(char *const *words, size_t count, size_t fold)
{
    size_t size = 1;
    for (size_t i = 0; i < count; i++) {
        size += strlen(words[i]) + 1;
    }
    char *text = xmalloc(size);
    char *out = text;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(words[i]);
        if (i > 0) {
            *out++ = ' ';
        }
        memcpy(out, words[i], length + 1);
        if (i < fold) {
            conf_lower_case(out);
        }
        out += length;
    }
    *out = '\0';
    return text;
}

/* `named` words behind the directive's name say what it is about; commands are
 * names in any case. */
static char *about_directive(char *const *words, size_t count,
                             const char *directive, size_t named)
{
    char sentinel[] = "sentinel";
    char name[40];
    char *about[6] = {sentinel, name};
    copy_text(name, sizeof(name), directive);
    for (size_t i = 0; i < named && i + 2 < count; i++) {
        about[i + 2] = words[i + 2];
    }
    return count < named + 2 ? NULL
                             : join(about, named + 2, named == 2 ? 4 : 2);
}

static char *about_row(char *const *words, size_t count)
{
    const struct setting_row *row =
        setting_find_directive(&daemon_table, words[1]);
    if (row != NULL && (row->flags & ROW_SENTINEL) != 0) {
        return about_directive(words, count, row->directive, 0);
    }
    row = setting_find_directive(&group_table, words[1]);
    return row == NULL ? NULL
                       : about_directive(words, count, row->directive,
                                         row->type == VALUE_RENAMES ? 2 : 1);
}

static char *about_sentinel(char *const *words, size_t count)
{
    for (size_t i = 0; i < sizeof(noted) / sizeof(noted[0]); i++) {
        const char *alias = noted[i].alias;
        if (strcasecmp(words[1], noted[i].name) == 0 ||
            (alias != NULL && strcasecmp(words[1], alias) == 0)) {
            return about_directive(words, count, noted[i].name, noted[i].words);
        }
    }
    return about_row(words, count);
}

char *conf_lines_about(char *const *words, size_t count)
{
    if (count < 2) {
        return NULL;
    }
    if (strcasecmp(words[0], "sentinel") == 0) {
        return about_sentinel(words, count);
    }
    const struct setting_row *row =
        setting_find_directive(&daemon_table, words[0]);
    if (row != NULL && row->type == VALUE_USERS) {
        return join(words, 2, 1);
    }
    bool is_told = row != NULL && (row->flags & ROW_EXPORTED) != 0;
    return is_told ? join(words, 1, 1) : NULL;
}

struct conf_lines *conf_lines_new(void)
{
    struct conf_lines *lines = xcalloc(1, sizeof(*lines));
    lines->end = &lines->first;
    return lines;
}

void conf_lines_free(struct conf_lines *lines)
{
    if (lines == NULL) {
        return;
    }
    HASH_CLEAR(hh, lines->index);
    while (lines->first != NULL) {
        struct conf_line_wanted *line = lines->first;
        lines->first = line->next;
        free(line->about);
        free(line->text);
        free(line);
    }
    free(lines);
}

static bool is_plain(const char *word)
{
    for (const char *c = word; *c != '\0'; c++) {
        if (*c <= ' ' || *c == '"' || *c == '\'' || *c == '\\' ||
            (unsigned char)*c == 0x7f) {
            return false;
        }
    }
    return word[0] != '\0' && word[0] != '#';
}

static char *quote(const char *const *words, size_t count)
{
    size_t size = 1;
    for (size_t i = 0; i < count; i++) {
        size += strlen(words[i]) * 4 + 4;
    }
    char *text = xmalloc(size);
    char *out = text;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            *out++ = ' ';
        }
        if (is_plain(words[i])) {
            size_t length = strlen(words[i]);
            memcpy(out, words[i], length + 1);
            out += length;
        } else {
            out += conf_words_quote(words[i], out);
        }
    }
    return text;
}

void conf_lines_add(struct conf_lines *lines, const char *const *words,
                    size_t count, bool optional)
{
    struct conf_line_wanted *line = xcalloc(1, sizeof(*line));
    struct conf_words split;
    line->text = quote(words, count);
    line->optional = optional;
    const char *fault =
        conf_words_split(line->text, strlen(line->text), &split);
    if (fault == NULL) {
        line->about = conf_lines_about(split.words, split.count);
        conf_words_clear(&split);
    }
    struct conf_line_wanted *other = NULL;
    if (line->about != NULL) {
        HASH_FIND_STR(lines->index, line->about, other);
    }
    if (line->about == NULL || other != NULL) {
        free(line->about); /* a name that cannot be said in such a file */
        free(line->text);
        free(line);
        return;
    }
    HASH_ADD_KEYPTR(hh, lines->index, line->about, strlen(line->about), line);
    *lines->end = line;
    lines->end = &line->next;
}
