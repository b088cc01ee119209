/* The words of a line of sentinel.conf: separated by blanks; "..." with
 * escapes \n \r \t \b \a \xHH, any other \c being c; '...' with \' alone.
 * A closing quote is followed by a blank or by the end of the line.
 *
 * Words are C strings here, so \x00, which would cut one, is refused. */
#include "proto/config/sentinel_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/memory.h"

static const char unbalanced[] = "Unbalanced quotes in configuration line";
static const char has_nul[] = "a value cannot have a NUL character";

/* What is left of the line, and where the next character goes. */
struct splitter {
    const char *at;
    const char *end;
    char *out;
};

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char escaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'b':
        return '\b';
    case 'a':
        return '\a';
    }
    return c;
}

/* Behind a backslash inside "...". */
static void take_escape(struct splitter *from)
{
    size_t left = (size_t)(from->end - from->at);
    if (left >= 3 && from->at[0] == 'x' && hex_value(from->at[1]) >= 0 &&
        hex_value(from->at[2]) >= 0) {
        *from->out++ =
            (char)(hex_value(from->at[1]) * 16 + hex_value(from->at[2]));
        from->at += 3;
        return;
    }
    *from->out++ = escaped(*from->at++);
}

/* From the opening quote to behind the closing one. */
static const char *take_quoted(struct splitter *from)
{
    char quote = *from->at++;
    while (from->at < from->end) {
        bool another = from->at + 1 < from->end;
        if (*from->at == quote) {
            from->at++;
            return from->at == from->end || is_blank(*from->at) ? NULL
                                                                : unbalanced;
        }
        if (quote == '"' && *from->at == '\\' && another) {
            from->at++;
            take_escape(from);
        } else if (quote == '\'' && *from->at == '\\' && another &&
                   from->at[1] == '\'') {
            *from->out++ = '\'';
            from->at += 2;
        } else {
            *from->out++ = *from->at++;
        }
    }
    return unbalanced;
}

static const char *take_word(struct splitter *from)
{
    char *start = from->out;
    while (from->at < from->end && !is_blank(*from->at)) {
        if (*from->at == '"' || *from->at == '\'') {
            const char *fault = take_quoted(from);
            if (fault != NULL) {
                return fault;
            }
        } else {
            *from->out++ = *from->at++;
        }
    }
    if (memchr(start, '\0', (size_t)(from->out - start)) != NULL) {
        return has_nul;
    }
    *from->out++ = '\0';
    return NULL;
}

const char *conf_words_split(const char *line, size_t length,
                             struct conf_words *words)
{
    struct splitter from = {.at = line, .end = line + length};
    /* A word is never longer than what it is made of, and needs a blank or
     * the end behind it, where its NUL goes. */
    words->storage = xmalloc(length + 1);
    words->words = xmalloc((length / 2 + 1) * sizeof(*words->words));
    words->count = 0;
    from.out = words->storage;
    for (;;) {
        while (from.at < from.end && is_blank(*from.at)) {
            from.at++;
        }
        if (from.at == from.end) {
            return NULL;
        }
        words->words[words->count++] = from.out;
        const char *fault = take_word(&from);
        if (fault != NULL) {
            conf_words_clear(words);
            return fault;
        }
    }
}

void conf_words_clear(struct conf_words *words)
{
    free(words->words);
    free(words->storage);
    *words = (struct conf_words){0};
}

size_t conf_words_quote(const char *word, char *quoted)
{
    char *out = quoted;
    *out++ = '"';
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            *out++ = '\\';
            *out++ = *c;
        } else if ((unsigned char)*c < ' ' || *c == 0x7f) {
            (void)snprintf(out, 5, "\\x%02x", (unsigned)(unsigned char)*c);
            out += 4;
        } else {
            *out++ = *c;
        }
    }
    *out++ = '"';
    *out = '\0';
    return (size_t)(out - quoted);
}
