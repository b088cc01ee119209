/* The `sentinel` directives about one master: `monitor`, its settings, and what
 * Redis' daemon noted about it.
 *
 * A setting that Redis takes and that is outside our range is brought into
 * it, with a warning, so that the file works. Not the quorum: a smaller one
 * than the operator wrote would be less safe than he thinks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/config/sentinel_conf.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"

static bool read_quorum(const struct conf_statement *statement,
                        struct group_settings *settings)
{
    int64_t quorum = 0;
    if (!conf_statement_number(statement, statement->words[3], &quorum)) {
        return false;
    }
    if (quorum < 1) {
        return conf_statement_fail(statement, "Quorum must be 1 or greater.");
    }
    if (quorum > MAX_VOTERS_PER_GROUP) {
        return conf_fail(statement->build, statement->line,
                         "sentinel monitor: the quorum is %" PRId64
                         "; it must be 1 to %d",
                         quorum, MAX_VOTERS_PER_GROUP);
    }
    settings->quorum = (uint32_t)quorum;
    return true;
}

static bool check_name(const struct conf_statement *statement)
{
    const char *name = statement->words[0];
    const char *fault = conf_name_fault(name);
    struct name_place first;
    char text[CONF_SHOWN_SIZE];
    if (fault != NULL) {
        return conf_fail(statement->build, statement->line,
                         "sentinel monitor: the name \"%s\" %s; it must be "
                         "without blanks, control characters, commas and "
                         "quotes",
                         conf_shown(name, text), fault);
    }
    if (name_index_find(statement->build->conf->names, name, &first)) {
        return conf_fail(statement->build, statement->line,
                         "sentinel monitor: Duplicate master name. \"%s\" is "
                         "monitored already (%s)",
                         name, conf_where(first.line, text));
    }
    return true;
}

bool sentinel_conf_group_monitor(const struct conf_statement *statement)
{
    struct conf *conf = statement->build->conf;
    struct conf_draft draft;
    struct name_place first;
    memset(&draft, 0, sizeof(draft));
    setting_set_defaults(&group_table, &draft);
    if (!read_quorum(statement, &draft.group.settings) ||
        !check_name(statement) ||
        !conf_statement_address(statement, &statement->words[1],
                                &draft.group.master)) {
        return false;
    }
    if (conf->group_count >= MAX_GROUPS) {
        return conf_fail(statement->build, statement->line,
                         "sentinel monitor: this is one master more than the "
                         "%d that there may be",
                         MAX_GROUPS);
    }
    if (conf_build_find_address(statement->build, &draft.group.master,
                                &first)) {
        conf_warn(statement->build, statement->line,
                  "sentinel monitor: %s and %s are the same server; peers "
                  "that ask about its address mean one of them",
                  conf->groups[first.index].name, statement->words[0]);
    }
    copy_text(draft.group.name, sizeof(draft.group.name), statement->words[0]);
    draft.login.tls = statement->build->conf->tls_servers;
    conf->has_masters_elsewhere |=
        statement->line == 0 ||
        strcmp(statement->build->file, statement->redis->name) != 0;
    conf_build_add_group(statement->build, &draft, statement->line);
    return true;
}

bool sentinel_conf_group_take(const struct conf_word *from, size_t index)
{
    struct conf *conf = from->build->conf;
    struct conf_draft draft;
    draft.group = conf->groups[index];
    draft.login = conf->logins[index];
    bool ok = sentinel_conf_take(from, &draft);
    conf->groups[index] = draft.group;
    conf->logins[index] = draft.login;
    return ok;
}

bool sentinel_conf_group_epoch(const struct conf_statement *statement)
{
    struct imported_state *seeds = statement->redis->seeds;
    uint64_t epoch = 0;
    if (!conf_statement_epoch(statement, statement->words[1], &epoch)) {
        return false;
    }
    if (statement->rule->kind == SENTINEL_CONFIG_EPOCH) {
        imported_state_note_config_epoch(seeds, statement->group, epoch);
    } else {
        imported_state_note_leader_epoch(seeds, statement->group, epoch);
    }
    return true;
}

static bool take_result(const struct conf_statement *statement,
                        enum import_result result, const char *duplicate)
{
    switch (result) {
    case IMPORT_OK:
        return true;
    case IMPORT_DUPLICATE:
        return conf_statement_fail(statement, duplicate);
    case IMPORT_FULL:
        break;
    }
    conf_statement_warn(statement, "is left out: there are too many of them");
    return true;
}

bool sentinel_conf_group_known_replica(const struct conf_statement *statement)
{
    struct address address;
    if (!conf_statement_address(statement, &statement->words[1], &address)) {
        return false;
    }
    return take_result(statement,
                       imported_state_add_node(statement->redis->seeds,
                                               statement->build->conf,
                                               statement->group, &address),
                       "Duplicate hostname and port for replica.");
}

/* Redis 6 gives a peer whose address another one has taken the port 0. */
static bool has_no_port(const struct conf_statement *statement)
{
    int64_t port = 0;
    const char *word = statement->words[2];
    if (!parse_integer(word, strlen(word), 0, 0, &port)) {
        return false;
    }
    conf_statement_warn(statement, "is left out: nobody listens on port 0");
    return true;
}

bool sentinel_conf_group_known_sentinel(const struct conf_statement *statement)
{
    const struct conf *conf = statement->build->conf;
    struct record_peer peer = {0};
    if (statement->count < 4) {
        return true; /* of old versions; it will say hello */
    }
    if (has_no_port(statement)) {
        return true;
    }
    if (!conf_statement_address(statement, &statement->words[1],
                                &peer.address)) {
        return false;
    }
    if (!conf_is_run_id(statement->words[3])) {
        conf_statement_warn(statement,
                            "is left out: its id is not 40 letters and "
                            "digits");
        return true;
    }
    if (strcmp(statement->words[3], conf->myid) == 0) {
        conf_statement_warn(statement,
                            "is left out: that is this one's own id");
        return true;
    }
    copy_text(peer.run_id, sizeof(peer.run_id), statement->words[3]);
    return take_result(statement,
                       imported_state_add_peer(statement->redis->seeds, conf,
                                               statement->group, &peer),
                       "Duplicate runid for sentinel.");
}

bool sentinel_conf_group_rename_command(const struct conf_statement *statement)
{
    struct renames *renames =
        &statement->build->conf->renames[statement->group];
    const char *command = statement->words[1];
    const char *name = statement->words[2];
    if (strcmp(renames_find(renames, command), command) != 0) {
        return conf_statement_fail(statement,
                                   "Same command renamed multiple times with "
                                   "rename-command.");
    }
    const char *fault = renames_fault(command);
    if (fault == NULL && name[0] != '\0') {
        fault = renames_fault(name);
    }
    if (fault != NULL) {
        return conf_fail(statement->build, statement->line,
                         "sentinel %s: a word %s", statement->rule->name,
                         fault);
    }
    if (name[0] == '\0') {
        conf_statement_warn(statement, "is left out: a command without a name "
                                       "cannot be sent");
        return true;
    }
    return renames_put(renames, command, name) ||
           conf_statement_fail(statement, "there are too many of them");
}
