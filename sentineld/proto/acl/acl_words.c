/* Texts into words, and words into brackets.
 *
 * "(+ping ~a)" may come as one word or, from a shell, as two: "(+ping" and
 * "~a)". From a bracket that opens to the one that closes, words are joined
 * to one with blanks between them. */
#include <stdlib.h>
#include <string.h>

#include "proto/acl/acl.h"
#include "sentineld/memory.h"

void acl_joined_clear(struct acl_joined *joined)
{
    free(joined->words);
    free(joined->storage);
    *joined = (struct acl_joined){0};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct acl_joined acl_split(const char *text, size_t length)
{
    struct acl_joined split = {0};
    split.words = xcalloc(length / 2 + 1, sizeof(*split.words));
    for (size_t i = 0; i < length;) {
        if (is_blank(text[i])) {
            i++;
            continue;
        }
        size_t begin = i;
        while (i < length && !is_blank(text[i])) {
            i++;
        }
        split.words[split.count++] = (struct acl_word){text + begin, i - begin};
    }
    return split;
}

static bool ends_bracket(const struct acl_word *word)
{
    return word->length > 0 && word->text[word->length - 1] == ')';
}

/* The index behind the bracket that begins at `first`; 0 when it never ends. */
static size_t find_end(const struct acl_words *words, size_t first)
{
    for (size_t i = first; i < words->count; i++) {
        if (ends_bracket(&words->words[i])) {
            return i + 1;
        }
    }
    return 0;
}

static size_t total_length(const struct acl_words *words)
{
    size_t total = 0;
    for (size_t i = 0; i < words->count; i++) {
        total += words->words[i].length + 1;
    }
    return total;
}

/* Appends words from `first` to before `end` as one. */
static void join(struct acl_joined *joined, const struct acl_words *words,
                 size_t first, size_t end)
{
    struct acl_word *to = &joined->words[joined->count];
    char *start = joined->storage;
    if (joined->count > 0) {
        const struct acl_word *last = &joined->words[joined->count - 1];
        start += (size_t)(last->text - joined->storage) + last->length;
    }
    char *at = start;
    for (size_t i = first; i < end; i++) {
        if (i > first) {
            *at++ = ' ';
        }
        memcpy(at, words->words[i].text, words->words[i].length);
        at += words->words[i].length;
    }
    *to = (struct acl_word){start, (size_t)(at - start)};
    joined->count++;
}

bool acl_join_brackets(const struct acl_words *words, struct acl_joined *joined,
                       size_t *wrong)
{
    *joined = (struct acl_joined){0};
    joined->words = xcalloc(words->count, sizeof(*joined->words));
    joined->storage = xmalloc(total_length(words));
    for (size_t i = 0; i < words->count;) {
        const struct acl_word *word = &words->words[i];
        bool opens = word->length > 0 && word->text[0] == '(';
        size_t end = opens ? find_end(words, i) : i + 1;
        if (end == 0) {
            *wrong = i;
            acl_joined_clear(joined);
            return false;
        }
        join(joined, words, i, end);
        i = end;
    }
    return true;
}
