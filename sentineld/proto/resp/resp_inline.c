/* A line that a person typed, split into words as Redis does it.
 *
 * Words stand between blanks. One in double quotes knows \n \r \t \b \a, any
 * byte as \xHH, and a backslash before anything else stands for that; in
 * single quotes only \' is special. A quote may begin inside a word, but
 * after the closing one a blank must follow.
 *
 * Words are unescaped where they lie: none becomes longer by it. */
#include <string.h>

#include "proto/resp/resp_private.h"

struct splitter {
    char *text;
    size_t length;
    size_t in;  /* what is read next */
    size_t out; /* where the word under way goes on; never beyond in */
};

static bool is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static int hex_digit(char byte)
{
    static const char digits[] = "0123456789abcdef";
    char lower = byte >= 'A' && byte <= 'F' ? (char)(byte + ('a' - 'A')) : byte;
    const char *found = lower == '\0' ? NULL : strchr(digits, lower);
    return found == NULL ? -1 : (int)(found - digits);
}

static char escaped_byte(char letter)
{
    switch (letter) {
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
    default:
        return letter;
    }
}

/* Behind a backslash in double quotes; at least one byte is left. */
static char read_escape(struct splitter *split)
{
    const char *next = split->text + split->in;
    if (next[0] == 'x' && split->length - split->in >= 3) {
        int high = hex_digit(next[1]);
        int low = hex_digit(next[2]);
        if (high >= 0 && low >= 0) {
            split->in += 3;
            return (char)(high * 16 + low);
        }
    }
    split->in++;
    return escaped_byte(next[0]);
}

/* One byte of a quoted word; at least one is left. */
static char read_quoted_byte(struct splitter *split, char quote)
{
    char byte = split->text[split->in++];
    if (byte != '\\' || split->in == split->length) {
        return byte;
    }
    if (quote == '"') {
        return read_escape(split);
    }
    if (split->text[split->in] == '\'') {
        split->in++;
        return '\'';
    }
    return byte;
}

/* From behind the opening quote to behind the closing one. */
static bool read_quoted(struct splitter *split, char quote)
{
    while (split->in < split->length) {
        if (split->text[split->in] == quote) {
            split->in++;
            return split->in == split->length ||
                   is_blank(split->text[split->in]);
        }
        char byte = read_quoted_byte(split, quote);
        split->text[split->out++] = byte;
    }
    return false;
}

static bool read_word(struct splitter *split)
{
    while (split->in < split->length && !is_blank(split->text[split->in])) {
        char byte = split->text[split->in++];
        if (byte == '"' || byte == '\'') {
            return read_quoted(split, byte);
        }
        split->text[split->out++] = byte;
    }
    return true;
}

bool resp_split_inline(struct resp_reader *reader, const struct resp_line *line,
                       bool *too_many)
{
    struct splitter split = {line->text, line->length, 0, 0};
    size_t base = (size_t)(line->text - resp_input(reader));
    while (true) {
        while (split.in < split.length && is_blank(split.text[split.in])) {
            split.in++;
        }
        if (split.in == split.length) {
            return true;
        }
        size_t start = split.in;
        split.out = start;
        if (!read_word(&split)) {
            return false;
        }
        if (!resp_add_argument(reader, base + start, split.out - start)) {
            *too_many = true;
            return false;
        }
    }
}
