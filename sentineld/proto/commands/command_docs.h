/* What COMMAND DOCS tells of each command: data only. */
#ifndef SENTINELD_PROTO_COMMAND_DOCS_H
#define SENTINELD_PROTO_COMMAND_DOCS_H

#include <stddef.h>

enum argument_type {
    STRING,
    INTEGER,
    PATTERN,
    TOKEN,  /* the word itself, given as `token` */
    ONE_OF, /* of those below it */
    BLOCK,  /* those below it, one after another */
};

/* A bit set. */
enum argument_flag {
    OPTIONAL = 1u << 0,
    MULTIPLE = 1u << 1,
    MULTIPLE_TOKEN = 1u << 2, /* the token comes before each */
};

/* The arguments of a command are a tree, written down from the root: those of
 * depth n + 1 that follow one of depth n are below it. */
struct argument {
    unsigned depth; /* from 1; 0 = the end */
    const char *name;
    enum argument_type type;
    const char *token; /* the word before it; NULL = none */
    unsigned flags;    /* enum argument_flag */
    const char *since; /* when later than the command; else NULL */
    const char *deprecated_since;
};

struct command_doc {
    const char *name;  /* "client|kill"; NULL = the end */
    const char *since; /* the version of Redis (Valkey) that has it */
    const char *group;
    const char *summary;
    const struct argument *arguments; /* NULL = none */
    const char *deprecated_since;
    const char *replaced_by;
};

#define ARGUMENTS(...) ((const struct argument[]){__VA_ARGS__, {.depth = 0}})

extern const struct command_doc command_docs[];
extern const struct command_doc command_docs_client[];
extern const struct command_doc command_docs_sentinel[];

/* NULL when nothing is written down about it. */
const struct command_doc *command_docs_find(const char *name);

#endif
