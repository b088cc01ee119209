/* Commands under other names.
 *
 * A group has few of them and most have none, so the list is walked. Names are
 * kept as they are to be sent; the commands in capital letters, so that two
 * spellings of one are one row wherever they are written down. */
#include "sentineld/renames.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sentineld/memory.h"

void renames_clear(struct renames *renames)
{
    free(renames->list);
    *renames = (struct renames){0};
}

struct renames renames_copy(const struct renames *renames)
{
    struct renames copy = {.count = renames->count};
    if (copy.count > 0) {
        copy.list = xmalloc(copy.count * sizeof(*copy.list));
        memcpy(copy.list, renames->list, copy.count * sizeof(*copy.list));
    }
    return copy;
}

bool renames_equal(const struct renames *a, const struct renames *b)
{
    size_t count = a == NULL ? 0 : a->count;
    bool equal = count == (b == NULL ? 0 : b->count);
    for (size_t i = 0; equal && i < count; i++) {
        equal = strcmp(a->list[i].command, b->list[i].command) == 0 &&
                strcmp(a->list[i].name, b->list[i].name) == 0;
    }
    return equal;
}

static struct rename *find(const struct renames *renames, const char *command)
{
    for (size_t i = 0; i < renames->count; i++) {
        if (strcasecmp(renames->list[i].command, command) == 0) {
            return &renames->list[i];
        }
    }
    return NULL;
}

const char *renames_find(const struct renames *renames, const char *command)
{
    const struct rename *found = find(renames, command);
    return found == NULL ? command : found->name;
}

static void drop(struct renames *renames, struct rename *row)
{
    size_t index = (size_t)(row - renames->list);
    renames->count--;
    memmove(row, row + 1, (renames->count - index) * sizeof(*row));
}

void renames_capital(char capital[RENAME_SIZE], const char *command)
{
    copy_text(capital, RENAME_SIZE, command);
    for (char *c = capital; *c != '\0'; c++) {
        if (*c >= 'a' && *c <= 'z') {
            *c = (char)(*c - 'a' + 'A');
        }
    }
}

bool renames_put(struct renames *renames, const char *command, const char *name)
{
    struct rename *row = find(renames, command);
    if (name[0] == '\0' || strcasecmp(command, name) == 0) {
        if (row != NULL) {
            drop(renames, row);
        }
        return true;
    }
    if (row == NULL) {
        if (renames->count == MAX_RENAMES) {
            return false;
        }
        renames->list = xrealloc(renames->list,
                                 (renames->count + 1) * sizeof(*renames->list));
        row = &renames->list[renames->count++];
        renames_capital(row->command, command);
    }
    copy_text(row->name, RENAME_SIZE, name);
    return true;
}

/* They travel in events and log lines, and in rows of our state. */
const char *renames_fault(const char *word)
{
    size_t length = strlen(word);
    if (length == 0) {
        return "is empty";
    }
    if (length >= RENAME_SIZE) {
        return "has more than 127 bytes";
    }
    for (size_t i = 0; i < length; i++) {
        if (word[i] <= ' ' || word[i] >= 0x7f) {
            return "has a blank, or something else that is no visible ASCII";
        }
    }
    return NULL;
}
