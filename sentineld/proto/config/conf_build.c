/* A configuration while it is being built from either kind of file: groups
 * are added, sentences for the operator are worded.
 *
 * Every error is "file:line: what is wrong; what would be right". What a file
 * says is shown cut and without control characters, and never when it could
 * be a secret. */
#include "proto/config/config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/memory.h"

void conf_build_init(struct conf_build *build, struct conf *conf,
                     const char *file, struct error *error)
{
    *build = (struct conf_build){.conf = conf, .file = file, .error = error};
    build->places = xcalloc(daemon_table.count, sizeof(*build->places));
    error->text[0] = '\0';
    conf_default(conf);
}

bool conf_build_end(struct conf_build *build, bool ok)
{
    name_index_free(&build->addresses);
    free(build->places);
    if (!ok) {
        assert(build->error->text[0] != '\0');
        conf_free(build->conf);
    }
    return ok;
}

void conf_note_place(struct conf_build *build, const struct setting_row *row,
                     unsigned line)
{
    if (row >= daemon_table.rows &&
        row < daemon_table.rows + daemon_table.count) {
        build->places[row - daemon_table.rows] =
            (struct conf_place){build->file, line};
    }
}

unsigned conf_go_to(struct conf_build *build, const char *key)
{
    const struct setting_row *row = setting_find(&daemon_table, key);
    assert(row != NULL);
    const struct conf_place *place = &build->places[row - daemon_table.rows];
    if (place->file == NULL) {
        return 1;
    }
    build->file = place->file;
    return place->line;
}

const char *conf_where(unsigned line, char text[CONF_SHOWN_SIZE])
{
    if (line == 0) {
        copy_text(text, CONF_SHOWN_SIZE, "the command line");
    } else {
        (void)snprintf(text, CONF_SHOWN_SIZE, "line %u", line);
    }
    return text;
}

const char *conf_shown(const char *text, char shown[CONF_SHOWN_SIZE])
{
    copy_text(shown, CONF_SHOWN_SIZE, text);
    for (char *c = shown; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            *c = '?';
        }
    }
    if (strlen(text) >= CONF_SHOWN_SIZE) {
        memcpy(shown + CONF_SHOWN_SIZE - 4, "...", 4);
    }
    return shown;
}

/* The last bytes of a long path say more than the first. */
static const char *short_name(const char *file)
{
    size_t length = strlen(file);
    size_t most = 160;
    return length <= most ? file : file + length - most;
}

/* "s.conf:7: "; returns its length. */
static size_t write_place(const struct conf_build *build, unsigned line,
                          char *text, size_t size)
{
    if (line == 0) {
        copy_text(text, size, "command line: ");
    } else {
        (void)snprintf(text, size, "%s:%u: ", short_name(build->file), line);
    }
    return strlen(text);
}

bool conf_fail(struct conf_build *build, unsigned line, const char *format, ...)
{
    struct error fault;
    char *text = fault.text;
    size_t size = sizeof(fault.text);
    size_t used = write_place(build, line, text, size);
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text + used, size - used, format, values);
    va_end(values);
    if (build->error->text[0] == '\0') {
        *build->error = fault;
    }
    struct conf_faults *faults = build->faults;
    if (faults != NULL && faults->count < CONF_FAULTS_MAX) {
        copy_text(faults->text[faults->count++], size, text);
    }
    return false;
}

bool conf_goes_on(const struct conf_build *build)
{
    return build->faults != NULL && build->faults->count < CONF_FAULTS_MAX;
}

void conf_warn(struct conf_build *build, unsigned line, const char *format, ...)
{
    struct conf *conf = build->conf;
    size_t size = sizeof(conf->warnings[0]);
    size_t count = conf->warning_count;
    if ((count & (count - 1)) == 0) {
        size_t capacity = count == 0 ? 1 : count * 2;
        conf->warnings = xrealloc(conf->warnings, capacity * size);
    }
    char *text = conf->warnings[conf->warning_count++];
    size_t used = write_place(build, line, text, size);
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text + used, size - used, format, values);
    va_end(values);
}

void conf_lower_case(char *text)
{
    for (char *c = text; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
}

void conf_address_key(const struct address *address,
                      char key[CONF_ADDRESS_KEY_SIZE])
{
    (void)snprintf(key, CONF_ADDRESS_KEY_SIZE, "%s:%u", address->host,
                   (unsigned)address->port);
    conf_lower_case(key);
}

bool conf_build_find_address(const struct conf_build *build,
                             const struct address *address,
                             struct name_place *place)
{
    char key[CONF_ADDRESS_KEY_SIZE];
    conf_address_key(address, key);
    return name_index_find(build->addresses, key, place);
}

/* Room for one more; the capacity is the next power of two. */
static void grow(struct conf *conf)
{
    size_t count = conf->group_count;
    if ((count & (count - 1)) != 0) {
        return;
    }
    size_t capacity = count == 0 ? 1 : count * 2;
    conf->groups = xrealloc(conf->groups, capacity * sizeof(*conf->groups));
    conf->logins = xrealloc(conf->logins, capacity * sizeof(*conf->logins));
    conf->renames = xrealloc(conf->renames, capacity * sizeof(*conf->renames));
}

void conf_build_add_group(struct conf_build *build,
                          const struct conf_draft *draft, unsigned line)
{
    struct conf *conf = build->conf;
    struct name_place place = {conf->group_count, line};
    struct name_place other;
    char key[CONF_ADDRESS_KEY_SIZE];
    assert(!name_index_find(conf->names, draft->group.name, &other));
    grow(conf);
    conf->groups[conf->group_count] = draft->group;
    conf->logins[conf->group_count] = draft->login;
    conf->renames[conf->group_count] = draft->renames;
    conf->group_count++;
    name_index_add(&conf->names, draft->group.name, place);
    conf_address_key(&draft->group.master, key);
    if (!name_index_find(build->addresses, key, &other)) {
        name_index_add(&build->addresses, key, place);
    }
}
