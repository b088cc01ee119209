/* Lines of a sentinel.conf and what they are about.
 *
 * A directive of the table is exported: how many of its words name the thing
 * that it is about is in the table. Of two lines about the same thing one is
 * too many. Ordinary directives are about themselves. */
#include "conf_lines.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "group_options.h"
#include "sentineld/memory.h"

/* `words` counts what is behind "sentinel name". */
static const struct {
    const char *name;
    size_t words;
    const char *alias;
} directives[] = {
    {"myid", 0, NULL},
    {"current-epoch", 0, NULL},
    {"announce-ip", 0, NULL},
    {"announce-port", 0, NULL},
    {"deny-scripts-reconfig", 0, NULL},
    {"resolve-hostnames", 0, NULL},
    {"announce-hostnames", 0, NULL},
    {"sentinel-user", 0, NULL},
    {"sentinel-pass", 0, NULL},
    {"monitor", 1, NULL},
    {"auth-pass", 1, NULL},
    {"auth-user", 1, NULL},
    {"config-epoch", 1, NULL},
    {"leader-epoch", 1, NULL},
    {"known-replica", 3, "known-slave"},
    {"known-sentinel", 4, NULL},
    {"rename-command", 2, NULL},
    {"master-reboot-down-after-period", 1, "primary-reboot-down-after-period"},
};

static const char *const ordinary[] = {
    "port",
    "tls-port",
    "bind",
    "dir",
    "logfile",
    "loglevel",
    "daemonize",
    "pidfile",
    "requirepass",
    "aclfile",
    "protected-mode",
    "tls-cert-file",
    "tls-key-file",
    "tls-ca-cert-file",
    "tls-ca-cert-dir",
    "tls-auth-clients",
    "tls-replication",
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

static char *about_directive(char *const *words, size_t count, size_t index)
{
    char sentinel[] = "sentinel";
    char name[32];
    char *about[6] = {sentinel, name};
    size_t named = directives[index].words;
    copy_text(name, sizeof(name), directives[index].name);
    for (size_t i = 0; i < named && i + 2 < count; i++) {
        about[i + 2] = words[i + 2];
    }
    bool is_rename = strcmp(name, "rename-command") == 0;
    return count < named + 2 ? NULL : join(about, named + 2, is_rename ? 4 : 2);
}

static char *about_sentinel(char *const *words, size_t count)
{
    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
        const char *alias = directives[i].alias;
        if (strcasecmp(words[1], directives[i].name) == 0 ||
            (alias != NULL && strcasecmp(words[1], alias) == 0)) {
            return about_directive(words, count, i);
        }
    }
    return group_option_find(words[1]) == NULL || count < 3 ? NULL
                                                            : join(words, 3, 2);
}

char *conf_lines_about(char *const *words, size_t count)
{
    if (count < 2) {
        return NULL;
    }
    if (strcasecmp(words[0], "sentinel") == 0) {
        return about_sentinel(words, count);
    }
    if (strcasecmp(words[0], "user") == 0) {
        return join(words, 2, 1);
    }
    for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
        if (strcasecmp(words[0], ordinary[i]) == 0) {
            return join(words, 1, 1);
        }
    }
    return NULL;
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
