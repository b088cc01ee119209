/* The `sentinel ...` directives, evaluated in three passes as in Redis: what
 * concerns the process, then `monitor`, then what names a master. So their
 * order in the file does not matter.
 *
 * A row of the table says how many words a directive has and when its turn
 * is; an unknown one and a wrong number of words are the same error, as in
 * Redis. Numbers are read strictly: Redis takes 10s for ten milliseconds. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/config/sentinel_conf.h"
#include "sentineld/memory.h"

/* What is no setting: groups, and what Redis' daemon noted. */
static const struct conf_rule rules[] = {
    {"current-epoch", SENTINEL_CURRENT_EPOCH, PASS_PROCESS, 1, 1, NULL},
    {"myid", SENTINEL_MYID, PASS_PROCESS, 1, 1, NULL},
    {"monitor", SENTINEL_MONITOR, PASS_MONITOR, 4, 4, NULL},
    {"config-epoch", SENTINEL_CONFIG_EPOCH, PASS_REST, 2, 2, NULL},
    {"leader-epoch", SENTINEL_LEADER_EPOCH, PASS_REST, 2, 2, NULL},
    {"known-replica", SENTINEL_KNOWN_REPLICA, PASS_REST, 3, 3, NULL},
    {"known-slave", SENTINEL_KNOWN_REPLICA, PASS_REST, 3, 3, NULL},
    {"known-sentinel", SENTINEL_KNOWN_SENTINEL, PASS_REST, 3, 4, NULL},
};

static struct conf_rule rule_of_row(const struct setting_row *row,
                                    const char *typed, enum conf_pass pass,
                                    size_t words)
{
    bool as_alias = row->alias != NULL && strcasecmp(row->alias, typed) == 0;
    return (struct conf_rule){as_alias ? row->alias : row->directive,
                              SENTINEL_SETTING,
                              pass,
                              words,
                              words,
                              row};
}

/* Name NULL: there is no such directive. */
static struct conf_rule rule_of(const char *name)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (strcasecmp(rules[i].name, name) == 0) {
            return rules[i];
        }
    }
    const struct setting_row *row = setting_find_directive(&daemon_table, name);
    if (row != NULL && (row->flags & ROW_SENTINEL) != 0) {
        return rule_of_row(row, name, PASS_PROCESS, 1);
    }
    row = setting_find_directive(&group_table, name);
    if (row == NULL || (row->flags & ROW_SET_ALONE) != 0) {
        return (struct conf_rule){.name = NULL};
    }
    return rule_of_row(row, name, PASS_REST,
                       row->type == VALUE_RENAMES ? 3 : 2);
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

/* Every directive of the last pass begins with a master's name. */
static bool find_group(struct conf_statement *statement)
{
    struct name_place place;
    char shown[CONF_SHOWN_SIZE];
    if (statement->redis->lacks_masters &&
        !name_index_find(statement->build->conf->names, statement->words[0],
                         &place)) {
        return false; /* that is said already */
    }
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

static bool read_setting(const struct conf_statement *statement)
{
    char name[CONF_SHOWN_SIZE];
    bool of_group = statement->rule->pass == PASS_REST;
    struct conf *conf = statement->build->conf;
    const struct conf_word from = {
        .build = statement->build,
        .row = statement->rule->row,
        .name = name,
        .word = statement->words[of_group ? 1 : 0],
        .line = statement->line,
    };
    (void)snprintf(name, sizeof(name), "sentinel %s", statement->rule->name);
    if (from.row->type == VALUE_RENAMES) {
        return sentinel_conf_group_rename_command(statement);
    }
    return of_group ? sentinel_conf_group_take(&from, statement->group)
                    : sentinel_conf_take(&from, conf);
}

static bool evaluate(const struct conf_statement *statement)
{
    switch (statement->rule->kind) {
    case SENTINEL_SETTING:
        return read_setting(statement);
    case SENTINEL_CURRENT_EPOCH:
        return read_current_epoch(statement);
    case SENTINEL_MYID:
        return read_myid(statement);
    case SENTINEL_MONITOR:
        return sentinel_conf_group_monitor(statement);
    case SENTINEL_CONFIG_EPOCH:
    case SENTINEL_LEADER_EPOCH:
        return sentinel_conf_group_epoch(statement);
    case SENTINEL_KNOWN_REPLICA:
        return sentinel_conf_group_known_replica(statement);
    case SENTINEL_KNOWN_SENTINEL:
        return sentinel_conf_group_known_sentinel(statement);
    }
    return false;
}

static bool fail_unrecognized(struct sentinel_conf *redis,
                              const struct conf_directive *directive,
                              const struct conf_rule *rule)
{
    const char *name = directive->line.words[1];
    const char *guess = NULL;
    char shown[CONF_SHOWN_SIZE];
    if (rule->name == NULL) {
        guess = setting_guess_directive(&group_table, name, true);
    }
    if (rule->name == NULL && guess == NULL) {
        guess = setting_guess_directive(&daemon_table, name, true);
    }
    return conf_fail(&redis->build, directive->number,
                     "sentinel %s: Unrecognized sentinel configuration "
                     "statement.%s%s%s",
                     conf_shown(name, shown),
                     guess == NULL ? "" : " Did you mean sentinel ",
                     guess == NULL ? "" : guess, guess == NULL ? "" : "?");
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
        return pass == PASS_PROCESS &&
               fail_unrecognized(redis, directive, &rule);
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
    bool ok = true;
    for (size_t i = 0;
         i < redis->queued_count && (ok || conf_goes_on(&redis->build)); i++) {
        ok &= read_statement(redis, &redis->queued[i], pass);
    }
    return ok;
}

bool sentinel_conf_read_sentinel(struct sentinel_conf *redis)
{
    bool ok = read_pass(redis, PASS_PROCESS);
    if (ok || conf_goes_on(&redis->build)) {
        bool masters = read_pass(redis, PASS_MONITOR);
        redis->lacks_masters = !masters;
        ok &= masters;
    }
    if (ok || conf_goes_on(&redis->build)) {
        ok &= read_pass(redis, PASS_REST);
    }
    return ok;
}
