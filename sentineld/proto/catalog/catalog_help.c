/* What follows from a row in words: how the command is written, and HELP. */
#include <assert.h>
#include <string.h>

#include "proto/catalog/catalog.h"

/* --- How it is written ---------------------------------------------------- */

/* An argument whose words are being written: those below it come first. */
struct open_argument {
    const struct argument *argument;
    size_t words; /* where in the text its words begin, its token among them */
    size_t inner; /* ... and what stands behind the token */
};

static bool is_several(const struct argument *argument)
{
    return argument->type == ONE_OF || argument->type == BLOCK;
}

/* [A|B] needs no other brackets, nor has a block any. */
static bool has_parentheses(const struct argument *argument)
{
    return argument->type == ONE_OF &&
           ((argument->flags & OPTIONAL) == 0 || argument->token != NULL);
}

static struct open_argument begin(const struct argument *argument,
                                  struct buffer *out)
{
    struct open_argument open = {.argument = argument};
    buffer_printf(out, "%s", (argument->flags & OPTIONAL) != 0 ? "[" : "");
    open.words = out->length;
    if (argument->token != NULL) {
        buffer_printf(out, "%s%s", argument->token,
                      argument->type == TOKEN ? "" : " ");
    }
    open.inner = out->length;
    if (!is_several(argument) && argument->type != TOKEN) {
        buffer_printf(out, "<%s>", argument->name);
    }
    buffer_printf(out, "%s", has_parentheses(argument) ? "(" : "");
    return open;
}

/* "<x> [<x> ...]", or behind an opening bracket "<x> ...". */
static void write_repetition(const struct open_argument *open,
                             struct buffer *out)
{
    unsigned flags = open->argument->flags;
    bool with_token =
        (flags & MULTIPLE_TOKEN) != 0 || open->argument->type == BLOCK;
    if ((flags & OPTIONAL) != 0 && !with_token) {
        buffer_printf(out, " ...");
        return;
    }
    size_t from = with_token ? open->words : open->inner;
    size_t length = out->length - from;
    buffer_printf(out, " [");
    struct buffer again;
    buffer_init(&again, COMMAND_TEXT_MAX);
    (void)buffer_append(&again, out->data + from, length);
    (void)buffer_append(out, again.data, again.length);
    buffer_clear(&again);
    buffer_printf(out, " ...]");
}

static void end(const struct open_argument *open, struct buffer *out)
{
    buffer_printf(out, "%s", has_parentheses(open->argument) ? ")" : "");
    if ((open->argument->flags & MULTIPLE) != 0) {
        write_repetition(open, out);
    }
    buffer_printf(out, "%s",
                  (open->argument->flags & OPTIONAL) != 0 ? "]" : "");
}

static void write_arguments(const struct argument *argument, struct buffer *out)
{
    struct open_argument open[ARGUMENT_DEPTH_MAX];
    size_t count = 0;
    buffer_printf(out, " ");
    for (; argument->depth > 0; argument++) {
        bool first = argument->depth > count;
        while (count >= argument->depth) {
            end(&open[--count], out);
        }
        bool choice = count > 0 && open[count - 1].argument->type == ONE_OF;
        buffer_printf(out, "%s", first ? "" : choice ? "|" : " ");
        assert(count < ARGUMENT_DEPTH_MAX);
        open[count++] = begin(argument, out);
    }
    while (count > 0) {
        end(&open[--count], out);
    }
}

static void write_upper(const char *text, struct buffer *out)
{
    for (; *text != '\0'; text++) {
        bool lower = *text >= 'a' && *text <= 'z';
        buffer_printf(out, "%c", lower ? *text - 'a' + 'A' : *text);
    }
}

void command_write_usage(const struct command *command, struct buffer *out)
{
    if (command->usage != NULL) {
        buffer_printf(out, "%s", command->usage);
        return;
    }
    write_upper(command->name, out);
    if (command->arguments != NULL) {
        write_arguments(command->arguments, out);
    }
}

/* --- HELP ----------------------------------------------------------------- */

enum { HELP_LINE_LENGTH = 76 };
static const char help_indent[] = "    ";

/* A paragraph in lines of their own; `text` up to its newline or end. */
static void write_filled(const char *text, struct buffer *out)
{
    size_t used = 0;
    for (;;) {
        text += strspn(text, " ");
        size_t length = strcspn(text, " \n");
        if (length == 0) {
            break;
        }
        if (used > 0 && used + 1 + length > HELP_LINE_LENGTH) {
            buffer_printf(out, "\n");
            used = 0;
        }
        buffer_printf(out, "%s%.*s", used == 0 ? help_indent : " ", (int)length,
                      text);
        used += length + (used == 0 ? strlen(help_indent) : 1);
        text += length;
    }
    buffer_printf(out, "\n");
}

static void write_paragraphs(const struct command *command, struct buffer *out)
{
    size_t length = strlen(command->summary);
    bool asks = length > 0 && command->summary[length - 1] == '?';
    struct buffer text;
    buffer_init(&text, COMMAND_TEXT_MAX);
    buffer_printf(&text, "%s%s %s", command->summary, asks ? "" : ".",
                  command->details == NULL ? "" : command->details);
    (void)buffer_append(&text, "", 1);
    const char *at = text.data;
    for (;;) {
        write_filled(at, out);
        const char *newline = strchr(at, '\n');
        if (newline == NULL) {
            break;
        }
        at = newline + 1;
    }
    buffer_clear(&text);
}

static void write_entry(const struct command *command, struct buffer *out)
{
    command_write_usage(command, out);
    buffer_printf(out, "\n");
    write_paragraphs(command, out);
}

void command_write_help(const struct command *container, struct buffer *out)
{
    write_upper(container->name, out);
    buffer_printf(
        out, " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\n");
    if (container->handler != HANDLED_BY_NONE) {
        buffer_printf(out, "(no subcommand)\n");
        write_paragraphs(container, out);
    }
    const struct command *row = container->subcommands;
    for (; row != NULL && row->name != NULL; row++) {
        if ((row->flags & COMMAND_ALIAS) == 0) {
            write_entry(row, out);
        }
    }
}
