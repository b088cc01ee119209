/* What a run looked like, line by line: events of the sentinels, what the
 * servers were made to do, and what befell them. Scripted cases compare it;
 * a failing seed is shown with it. */
#ifndef SENTINELD_SIM_TRANSCRIPT_H
#define SENTINELD_SIM_TRANSCRIPT_H

#include "sentineld/types.h"

struct sim;

enum transcript_mode {
    TRANSCRIPT_OFF,
    TRANSCRIPT_KEEP,  /* for comparison */
    TRANSCRIPT_PRINT, /* as it happens */
};

struct transcript {
    enum transcript_mode mode;
    bool with_log; /* sentences for the log, too */
    msec zero;     /* the time that is shown as 0 */
    char **lines;
    size_t count, capacity;
};

/* "[  1.234] s1 > text"; run ids in the text become names. */
void transcript_say(struct sim *sim, const char *who, const char *mark,
                    const char *text);
/* What a script or chance does to the world. */
void transcript_note(struct sim *sim, const char *format, ...)
    PRINTF_LIKE(2, 3);
void transcript_free(struct transcript *transcript);

#endif
