/* Scripted cases: what happens above a line of dashes, the transcript that
 * must come of it below. */
#ifndef SENTINELD_SIM_SCRIPT_H
#define SENTINELD_SIM_SCRIPT_H

#include <stdio.h>

#include "sentineld/types.h"

struct process;
struct sim;

enum { MAX_WORDS = 48 };

struct script {
    struct sim *sim;
    const char *path;
    char **lines; /* all statements; borrowed */
    size_t line_count;
    uint32_t line;  /* that is being run */
    uint32_t group; /* that declarations belong to */
    char *words[MAX_WORDS];
    size_t word_count;
    struct error error;
    FILE *record; /* where statements are written, or NULL */
};

enum { SIGNATURE_SIZE = 64 };

enum script_mode { SCRIPT_COMPARE, SCRIPT_ACCEPT, SCRIPT_VERBOSE };

/* Runs one file; false, with the reason on stderr, when it fails. */
bool script_run(const char *path, enum script_mode mode);

/* Runs one statement that is made here, and writes it down; false, with
 * script->error set, when it is none. */
bool script_do(struct script *script, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* Runs these lines alone, silently: "" = no rule broke, or its name; of
 * liveness what is wrong, too, whoever it is wrong with. */
void script_try(char **lines, size_t count, char signature[SIGNATURE_SIZE]);

/* Within the module: */
/* Runs the statement in words; false with script->error set. */
bool script_execute(struct script *script);
bool script_fail(struct script *script, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* The value of a word key=value, or NULL. */
const char *script_option(const struct script *script, const char *key);
bool script_has(const struct script *script, const char *word);
/* Is there such a statement about this name, anywhere? */
bool script_mentions(const struct script *script, const char *statement,
                     const char *name);
/* By name or by part, as "leader"; NULL with script->error set. */
struct process *script_find(struct script *script, const char *name);
/* "5s", "300ms", "7"; false when it is none of them. */
bool script_number(const char *text, uint64_t *number);
/* script_world.c: statements that declare the world */
bool script_redis(struct script *script);
bool script_group(struct script *script);
bool script_sentinels(struct script *script);
bool script_discover(struct script *script);
bool script_names(struct script *script);
bool script_older(struct script *script);
bool script_world(struct script *script);
/* script_writer.c: clients that write */
bool script_writer(struct script *script);
bool script_account(struct script *script);
bool script_rules(struct script *script);
/* script_fault.c: statements about the network, the disks, the servers */
bool script_cut(struct script *script);
bool script_heal(struct script *script);
bool script_reject(struct script *script);
bool script_split(struct script *script);
bool script_slow(struct script *script);
bool script_break(struct script *script);
bool script_for_ever(struct script *script);
bool script_disk(struct script *script);
bool script_server(struct script *script);
bool script_admin(struct script *script);
/* script_run.c: statements that let time pass, or look */
bool script_wait(struct script *script);
bool script_show(struct script *script);
bool script_at(struct script *script);

#endif
