/* What clients can ask: each command and subcommand is one row, and everything
 * about it that is data stands there. Derived from the rows: which requests are
 * refused for their number of words, COMMAND and its subcommands, HELP of each
 * family, the categories of access rules, the list in docs/protocol.md.
 *
 * A row names its handler by a number, not by its address: users and
 * configurations ask about commands, too, and shall not need what answers
 * them. commands/command.c has the functions to the numbers. */
#ifndef SENTINELD_PROTO_CATALOG_H
#define SENTINELD_PROTO_CATALOG_H

#include "proto/catalog/handlers.h"
#include "sentineld/buffer.h"
#include "sentineld/session.h"

/* What is true of a command. Those down to ALLOW_BUSY are Redis' own flags,
 * in the order in which COMMAND INFO lists them; clients and access rules go
 * by them. */
enum command_flag {
    COMMAND_ADMIN = 1u << 0,
    COMMAND_PUBSUB = 1u << 1,
    COMMAND_NOSCRIPT = 1u << 2,
    COMMAND_LOADING = 1u << 3,
    COMMAND_STALE = 1u << 4,
    COMMAND_FAST = 1u << 5,
    COMMAND_NO_AUTH = 1u << 6, /* may be said before authenticating */
    COMMAND_NO_MULTI = 1u << 7,
    COMMAND_ALLOW_BUSY = 1u << 8,
    /* Categories that do not follow from a flag. */
    COMMAND_IS_ADMIN = 1u << 9,
    COMMAND_IS_DANGEROUS = 1u << 10,
    COMMAND_IS_CONNECTION = 1u << 11,
    /* Ours. */
    COMMAND_WHILE_SUBSCRIBED = 1u << 12, /* a RESP2 subscriber may say it */
    COMMAND_UNLISTED = 1u << 13, /* served, though Redis has it no more */
    COMMAND_ALIAS = 1u << 14,    /* another name: HELP leaves it out */
    COMMAND_IS_WRITE = 1u << 15, /* waits in CLIENT PAUSE WRITE */
};

/* The flags that many rows share. */
enum {
    ANY_TIME = COMMAND_LOADING | COMMAND_STALE,
    /* about one connection, or looking at something */
    ON_CONNECTION = COMMAND_NOSCRIPT | ANY_TIME | COMMAND_IS_CONNECTION,
    /* about the connections of others */
    ON_CLIENTS = ON_CONNECTION | COMMAND_ADMIN,
    LISTENING =
        COMMAND_PUBSUB | COMMAND_NOSCRIPT | ANY_TIME | COMMAND_WHILE_SUBSCRIBED,
    GREETING = COMMAND_NOSCRIPT | ANY_TIME | COMMAND_FAST | COMMAND_NO_AUTH |
               COMMAND_ALLOW_BUSY | COMMAND_IS_CONNECTION,
    ABOUT_COMMANDS = ANY_TIME | COMMAND_IS_CONNECTION,
    /* Who has which permission is nobody's business but an operator's. */
    ABOUT_USERS = ANY_TIME | COMMAND_NOSCRIPT,
    ON_USERS = ABOUT_USERS | COMMAND_ADMIN,
};

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
enum { ARGUMENT_DEPTH_MAX = 4 };
struct argument {
    unsigned depth; /* from 1; 0 = the end */
    const char *name;
    enum argument_type type;
    const char *token; /* the word before it; NULL = none */
    unsigned flags;    /* enum argument_flag */
    const char *since; /* when later than the command; else NULL */
    const char *deprecated_since;
};

#define ARGUMENTS(...) ((const struct argument[]){__VA_ARGS__, {.depth = 0}})

enum { COMMAND_TIPS_MAX = 3 };

struct command {
    const char *name;             /* lower case; NULL ends a list of rows */
    enum command_handler handler; /* HANDLED_BY_NONE: only subcommands */
    int arity;      /* words, all names included; negative = at least */
    unsigned flags; /* enum command_flag */
    /* The version of Redis (Valkey) that has it; of sentineld, when ours. */
    const char *since;
    const char *group;   /* as COMMAND DOCS says it; NULL = the container's */
    const char *summary; /* one sentence, without its period */
    const char *details; /* what HELP says behind it; NULL = nothing */
    const char *answer;  /* docs/protocol.md: what comes back; {set} stands for
                            a list of settings */
    /* Where Redis' HELP shows the words in another way than follows from the
     * arguments; a line each. Else NULL. */
    const char *usage;
    const struct argument *arguments; /* NULL = none */
    const char *deprecated_since;     /* NULL = it is not */
    const char *replaced_by;
    /* Hints for clients that spread commands over a cluster. */
    const char *tips[COMMAND_TIPS_MAX];
    const struct command *subcommands; /* NULL = none */
};

/* All rows; those of the families are found through it. */
extern const struct command command_table[];
extern const struct command acl_rows[];
extern const struct command client_rows[];
extern const struct command command_rows[];
extern const struct command sentinel_rows[];

/* Where a row stands: in the table, or below a container. */
struct command_place {
    const struct command *container; /* NULL = in the table */
    const struct command *command;
};

/* The row of that name, any case; NULL = there is none. `table` may be NULL. */
const struct command *command_find(const struct command *table,
                                   const char *name, size_t length);
/* By "ping" or "client|kill", any case; false when clients are told of no
 * such command. */
bool command_find_listed(const char *name, size_t length,
                         struct command_place *place);
bool command_is_listed(const struct command *command);
/* Rows that clients are told of; 0 for NULL. */
size_t command_count_listed(const struct command *table);
bool command_arity_fits(const struct command *command, size_t argc);
/* "client|kill"; `container` is NULL for a command of its own. */
void command_full_name(const struct command *container,
                       const struct command *command,
                       char name[SESSION_TEXT_SIZE]);

/* The longest HELP, with much to spare. */
enum { COMMAND_TEXT_MAX = 64 * 1024 };
/* "KILL <ip:port>": what may be said; several lines where `usage` has them. */
void command_write_usage(const struct command *command, struct buffer *out);
/* The lines of HELP for a container, each ending in a newline. */
void command_write_help(const struct command *container, struct buffer *out);

#endif
