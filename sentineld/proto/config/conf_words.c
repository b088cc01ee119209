/* The words of a line of sentinel.conf, split as in a request that a person
 * typed. Words are C strings here, so \x00, which would cut one, is refused. */
#include "proto/config/sentinel_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text/text.h"
#include "sentineld/memory.h"

static const char unbalanced[] = "Unbalanced quotes in configuration line";
static const char has_nul[] = "a value cannot have a NUL character";

const char *conf_words_split(const char *line, size_t length,
                             struct conf_words *words)
{
    /* A word is never longer than what it is made of, and needs a blank or
     * the end behind it, where its NUL goes. */
    words->storage = xmalloc(length + 1);
    words->words = xmalloc((length / 2 + 1) * sizeof(*words->words));
    words->count = 0;
    struct text_splitter from = {line, line + length, words->storage, true};
    while (!text_at_end(&from)) {
        char *word = from.out;
        const char *fault = text_take_word(&from) ? NULL : unbalanced;
        if (fault == NULL &&
            memchr(word, '\0', (size_t)(from.out - word)) != NULL) {
            fault = has_nul;
        }
        if (fault != NULL) {
            conf_words_clear(words);
            return fault;
        }
        *from.out++ = '\0';
        words->words[words->count++] = word;
    }
    return NULL;
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
