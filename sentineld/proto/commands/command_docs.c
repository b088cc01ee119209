/* What COMMAND DOCS tells of each command, the CLIENT and SENTINEL families
 * apart. The trees of arguments are those of Redis 7.2, as interactive clients
 * show them while somebody types; the summaries say what the command does
 * here. A row may be here before its command is served: only those in the
 * table of commands are told. */
#include "proto/commands/command_docs.h"

#include <string.h>

const struct command_doc command_docs[] = {
    {"acl", "6.0.0", "server", "Users and what they may do", .arguments = NULL},
    {"acl|cat", "6.0.0", "server",
     "Names of the categories, or of one category's commands",
     .arguments = ARGUMENTS({1, "categoryname", STRING, .flags = OPTIONAL})},
    {"acl|deluser", "6.0.0", "server",
     "Removes users and closes their connections",
     .arguments = ARGUMENTS({1, "username", STRING, .flags = MULTIPLE})},
    {"acl|dryrun", "7.0.0", "server",
     "Whether a user may run a command, without running it",
     .arguments = ARGUMENTS({1, "username", STRING, .flags = 0},
                            {1, "command", STRING, .flags = 0},
                            {1, "arg", STRING, .flags = OPTIONAL | MULTIPLE})},
    {"acl|genpass", "6.0.0", "server", "A random password",
     .arguments = ARGUMENTS({1, "bits", INTEGER, .flags = OPTIONAL})},
    {"acl|getuser", "6.0.0", "server", "What a user may do",
     .arguments = ARGUMENTS({1, "username", STRING, .flags = 0})},
    {"acl|help", "6.0.0", "server", "Usage of ACL", .arguments = NULL},
    {"acl|list", "6.0.0", "server", "All users as lines of an ACL file",
     .arguments = NULL},
    {"acl|load", "6.0.0", "server", "Reads the ACL file again",
     .arguments = NULL},
    {"acl|log", "6.0.0", "server",
     "Commands and logins that were refused lately",
     .arguments = ARGUMENTS({1, "operation", ONE_OF, .flags = OPTIONAL},
                            {2, "count", INTEGER, .flags = 0},
                            {2, "reset", TOKEN, .token = "RESET"})},
    {"acl|save", "6.0.0", "server", "Writes the users to the ACL file",
     .arguments = NULL},
    {"acl|setuser", "6.0.0", "server", "Makes or changes a user",
     .arguments = ARGUMENTS({1, "username", STRING, .flags = 0},
                            {1, "rule", STRING, .flags = OPTIONAL | MULTIPLE})},
    {"acl|users", "6.0.0", "server", "Names of all users", .arguments = NULL},
    {"acl|whoami", "6.0.0", "server", "The user of this connection",
     .arguments = NULL},
    {"auth", "1.0.0", "connection", "Logs in with a password",
     .arguments =
         ARGUMENTS({1, "username", STRING, .flags = OPTIONAL, .since = "6.0.0"},
                   {1, "password", STRING, .flags = 0})},
    {"command", "2.8.13", "server", "All commands with their properties",
     .arguments = NULL},
    {"command|count", "2.8.13", "server", "How many commands there are",
     .arguments = NULL},
    {"command|docs", "7.0.0", "server",
     "What commands are for and which words they take",
     .arguments =
         ARGUMENTS({1, "command-name", STRING, .flags = OPTIONAL | MULTIPLE})},
    {"command|getkeys", "2.8.13", "server",
     "The keys in a command; none has any here", .arguments = NULL},
    {"command|getkeysandflags", "7.0.0", "server",
     "The same, with what is done to each key", .arguments = NULL},
    {"command|help", "5.0.0", "server", "Usage of COMMAND", .arguments = NULL},
    {"command|info", "2.8.13", "server",
     "Properties of some commands, or of all",
     .arguments =
         ARGUMENTS({1, "command-name", STRING, .flags = OPTIONAL | MULTIPLE})},
    {"command|list", "7.0.0", "server", "Names of all commands and subcommands",
     .arguments = ARGUMENTS(
         {1, "filterby", ONE_OF, .token = "FILTERBY", .flags = OPTIONAL},
         {2, "module-name", STRING, .token = "MODULE"},
         {2, "category", STRING, .token = "ACLCAT"},
         {2, "pattern", PATTERN, .token = "PATTERN"})},
    {"hello", "6.0.0", "connection",
     "Chooses the protocol, and may log in and name the connection",
     .arguments = ARGUMENTS(
         {1, "arguments", BLOCK, .flags = OPTIONAL},
         {2, "protover", INTEGER, .flags = 0},
         {2, "username_password", BLOCK, .token = "AUTH", .flags = OPTIONAL},
         {3, "username", STRING, .flags = 0},
         {3, "password", STRING, .flags = 0},
         {2, "clientname", STRING, .token = "SETNAME", .flags = OPTIONAL})},
    {"info", "1.0.0", "server", "Figures of this supervisor",
     .arguments =
         ARGUMENTS({1, "section", STRING, .flags = OPTIONAL | MULTIPLE})},
    {"ping", "1.0.0", "connection", "Is anybody there?",
     .arguments = ARGUMENTS({1, "message", STRING, .flags = OPTIONAL})},
    {"psubscribe", "2.0.0", "pubsub",
     "Listens to events whose names match patterns",
     .arguments = ARGUMENTS({1, "pattern", BLOCK, .flags = MULTIPLE},
                            {2, "pattern", PATTERN, .flags = 0})},
    {"publish", "2.0.0", "pubsub", "Takes hello messages of other supervisors",
     .arguments = ARGUMENTS({1, "channel", STRING, .flags = 0},
                            {1, "message", STRING, .flags = 0})},
    {"punsubscribe", "2.0.0", "pubsub", "Listens no longer to patterns",
     .arguments =
         ARGUMENTS({1, "pattern", PATTERN, .flags = OPTIONAL | MULTIPLE})},
    {"role", "2.8.12", "server",
     "Says that this is a sentinel, and which masters it watches",
     .arguments = NULL},
    {"shutdown", "1.0.0", "server", "Ends this supervisor",
     .arguments = ARGUMENTS(
         {1, "nosave_save", ONE_OF, .flags = OPTIONAL},
         {2, "nosave", TOKEN, .token = "NOSAVE"},
         {2, "save", TOKEN, .token = "SAVE"},
         {1, "now", TOKEN, .token = "NOW", .flags = OPTIONAL, .since = "7.0.0"},
         {1, "force", TOKEN, .token = "FORCE", .flags = OPTIONAL,
          .since = "7.0.0"},
         {1, "abort", TOKEN, .token = "ABORT", .flags = OPTIONAL,
          .since = "7.0.0"})},
    {"subscribe", "2.0.0", "pubsub", "Listens to events",
     .arguments = ARGUMENTS({1, "channel", STRING, .flags = MULTIPLE})},
    {"unsubscribe", "2.0.0", "pubsub", "Listens no longer",
     .arguments =
         ARGUMENTS({1, "channel", STRING, .flags = OPTIONAL | MULTIPLE})},
    {.name = NULL},
};

static const struct command_doc *find_in(const struct command_doc *docs,
                                         const char *name)
{
    for (; docs->name != NULL; docs++) {
        if (strcmp(docs->name, name) == 0) {
            return docs;
        }
    }
    return NULL;
}

const struct command_doc *command_docs_find(const char *name)
{
    const struct command_doc *doc = find_in(command_docs_sentinel, name);
    if (doc == NULL) {
        doc = find_in(command_docs_client, name);
    }
    return doc != NULL ? doc : find_in(command_docs, name);
}
