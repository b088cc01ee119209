/* Commands that a group's servers know under other names (rename-command). */
#ifndef SENTINELD_RENAMES_H
#define SENTINELD_RENAMES_H

#include "sentineld/types.h"

enum { RENAME_SIZE = 128, MAX_RENAMES = 64 };

struct rename {
    char command[RENAME_SIZE]; /* in a list: in capital letters */
    char name[RENAME_SIZE];    /* as it is called there */
};

/* {0} = none. */
struct renames {
    struct rename *list; /* owned */
    size_t count;
};

void renames_clear(struct renames *renames);
/* The copy is the caller's to clear. */
struct renames renames_copy(const struct renames *renames);
/* The name of this command there; itself when it has no other. Case does not
 * matter. */
const char *renames_find(const struct renames *renames, const char *command);
/* A command that gets its own name, or "", is not renamed any more. False:
 * there would be more than MAX_RENAMES. Both words must be without fault. */
MUST_CHECK bool renames_put(struct renames *renames, const char *command,
                            const char *name);
/* The same names in the same order; NULL is an empty list. */
bool renames_equal(const struct renames *a, const struct renames *b);
/* As the list has it: in capital letters. */
void renames_capital(char capital[RENAME_SIZE], const char *command);
/* What is wrong with one of the two words, as the end of a sentence that
 * begins with it: "is empty". NULL: nothing. */
const char *renames_fault(const char *word);

#endif
