/* Writes what follows from the tables of settings and of commands:
 * conf/sentineld.conf, the keys in docs/man/sentineld.conf.5, the lists in
 * docs/protocol.md.
 *
 *     generate FILE...           rewrites the files
 *     generate --check FILE...   status 1 and a sentence where one would change
 *
 * What is generated stands between a line or a comment with "generated: NAME"
 * and the next one with "generated: end"; everything else stays as it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/catalog/catalog.h"
#include "proto/config/config.h"
#include "sentineld/buffer.h"
#include "sentineld/memory.h"

enum { FILE_BYTES_MAX = 1024 * 1024, FACTS_SIZE = 1024, LINE_LENGTH = 80 };

static void write_facts(const struct setting_row *row, char facts[FACTS_SIZE])
{
    char range[SETTING_RANGE_SIZE];
    setting_range(row, range);
    (void)snprintf(facts, FACTS_SIZE, "%s%s. Allowed: %s.",
                   row->standard == NULL ? "Required" : "Default: ",
                   row->standard == NULL ? "" : row->standard, range);
}

/* The text in lines that begin with `prefix`. */
static void append_filled(struct buffer *out, const char *prefix,
                          const char *text)
{
    size_t used = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        if (used > 0 && used + 1 + length > LINE_LENGTH - 1) {
            buffer_printf(out, "\n");
            used = 0;
        }
        buffer_printf(out, "%s%.*s", used == 0 ? prefix : " ", (int)length,
                      text);
        used += length + (used == 0 ? strlen(prefix) : 1);
        text += length + strspn(text + length, " ");
    }
    buffer_printf(out, "\n");
}

/* --- conf/sentineld.conf -------------------------------------------------- */

static const char *delivered_value(const struct setting_row *row)
{
    const struct setting_row *above =
        row->standard == NULL ? NULL
                              : setting_find(&daemon_table, row->standard);
    if (row->example != NULL) {
        return row->example;
    }
    return above == NULL ? row->standard : above->standard;
}

static void append_paragraph(struct buffer *out, const struct setting_row *row,
                             const char *indent)
{
    char prefix[16];
    char facts[FACTS_SIZE];
    (void)snprintf(prefix, sizeof(prefix), "%s# ", indent);
    append_filled(out, prefix, row->help);
    write_facts(row, facts);
    append_filled(out, prefix, facts);
}

static void append_group(struct buffer *out)
{
    buffer_printf(out, "groups = (\n    {\n");
    for (size_t i = 0; i < group_table.count; i++) {
        const struct setting_row *row = &group_table.rows[i];
        append_paragraph(out, row, "        ");
        buffer_printf(out, "        %s = %s;\n%s", row->key,
                      delivered_value(row),
                      i + 1 < group_table.count ? "\n" : "");
    }
    buffer_printf(out, "    }\n    # , { name = \"another\"; host = "
                       "\"10.0.0.2\"; port = 6379; quorum = 2; }\n);\n");
}

static void append_conf(struct buffer *out)
{
    for (size_t i = 0; i < daemon_table.count; i++) {
        const struct setting_row *row = &daemon_table.rows[i];
        append_paragraph(out, row, "");
        if (row->type == VALUE_GROUPS) {
            append_group(out);
        } else if (row->type == VALUE_USERS) {
            buffer_printf(out, "%s = (\n    # %s\n);\n\n", row->key,
                          row->example);
        } else {
            buffer_printf(out, "%s = %s;\n\n", row->key, delivered_value(row));
        }
    }
}

/* --- docs/man/sentineld.conf.5 -------------------------------------------- */

/* A - is a hyphen to roff unless it is escaped; a line must not begin with what
 * looks like a command. */
static void append_roff(struct buffer *out, const char *text)
{
    struct buffer filled;
    buffer_init(&filled, FILE_BYTES_MAX);
    append_filled(&filled, "", text);
    for (size_t i = 0; i < filled.length; i++) {
        bool begins = i == 0 || filled.data[i - 1] == '\n';
        if (begins && (filled.data[i] == '.' || filled.data[i] == '\'')) {
            buffer_printf(out, "\\&");
        }
        buffer_printf(out, "%s%c", filled.data[i] == '-' ? "\\" : "",
                      filled.data[i]);
    }
    buffer_clear(&filled);
}

static void append_page(struct buffer *out, const struct setting_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct setting_row *row = &table->rows[i];
        char facts[FACTS_SIZE];
        char text[2 * FACTS_SIZE];
        write_facts(row, facts);
        (void)snprintf(text, sizeof(text), "%s %s", row->help, facts);
        buffer_printf(out, ".TP\n.B %s\n", row->key);
        append_roff(out, text);
    }
}

/* --- docs/protocol.md ----------------------------------------------------- */

static void append_names(struct buffer *out, const struct setting_table *table,
                         bool (*is_wanted)(const struct setting_row *row))
{
    const char *separator = "";
    for (size_t i = 0; i < table->count; i++) {
        const struct setting_row *row = &table->rows[i];
        if (row->directive != NULL && is_wanted(row)) {
            buffer_printf(out, "%s`%s`", separator, row->directive);
            if (row->alias != NULL) {
                buffer_printf(out, " (or `%s`)", row->alias);
            }
            separator = ", ";
        }
    }
}

static bool is_ours(const struct setting_row *row)
{
    return (row->flags & ROW_OURS) != 0;
}

static bool is_sentinels(const struct setting_row *row)
{
    return !is_ours(row);
}

static bool is_config(const struct setting_row *row)
{
    return row->config != 0;
}

static bool is_ordinary(const struct setting_row *row)
{
    return (row->flags & ROW_SENTINEL) == 0;
}

static bool is_of_sentinel(const struct setting_row *row)
{
    return !is_ordinary(row);
}

/* A list of settings by the name that stands in a text as {name}. */
static bool append_list(struct buffer *out, const char *name, size_t length)
{
    const struct {
        const char *name;
        const struct setting_table *table;
        bool (*is_wanted)(const struct setting_row *row);
    } lists[] = {
        {"set", &group_table, is_sentinels},
        {"set-ours", &group_table, is_ours},
        {"config", &daemon_table, is_config},
        {"ordinary", &daemon_table, is_ordinary},
        {"sentinel", &daemon_table, is_of_sentinel},
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (strlen(lists[i].name) == length &&
            memcmp(lists[i].name, name, length) == 0) {
            append_names(out, lists[i].table, lists[i].is_wanted);
            return true;
        }
    }
    return false;
}

/* Text as a cell of a table: a | would end it. */
static void append_cell(struct buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *brace = text[i] == '{' ? strchr(text + i, '}') : NULL;
        size_t name = brace == NULL ? 0 : (size_t)(brace - text) - i - 1;
        if (brace != NULL && append_list(out, text + i + 1, name)) {
            i += name + 1;
        } else {
            buffer_printf(out, "%s%c", text[i] == '|' ? "\\" : "", text[i]);
        }
    }
}

/* "`CLIENT KILL <ip:port>`", each line of usage by itself. */
static void append_usage(struct buffer *out, const struct command *container,
                         const struct command *command)
{
    struct buffer usage;
    buffer_init(&usage, COMMAND_TEXT_MAX);
    command_write_usage(command, &usage);
    for (size_t at = 0; at < usage.length;) {
        const char *line = usage.data + at;
        const char *newline = memchr(line, '\n', usage.length - at);
        size_t length =
            newline == NULL ? usage.length - at : (size_t)(newline - line);
        buffer_printf(out, "%s`", at > 0 ? ", " : "");
        for (const char *c = container == NULL ? "" : container->name;
             *c != '\0'; c++) {
            buffer_printf(out, "%c", *c - 'a' + 'A');
        }
        buffer_printf(out, "%s", container == NULL ? "" : " ");
        append_cell(out, line, length);
        buffer_printf(out, "`");
        at += length + 1;
    }
    buffer_clear(&usage);
}

static void append_command(struct buffer *out, const struct command *container,
                           const struct command *command)
{
    if (command->handler == HANDLED_BY_NONE) {
        return;
    }
    buffer_printf(out, "| ");
    append_usage(out, container, command);
    buffer_printf(out, " (%d) | %s | ", command->arity, command->summary);
    append_cell(out, command->answer, strlen(command->answer));
    buffer_printf(out, " |\n");
}

static void append_commands(struct buffer *out)
{
    buffer_printf(out,
                  "\n| command | what it is for | answer |\n|---|---|---|\n");
    for (const struct command *row = command_table; row->name != NULL; row++) {
        append_command(out, NULL, row);
        for (const struct command *sub = row->subcommands;
             sub != NULL && sub->name != NULL; sub++) {
            append_command(out, row, sub);
        }
    }
}

/* --- Files ---------------------------------------------------------------- */

static bool append_part(struct buffer *out, const char *name)
{
    if (strcmp(name, "conf") == 0) {
        append_conf(out);
    } else if (strcmp(name, "daemon") == 0) {
        append_page(out, &daemon_table);
    } else if (strcmp(name, "user") == 0) {
        append_page(out, &user_table);
    } else if (strcmp(name, "group") == 0) {
        append_page(out, &group_table);
    } else if (strcmp(name, "commands") == 0) {
        append_commands(out);
    } else {
        return append_list(out, name, strlen(name));
    }
    return true;
}

static const char begins[] = "generated: ";
static const char ends[] = "generated: end";

/* Behind the comment that `at` is in: a line, or <!-- -->. */
static const char *behind_comment(const char *at)
{
    size_t line = strcspn(at, "\n");
    const char *close = strstr(at, "-->");
    return close != NULL && close < at + line ? close + 3 : at + line + 1;
}

/* Where the comment of the end begins. */
static const char *find_end(const char *at)
{
    const char *end = strstr(at, ends);
    if (end == NULL) {
        return NULL;
    }
    while (end > at && strncmp(end, "<!--", 4) != 0 && end[-1] != '\n') {
        end--;
    }
    return end;
}

static bool regenerate(const char *text, struct buffer *out)
{
    const char *mark;
    while ((mark = strstr(text, begins)) != NULL) {
        char name[32];
        const char *from = behind_comment(mark);
        const char *end = find_end(from);
        if (end == NULL ||
            sscanf(mark + strlen(begins), "%31[a-z-]", name) != 1) {
            return false;
        }
        buffer_printf(out, "%.*s", (int)(from - text), text);
        if (!append_part(out, name)) {
            return false;
        }
        text = behind_comment(strstr(end, ends));
        buffer_printf(out, "%.*s", (int)(text - end), end);
    }
    buffer_printf(out, "%s", text);
    return true;
}

static bool read_file(const char *path, char *text)
{
    FILE *file = fopen(path, "r");
    size_t length = file == NULL ? 0 : fread(text, 1, FILE_BYTES_MAX - 1, file);
    text[length] = '\0';
    return file != NULL && fclose(file) == 0 && length > 0;
}

static bool write_file(const char *path, const struct buffer *out)
{
    FILE *file = fopen(path, "w");
    bool ok =
        file != NULL && fwrite(out->data, 1, out->length, file) == out->length;
    return file != NULL && fclose(file) == 0 && ok;
}

static bool handle(const char *path, bool check)
{
    char *text = xmalloc(FILE_BYTES_MAX);
    struct buffer out;
    buffer_init(&out, FILE_BYTES_MAX);
    bool ok = read_file(path, text) && regenerate(text, &out);
    if (!ok) {
        printf("%s: cannot be read, or has a mark that nothing follows from\n",
               path);
    } else if (check) {
        ok = strlen(text) == out.length &&
             memcmp(text, out.data, out.length) == 0;
        printf("%s%s\n", path,
               ok ? " is what follows from the tables"
                  : " is not what follows from the tables: "
                    "run make generated");
    } else {
        ok = write_file(path, &out);
    }
    buffer_clear(&out);
    free(text);
    return ok;
}

int main(int argc, char **argv)
{
    bool check = argc > 1 && strcmp(argv[1], "--check") == 0;
    bool ok = argc > 1;
    for (int i = check ? 2 : 1; i < argc; i++) {
        ok &= handle(argv[i], check);
    }
    return ok ? 0 : 1;
}
