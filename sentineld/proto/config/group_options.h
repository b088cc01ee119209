/* The options of a group that SENTINEL SET and sentinel.conf both know by
 * one name: Sentinel's own, and ours in its spelling. */
#ifndef SENTINELD_GROUP_OPTIONS_H
#define SENTINELD_GROUP_OPTIONS_H

#include "config.h"

struct group_option {
    const char *name;
    enum setting setting;
    const char *key;   /* the same thing in the native file; NULL: a script */
    bool ours;         /* Sentinel has no such option */
    const char *alias; /* Valkey's name of it, or NULL */
};

/* Ignores case; NULL when there is none. */
const struct group_option *group_option_find(const char *name);

/* The value as the native file would take it: a number within the key's
 * range, or one of its words. False: it is neither. */
bool group_option_read(const struct group_option *option, const char *text,
                       size_t length, uint64_t *value);

/* A value that group_option_read gave. */
void group_option_set(const struct group_option *option,
                      struct group_settings *settings, uint64_t value);

/* What group_option_read would take, in words. */
void group_option_range(const struct group_option *option,
                        char text[SETTING_RANGE_SIZE]);

/* In the order of the table; NULL begins, NULL is the end. */
const struct group_option *group_option_next(const struct group_option *option);
/* The value as one would write it. Is it the default? */
bool group_option_print(const struct group_option *option,
                        const struct group_settings *settings, char *text,
                        size_t size);
/* Is the value one of a few words? */
bool group_option_is_word(const struct group_option *option);

#endif
