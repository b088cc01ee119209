/* Glob patterns of PSUBSCRIBE and SENTINEL RESET, with Redis' meaning:
 * `*` any bytes, `?` one byte, `[a-z]` one of them, `[^a-z]` none of them,
 * `\x` x itself.
 *
 * Everything but `*` takes exactly one byte, so one place to come back to is
 * enough: the last `*` seen, which after a mismatch takes one byte more. A
 * class without its `]` ends with the pattern; a lone `\` at the end stands
 * for itself. */
#include "proto/text/text.h"

struct matcher {
    const char *pattern;
    size_t length;
    bool ignore_case;
};

/* ASCII only: a locale must not change what matches. */
static int fold(char c, bool ignore_case)
{
    int value = (unsigned char)c;
    return ignore_case && value >= 'A' && value <= 'Z' ? value - 'A' + 'a'
                                                       : value;
}

static bool in_range(int first, int last, int value)
{
    return first <= last ? value >= first && value <= last
                         : value >= last && value <= first;
}

/* One member of a class at *at: `\x`, `a-z` or `a`. Moves past it. */
static bool match_member(const struct matcher *matcher, size_t *at, int value)
{
    const char *pattern = matcher->pattern;
    size_t left = matcher->length - *at;
    bool fold_case = matcher->ignore_case;
    if (pattern[*at] == '\\' && left >= 2) {
        *at += 2;
        return fold(pattern[*at - 1], fold_case) == value;
    }
    if (left >= 3 && pattern[*at + 1] == '-') {
        *at += 3;
        return in_range(fold(pattern[*at - 3], fold_case),
                        fold(pattern[*at - 1], fold_case), value);
    }
    *at += 1;
    return fold(pattern[*at - 1], fold_case) == value;
}

/* A class whose `[` is at *at. Moves past its `]`. */
static bool match_class(const struct matcher *matcher, size_t *at, int value)
{
    *at += 1;
    bool negated = *at < matcher->length && matcher->pattern[*at] == '^';
    *at += negated ? 1 : 0;
    bool found = false;
    while (*at < matcher->length && matcher->pattern[*at] != ']') {
        if (match_member(matcher, at, value)) {
            found = true;
        }
    }
    *at += *at < matcher->length ? 1 : 0;
    return found != negated;
}

/* One element other than `*` against one byte. Moves *at past the element. */
static bool match_one(const struct matcher *matcher, size_t *at, char c)
{
    int value = fold(c, matcher->ignore_case);
    switch (matcher->pattern[*at]) {
    case '?':
        *at += 1;
        return true;
    case '[':
        return match_class(matcher, at, value);
    case '\\':
        *at += *at + 1 < matcher->length ? 2 : 1;
        return fold(matcher->pattern[*at - 1], matcher->ignore_case) == value;
    default:
        *at += 1;
        return fold(matcher->pattern[*at - 1], matcher->ignore_case) == value;
    }
}

bool glob_match(const char *pattern, size_t pattern_length, const char *text,
                size_t text_length, bool ignore_case)
{
    struct matcher matcher = {pattern, pattern_length, ignore_case};
    size_t at = 0;
    size_t done = 0;
    bool starred = false;
    size_t star_at = 0;   /* behind the last `*` ... */
    size_t star_done = 0; /* ... and where the text goes on after it */
    while (done < text_length) {
        if (at < pattern_length && pattern[at] == '*') {
            starred = true;
            star_at = ++at;
            star_done = done;
        } else if (at < pattern_length &&
                   match_one(&matcher, &at, text[done])) {
            done++;
        } else if (starred) {
            at = star_at;
            done = ++star_done;
        } else {
            return false;
        }
    }
    while (at < pattern_length && pattern[at] == '*') {
        at++;
    }
    return at == pattern_length;
}
