/* The `sentinel ...` directives, evaluated in three passes as in Redis: what
 * concerns the process, then `monitor`, then what names a master. So their
 * order in the file does not matter.
 *
 * A row of the table says how many words a directive has and when its turn
 * is; an unknown one and a wrong number of words are the same error, as in
 * Redis. Numbers are read strictly: Redis takes 10s for ten milliseconds. */
#include <string.h>
#include <strings.h>

#include "group_options.h"
#include "sentinel_conf.h"
#include "sentineld/memory.h"

static const struct conf_rule rules[] = {
    {"announce-ip", SENTINEL_ANNOUNCE_IP, PASS_PROCESS, 1, 1},
    {"announce-port", SENTINEL_ANNOUNCE_PORT, PASS_PROCESS, 1, 1},
    {"current-epoch", SENTINEL_CURRENT_EPOCH, PASS_PROCESS, 1, 1},
    {"myid", SENTINEL_MYID, PASS_PROCESS, 1, 1},
    {"deny-scripts-reconfig", SENTINEL_DENY_SCRIPTS, PASS_PROCESS, 1, 1},
    {"resolve-hostnames", SENTINEL_RESOLVE_HOSTNAMES, PASS_PROCESS, 1, 1},
    {"announce-hostnames", SENTINEL_ANNOUNCE_HOSTNAMES, PASS_PROCESS, 1, 1},
    {"sentinel-user", SENTINEL_PEER_USER, PASS_PROCESS, 1, 1},
    {"sentinel-pass", SENTINEL_PEER_PASS, PASS_PROCESS, 1, 1},
    {"monitor", SENTINEL_MONITOR, PASS_MONITOR, 4, 4},
    {"down-after-milliseconds", SENTINEL_DOWN_AFTER, PASS_REST, 2, 2},
    {"failover-timeout", SENTINEL_FAILOVER_TIMEOUT, PASS_REST, 2, 2},
    {"parallel-syncs", SENTINEL_PARALLEL_SYNCS, PASS_REST, 2, 2},
    {"auth-pass", SENTINEL_AUTH_PASS, PASS_REST, 2, 2},
    {"auth-user", SENTINEL_AUTH_USER, PASS_REST, 2, 2},
    {"config-epoch", SENTINEL_CONFIG_EPOCH, PASS_REST, 2, 2},
    {"leader-epoch", SENTINEL_LEADER_EPOCH, PASS_REST, 2, 2},
    {"known-replica", SENTINEL_KNOWN_REPLICA, PASS_REST, 3, 3},
    {"known-slave", SENTINEL_KNOWN_REPLICA, PASS_REST, 3, 3},
    {"known-sentinel", SENTINEL_KNOWN_SENTINEL, PASS_REST, 3, 4},
    {"notification-script", SENTINEL_NOTIFICATION_SCRIPT, PASS_REST, 2, 2},
    {"client-reconfig-script", SENTINEL_CLIENT_RECONFIG_SCRIPT, PASS_REST, 2,
     2},
    {"rename-command", SENTINEL_RENAME_COMMAND, PASS_REST, 3, 3},
    {"master-reboot-down-after-period", SENTINEL_REBOOT_PERIOD, PASS_REST, 2,
     2},
    {"primary-reboot-down-after-period", SENTINEL_REBOOT_PERIOD, PASS_REST, 2,
     2},
};

/* Options of ours are directives too; no rewritten file of Redis has them. */
static struct conf_rule rule_of(const char *name)
{
    const struct group_option *option = group_option_find(name);
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (strcasecmp(rules[i].name, name) == 0) {
            return rules[i];
        }
    }
    return option != NULL && option->ours
               ? (struct conf_rule){option->name, SENTINEL_GROUP_OPTION,
                                    PASS_REST, 2, 2}
               : (struct conf_rule){.name = NULL};
}

static bool read_announce_ip(const struct conf_statement *statement)
{
    struct conf *conf = statement->build->conf;
    const char *host = statement->words[0];
    if (host[0] == '\0') {
        return true;
    }
    if (conf_host_fault(host) != NULL) {
        return conf_statement_fail(
            statement, "this is neither an ip address nor a host name");
    }
    copy_text(conf->announce_host, sizeof(conf->announce_host), host);
    return true;
}

static bool read_announce_port(const struct conf_statement *statement)
{
    int64_t port = 0;
    if (!conf_statement_number(statement, statement->words[0], &port)) {
        return false;
    }
    if (port < 0 || port > 65535) {
        return conf_statement_fail(
            statement, "Invalid port number. It must be 0 to 65535");
    }
    statement->build->conf->announce_port = (uint16_t)port;
    return true;
}

static bool read_current_epoch(const struct conf_statement *statement)
{
    uint64_t epoch = 0;
    if (!conf_statement_epoch(statement, statement->words[0], &epoch)) {
        return false;
    }
    imported_state_note_current_epoch(statement->redis->seeds, epoch);
    return true;
}

static bool read_myid(const struct conf_statement *statement)
{
    struct conf *conf = statement->build->conf;
    if (!conf_is_run_id(statement->words[0])) {
        return conf_statement_fail(
            statement, "Malformed Sentinel id in myid option. It must "
                       "be 40 letters and digits");
    }
    copy_text(conf->myid, sizeof(conf->myid), statement->words[0]);
    imported_state_note_id(statement->redis->seeds);
    return true;
}

static bool read_yes_or_no(const struct conf_statement *statement, bool *on)
{
    const char *word = statement->words[0];
    bool scripts = statement->rule->kind == SENTINEL_DENY_SCRIPTS;
    *on = strcasecmp(word, "yes") == 0;
    if (!*on && strcasecmp(word, "no") != 0) {
        return conf_fail(statement->build, statement->line,
                         "sentinel %s: Please specify yes or no for the %s "
                         "option%s.",
                         statement->rule->name, statement->rule->name,
                         scripts ? "s" : "");
    }
    return true;
}

/* Every directive of the last pass begins with a master's name. */
static bool find_group(struct conf_statement *statement)
{
    struct name_place place;
    char shown[CONF_SHOWN_SIZE];
    if (!name_index_find(statement->build->conf->names, statement->words[0],
                         &place)) {
        return conf_fail(statement->build, statement->line,
                         "sentinel %s: No such master with specified name. "
                         "There is no \"sentinel monitor %s ...\"",
                         statement->rule->name,
                         conf_shown(statement->words[0], shown));
    }
    statement->group = place.index;
    return true;
}

/* Of the group that the statement names. */
static struct group_settings *
settings_of(const struct conf_statement *statement)
{
    return &statement->build->conf->groups[statement->group].settings;
}

static bool evaluate(const struct conf_statement *statement)
{
    struct conf *conf = statement->build->conf;
    switch (statement->rule->kind) {
    case SENTINEL_ANNOUNCE_IP:
        return read_announce_ip(statement);
    case SENTINEL_ANNOUNCE_PORT:
        return read_announce_port(statement);
    case SENTINEL_CURRENT_EPOCH:
        return read_current_epoch(statement);
    case SENTINEL_MYID:
        return read_myid(statement);
    case SENTINEL_DENY_SCRIPTS:
        return read_yes_or_no(statement, &conf->deny_scripts_reconfig);
    case SENTINEL_RESOLVE_HOSTNAMES:
        return read_yes_or_no(statement, &conf->resolve_hostnames);
    case SENTINEL_ANNOUNCE_HOSTNAMES:
        return read_yes_or_no(statement, &conf->announce_hostnames);
    case SENTINEL_PEER_USER:
        return sentinel_conf_user(statement, statement->words[0],
                                  conf->peer_login.user);
    case SENTINEL_PEER_PASS:
        return sentinel_conf_secret(statement, statement->words[0],
                                    conf->peer_login.password);
    case SENTINEL_MONITOR:
        return sentinel_conf_group_monitor(statement);
    case SENTINEL_DOWN_AFTER:
        return sentinel_conf_group_time(statement, "down_after_ms");
    case SENTINEL_FAILOVER_TIMEOUT:
        return sentinel_conf_group_time(statement, "failover_timeout_ms");
    case SENTINEL_PARALLEL_SYNCS:
        return sentinel_conf_group_parallel_syncs(statement);
    case SENTINEL_AUTH_PASS:
        return sentinel_conf_secret(statement, statement->words[1],
                                    conf->logins[statement->group].password);
    case SENTINEL_AUTH_USER:
        return sentinel_conf_user(statement, statement->words[1],
                                  conf->logins[statement->group].user);
    case SENTINEL_GROUP_OPTION:
        return sentinel_conf_group_option(statement);
    case SENTINEL_CONFIG_EPOCH:
    case SENTINEL_LEADER_EPOCH:
        return sentinel_conf_group_epoch(statement);
    case SENTINEL_KNOWN_REPLICA:
        return sentinel_conf_group_known_replica(statement);
    case SENTINEL_KNOWN_SENTINEL:
        return sentinel_conf_group_known_sentinel(statement);
    case SENTINEL_NOTIFICATION_SCRIPT:
        return sentinel_conf_group_script(
            statement, settings_of(statement)->notification_script);
    case SENTINEL_CLIENT_RECONFIG_SCRIPT:
        return sentinel_conf_group_script(
            statement, settings_of(statement)->client_reconfig_script);
    case SENTINEL_RENAME_COMMAND:
        return sentinel_conf_group_rename_command(statement);
    case SENTINEL_REBOOT_PERIOD:
        return sentinel_conf_group_reboot_period(statement);
    }
    return false;
}

static bool read_statement(struct sentinel_conf *redis,
                           const struct conf_directive *directive,
                           enum conf_pass pass)
{
    struct conf_statement statement = {
        .redis = redis,
        .build = &redis->build,
        .words = directive->line.words + 2,
        .line = directive->number,
    };
    redis->build.file = directive->file;
    if (directive->line.count < 2) {
        return true; /* a bare `sentinel` */
    }
    statement.count = directive->line.count - 2;
    struct conf_rule rule = rule_of(directive->line.words[1]);
    statement.rule = &rule;
    if (rule.name == NULL || statement.count < rule.least ||
        statement.count > rule.most) {
        char shown[CONF_SHOWN_SIZE];
        return conf_fail(&redis->build, directive->number,
                         "sentinel %s: Unrecognized sentinel configuration "
                         "statement.",
                         conf_shown(directive->line.words[1], shown));
    }
    if (rule.pass != pass) {
        return true;
    }
    if (pass == PASS_REST && !find_group(&statement)) {
        return false;
    }
    return evaluate(&statement);
}

static bool read_pass(struct sentinel_conf *redis, enum conf_pass pass)
{
    for (size_t i = 0; i < redis->queued_count; i++) {
        if (!read_statement(redis, &redis->queued[i], pass)) {
            return false;
        }
    }
    return true;
}

bool sentinel_conf_read_sentinel(struct sentinel_conf *redis)
{
    return read_pass(redis, PASS_PROCESS) && read_pass(redis, PASS_MONITOR) &&
           read_pass(redis, PASS_REST);
}
