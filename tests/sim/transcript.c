/* Writes the lines of a run. Long run ids are replaced by the names of their
 * processes, so that a line can be read and does not depend on them. */
#include "transcript.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "sentineld/memory.h"
#include "sim.h"

enum { LINE_SIZE = EVENT_TEXT_SIZE + 64 };

static const char *name_of_run_id(const struct sim *sim, const char *text)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        const char *run_id = process->kind == PROCESS_SENTINEL
                                 ? process->sentinel->run_id
                                 : process->redis->run_id;
        if (strncmp(text, run_id, RUN_ID_LEN) == 0) {
            return process->name;
        }
    }
    return NULL;
}

/* Copies text to line with run ids replaced. */
static void shorten(const struct sim *sim, char *line, size_t size,
                    const char *text)
{
    size_t used = 0;
    while (*text != '\0' && used + 1 < size) {
        const char *name = strnlen(text, RUN_ID_LEN) == RUN_ID_LEN
                               ? name_of_run_id(sim, text)
                               : NULL;
        if (name == NULL) {
            line[used++] = *text++;
            continue;
        }
        int length = snprintf(line + used, size - used, "%s", name);
        used += (size_t)length < size - used ? (size_t)length : 0;
        text += RUN_ID_LEN;
    }
    line[used] = '\0';
}

static void keep(struct transcript *transcript, const char *line)
{
    if (transcript->count == transcript->capacity) {
        transcript->capacity =
            transcript->capacity == 0 ? 64 : transcript->capacity * 2;
        transcript->lines =
            xrealloc(transcript->lines, transcript->capacity * sizeof(char *));
    }
    transcript->lines[transcript->count++] = xstrdup(line);
}

void transcript_say(struct sim *sim, const char *who, const char *mark,
                    const char *text)
{
    struct transcript *transcript = &sim->transcript;
    if (transcript->mode == TRANSCRIPT_OFF) {
        return;
    }
    char shortened[LINE_SIZE];
    shorten(sim, shortened, sizeof shortened, text);
    msec since = sim->now - transcript->zero;
    char line[2 * LINE_SIZE];
    (void)snprintf(line, sizeof line, "[%3" PRIu64 ".%03" PRIu64 "] %s%s%s",
                   since / 1000, since % 1000, who, mark, shortened);
    if (transcript->mode == TRANSCRIPT_PRINT) {
        (void)printf("%s\n", line);
        return;
    }
    keep(transcript, line);
}

void transcript_note(struct sim *sim, const char *format, ...)
{
    if (sim->transcript.mode == TRANSCRIPT_OFF) {
        return;
    }
    char text[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    transcript_say(sim, "---- ", "", text);
}

void transcript_free(struct transcript *transcript)
{
    for (size_t i = 0; i < transcript->count; i++) {
        free(transcript->lines[i]);
    }
    free(transcript->lines);
}
