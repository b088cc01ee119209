/* A line that a person typed, one word after the other, as Redis splits it.
 *
 * Words stand between blanks. One in double quotes knows \n \r \t \b \a, any
 * byte as \xHH, and a backslash before anything else stands for that; in
 * single quotes only \' is special. A quote may begin inside a word, but
 * behind the closing one stands a blank, or nothing. */
#include "proto/text/text.h"

static bool is_blank(const struct text_splitter *from, char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') ||
           (c == '\0' && from->nul_is_blank);
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
    default:
        return c;
    }
}

/* Behind a backslash in double quotes; at least one character is left. */
static char take_escape(struct text_splitter *from)
{
    size_t left = (size_t)(from->end - from->at);
    if (left >= 3 && from->at[0] == 'x' && hex_value(from->at[1]) >= 0 &&
        hex_value(from->at[2]) >= 0) {
        int value = hex_value(from->at[1]) * 16 + hex_value(from->at[2]);
        from->at += 3;
        return (char)value;
    }
    return escaped(*from->at++);
}

/* One character of a quoted word; at least one is left. */
static char take_quoted_character(struct text_splitter *from, char quote)
{
    char c = *from->at++;
    if (c != '\\' || from->at == from->end) {
        return c;
    }
    if (quote == '"') {
        return take_escape(from);
    }
    return *from->at == '\'' ? *from->at++ : c;
}

/* From behind the opening quote to behind the closing one. */
static bool take_quoted(struct text_splitter *from, char quote)
{
    while (from->at < from->end) {
        if (*from->at == quote) {
            from->at++;
            return from->at == from->end || is_blank(from, *from->at);
        }
        char c = take_quoted_character(from, quote);
        *from->out++ = c;
    }
    return false;
}

bool text_at_end(struct text_splitter *from)
{
    while (from->at < from->end && is_blank(from, *from->at)) {
        from->at++;
    }
    return from->at == from->end;
}

bool text_take_word(struct text_splitter *from)
{
    while (from->at < from->end && !is_blank(from, *from->at)) {
        char c = *from->at++;
        if (c == '"' || c == '\'') {
            return take_quoted(from, c);
        }
        *from->out++ = c;
    }
    return true;
}
