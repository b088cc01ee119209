/* The whole list of what clients can ask: names, numbers of words, handlers
 * and flags; Valkey's newer names (PRIMARY ...) beside them. command.c finds a
 * request's row here, cmd_command.c tells clients of them. Arities and flags
 * are Redis'. */
#include "proto/commands/command_private.h"

/* The flags that many rows share. */
enum {
    /* about one connection, or looking at something */
    ON_CONNECTION = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE |
                    COMMAND_IS_CONNECTION,
    /* about the connections of others */
    ON_CLIENTS = ON_CONNECTION | COMMAND_ADMIN,
    LISTENING = COMMAND_PUBSUB | COMMAND_NOSCRIPT | COMMAND_LOADING |
                COMMAND_STALE | COMMAND_WHILE_SUBSCRIBED,
    GREETING = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE |
               COMMAND_FAST | COMMAND_NO_AUTH | COMMAND_ALLOW_BUSY |
               COMMAND_IS_CONNECTION,
    ANY_TIME = COMMAND_LOADING | COMMAND_STALE,
    ABOUT_COMMANDS = ANY_TIME | COMMAND_IS_CONNECTION,
};

/* Who has which permission is nobody's business but an operator's. */
enum {
    ABOUT_USERS = ANY_TIME | COMMAND_NOSCRIPT,
    ON_USERS = ABOUT_USERS | COMMAND_ADMIN,
};

static const struct command acl_commands[] = {
    {"cat", -2, cmd_acl_cat, ABOUT_USERS, NULL},
    {"deluser", -3, cmd_acl_deluser, ON_USERS, NULL},
    {"dryrun", -4, cmd_acl_dryrun, ON_USERS, NULL},
    {"genpass", -2, cmd_acl_genpass, ABOUT_USERS, NULL},
    {"getuser", 3, cmd_acl_getuser, ON_USERS, NULL},
    {"help", 2, cmd_acl_help, ANY_TIME, NULL},
    {"list", 2, cmd_acl_list, ON_USERS, NULL},
    {"load", 2, cmd_acl_load, ON_USERS, NULL},
    {"log", -2, cmd_acl_log, ON_USERS, NULL},
    {"save", 2, cmd_acl_save, ON_USERS, NULL},
    {"setuser", -3, cmd_acl_setuser, ON_USERS, NULL},
    {"users", 2, cmd_acl_users, ON_USERS, NULL},
    {"whoami", 2, cmd_acl_whoami, ABOUT_USERS, NULL},
    {NULL, 0, NULL, 0, NULL},
};

static const struct command client_commands[] = {
    {"caching", 3, cmd_client_caching, ON_CONNECTION, NULL},
    {"getname", 2, cmd_client_getname, ON_CONNECTION, NULL},
    {"getredir", 2, cmd_client_getredir, ON_CONNECTION, NULL},
    {"help", 2, cmd_client_help, ABOUT_COMMANDS, NULL},
    {"id", 2, cmd_client_id, ON_CONNECTION, NULL},
    {"info", 2, cmd_client_info, ON_CONNECTION, NULL},
    {"kill", -3, cmd_client_kill, ON_CLIENTS, NULL},
    {"list", -2, cmd_client_list, ON_CLIENTS, NULL},
    {"no-evict", 3, cmd_client_no_evict, ON_CLIENTS, NULL},
    {"pause", -3, cmd_client_pause, ON_CLIENTS, NULL},
    {"reply", 3, cmd_client_reply, ON_CONNECTION, NULL},
    {"setinfo", 4, cmd_client_setinfo, ON_CONNECTION, NULL},
    {"setname", 3, cmd_client_setname, ON_CONNECTION, NULL},
    {"tracking", -3, cmd_client_tracking, ON_CONNECTION, NULL},
    {"trackinginfo", 2, cmd_client_trackinginfo, ON_CONNECTION, NULL},
    {"unblock", -3, cmd_client_unblock, ON_CLIENTS, NULL},
    {"unpause", 2, cmd_client_unpause, ON_CLIENTS, NULL},
    {NULL, 0, NULL, 0, NULL},
};

static const struct command command_commands[] = {
    {"count", 2, cmd_command_count, ABOUT_COMMANDS, NULL},
    {"docs", -2, cmd_command_docs, ABOUT_COMMANDS, NULL},
    {"getkeys", -3, cmd_command_getkeys, ABOUT_COMMANDS, NULL},
    {"getkeysandflags", -3, cmd_command_getkeys, ABOUT_COMMANDS, NULL},
    {"help", 2, cmd_command_help, ABOUT_COMMANDS, NULL},
    {"info", -2, cmd_command_info, ABOUT_COMMANDS, NULL},
    {"list", -2, cmd_command_list, ABOUT_COMMANDS, NULL},
    {NULL, 0, NULL, 0, NULL},
};

static const struct command sentinel_commands[] = {
    {"acknowledge", 3, cmd_sentinel_acknowledge, COMMAND_ADMIN, NULL},
    {"accept", 7, cmd_sentinel_accept, COMMAND_ADMIN, NULL},
    {"adopt", 5, cmd_sentinel_adopt, COMMAND_ADMIN, NULL},
    {"ckquorum", 3, cmd_sentinel_ckquorum, COMMAND_ADMIN, NULL},
    {"config", -4, cmd_sentinel_config, COMMAND_ADMIN, NULL},
    {"debug", -2, cmd_sentinel_debug, COMMAND_ADMIN, NULL},
    {"failover", -3, cmd_sentinel_failover, COMMAND_ADMIN, NULL},
    {"flushconfig", 2, cmd_sentinel_flushconfig, COMMAND_ADMIN, NULL},
    {"get", -3, cmd_sentinel_get, COMMAND_ADMIN, NULL},
    {"get-master-addr-by-name", 3, cmd_sentinel_get_master_addr, COMMAND_ADMIN,
     NULL},
    {"get-primary-addr-by-name", 3, cmd_sentinel_get_master_addr, COMMAND_ADMIN,
     NULL},
    {"help", 2, cmd_sentinel_help, ANY_TIME, NULL},
    {"history", -3, cmd_sentinel_history, COMMAND_ADMIN, NULL},
    {"info-cache", -3, cmd_sentinel_info_cache, COMMAND_ADMIN, NULL},
    {"is-master-down-by-addr", 6, cmd_sentinel_is_master_down, COMMAND_ADMIN,
     NULL},
    {"is-primary-down-by-addr", 6, cmd_sentinel_is_master_down, COMMAND_ADMIN,
     NULL},
    {"master", 3, cmd_sentinel_master, COMMAND_ADMIN, NULL},
    {"masters", 2, cmd_sentinel_masters, COMMAND_ADMIN, NULL},
    {"monitor", 6, cmd_sentinel_monitor, COMMAND_ADMIN, NULL},
    {"myid", 2, cmd_sentinel_myid, COMMAND_ADMIN, NULL},
    {"pending-scripts", 2, cmd_sentinel_pending_scripts, COMMAND_ADMIN, NULL},
    {"primaries", 2, cmd_sentinel_masters, COMMAND_ADMIN, NULL},
    {"primary", 3, cmd_sentinel_master, COMMAND_ADMIN, NULL},
    {"remove", 3, cmd_sentinel_remove, COMMAND_ADMIN, NULL},
    {"replicas", 3, cmd_sentinel_replicas, COMMAND_ADMIN, NULL},
    {"reset", 3, cmd_sentinel_reset, COMMAND_ADMIN, NULL},
    {"sentinels", 3, cmd_sentinel_sentinels, COMMAND_ADMIN, NULL},
    {"set", -5, cmd_sentinel_set, COMMAND_ADMIN, NULL},
    {"simulate-failure", -3, cmd_sentinel_simulate_failure, COMMAND_ADMIN,
     NULL},
    {"slaves", 3, cmd_sentinel_replicas, COMMAND_ADMIN, NULL},
    {NULL, 0, NULL, 0, NULL},
};

const struct command command_table[] = {
    {"acl", -2, NULL, 0, acl_commands},
    {"auth", -2, cmd_auth, GREETING, NULL},
    {"client", -2, NULL, 0, client_commands},
    {"command", -1, cmd_command, ABOUT_COMMANDS, command_commands},
    {"hello", -1, cmd_hello, GREETING, NULL},
    {"info", -1, cmd_info, ANY_TIME | COMMAND_IS_DANGEROUS, NULL},
    {"ping", -1, cmd_ping,
     COMMAND_FAST | COMMAND_IS_CONNECTION | COMMAND_WHILE_SUBSCRIBED, NULL},
    {"psubscribe", -2, pubsub_psubscribe, LISTENING, NULL},
    {"publish", 3, pubsub_publish, COMMAND_PUBSUB | ANY_TIME | COMMAND_FAST,
     NULL},
    {"punsubscribe", -1, pubsub_punsubscribe, LISTENING, NULL},
    {"quit", -1, cmd_quit,
     GREETING | COMMAND_WHILE_SUBSCRIBED | COMMAND_UNLISTED, NULL},
    {"role", 1, cmd_role,
     COMMAND_NOSCRIPT | ANY_TIME | COMMAND_FAST | COMMAND_IS_ADMIN |
         COMMAND_IS_DANGEROUS,
     NULL},
    {"shutdown", -1, cmd_shutdown,
     COMMAND_ADMIN | COMMAND_NOSCRIPT | ANY_TIME | COMMAND_NO_MULTI |
         COMMAND_ALLOW_BUSY,
     NULL},
    {"sentinel", -2, NULL, COMMAND_ADMIN, sentinel_commands},
    {"subscribe", -2, pubsub_subscribe, LISTENING, NULL},
    {"unsubscribe", -1, pubsub_unsubscribe, LISTENING, NULL},
    {NULL, 0, NULL, 0, NULL},
};
