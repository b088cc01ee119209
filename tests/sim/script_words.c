/* Statements of a script: the table of their names, and their words. */
#include <errno.h>
#include <stdio.h>

#include "rest.h"
#include "script.h"
#include "sentineld/memory.h"
#include "sim.h"

struct statement {
    const char *name;
    size_t words_min; /* its name included */
    bool (*run)(struct script *script);
    const char *usage;
};

static const struct statement statements[] = {
    {"group", 2, script_group, "group NAME [quorum=N down-after=T ...]"},
    {"redis", 2, script_redis,
     "redis NAME [of=R offset=N runid=T priority=N never-synced foreign"
     " aof=yes engine=E]"},
    {"sentinels", 2, script_sentinels, "sentinels N [quorum=N ...]"},
    {"writer", 3, script_writer, "writer NAME beside=P [wait=K pooled]"},
    {"account", 1, script_account, "account"},
    {"discover", 1, script_discover, "discover [step=T settle=T]"},
    {"world", 2, script_world,
     "world [delay=T delay-max=T lease=T leases=unequal save-max=T sync=T"
     " load=T seed=N writes log names announce-ips[=odd] allow=S1]"},
    {"names", 3, script_names,
     "names NAME moved | announced | hidden | lost | found"},
    {"rules", 2, script_rules, "rules strict | detached | charged ..."},
    {"at", 2, script_at, "at T"},
    {"rest", 1, script_rest, "rest [NAME ...]"},
    {"monitor-again", 1, script_monitor_again, "monitor-again"},
    {"older", 2, script_older, "older SENTINEL: keeps no configurations"},
    {"run", 2, script_wait, "run T | run until TEXT [within=T]"},
    {"show", 1, script_show, "show"},
    {"pause", 2, script_server, "pause NAME ..."},
    {"resume", 2, script_server, "resume NAME ..."},
    {"kill", 2, script_server, "kill NAME ..."},
    {"start", 2, script_server, "start NAME ..."},
    {"restart-aof", 2, script_server, "restart-aof NAME [behind=N]"},
    {"restart-empty", 2, script_server, "restart-empty NAME ..."},
    {"refuse", 2, script_server, "refuse NAME ..."},
    {"obey", 2, script_server, "obey NAME ..."},
    {"wrong-password", 2, script_server, "wrong-password NAME ..."},
    {"right-password", 2, script_server, "right-password NAME ..."},
    {"busy", 2, script_server, "busy NAME ..."},
    {"unsaved", 2, script_server, "unsaved NAME ..."},
    {"saved", 2, script_server, "saved NAME ..."},
    {"demote", 2, script_server, "demote NAME of=R"},
    {"demand", 4, script_server, "demand NAME replicas=N lag=N"},
    {"priority", 3, script_server, "priority NAME to=N"},
    {"refuse-config", 2, script_server, "refuse-config NAME ..."},
    {"promote", 2, script_server, "promote NAME ..."},
    {"cut", 3, script_cut, "cut A B ... | cut A > B ... | cut A all"},
    {"heal", 1, script_heal, "heal [A B ... | A > B ... | A all]"},
    {"reject", 3, script_reject, "reject A ... B"},
    {"unreject", 3, script_reject, "unreject A ... B"},
    {"split", 2, script_split, "split A ..."},
    {"unsplit", 2, script_split, "unsplit A ..."},
    {"slow", 3, script_slow, "slow A T"},
    {"break", 3, script_break, "break A B"},
    {"forever", 4, script_for_ever, "forever cut | reject A B"},
    {"ghost", 2, script_server, "ghost NAME ..."},
    {"disk", 3, script_disk,
     "disk NAME fails | works | save=T | crash-before | crash-after"},
    {"failover", 2, script_admin, "failover NAME [force | coordinated]"},
    {"flush", 2, script_admin, "flush NAME"},
    {"acknowledge", 2, script_admin, "acknowledge NAME"},
    {"set", 4, script_admin, "set NAME OPTION VALUE"},
    {"simulate", 3, script_admin, "simulate NAME election | promotion"},
    {"adopt", 3, script_admin, "adopt NAME SERVER"},
    {"reset", 2, script_admin, "reset NAME"},
    {"remove", 2, script_admin, "remove NAME"},
    {"monitor", 3, script_admin, "monitor NAME MASTER"},
};

bool script_execute(struct script *script)
{
    const char *name = script->words[0];
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        const struct statement *statement = &statements[i];
        if (strcmp(statement->name, name) != 0) {
            continue;
        }
        if (script->word_count < statement->words_min) {
            return script_fail(script, "usage: %s", statement->usage);
        }
        return statement->run(script);
    }
    return script_fail(script, "no such statement: %s", name);
}

const char *script_option(const struct script *script, const char *key)
{
    size_t length = strlen(key);
    for (size_t i = 1; i < script->word_count; i++) {
        const char *word = script->words[i];
        if (strncmp(word, key, length) == 0 && word[length] == '=') {
            return word + length + 1;
        }
    }
    return NULL;
}

bool script_has(const struct script *script, const char *word)
{
    for (size_t i = 1; i < script->word_count; i++) {
        if (strcmp(script->words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

bool script_mentions(const struct script *script, const char *statement,
                     const char *name)
{
    size_t length = strlen(statement);
    for (size_t i = 0; i < script->line_count; i++) {
        const char *line = script->lines[i];
        const char *at = strncmp(line, statement, length) == 0
                             ? strstr(line + length, name)
                             : NULL;
        char end = at == NULL ? 'x' : at[strlen(name)];
        if (at != NULL && at[-1] == ' ' && (end == '\0' || end == ' ')) {
            return true;
        }
    }
    return false;
}

bool script_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text) {
        return false;
    }
    if (strcmp(end, "s") == 0) {
        value *= 1000;
    } else if (*end != '\0' && strcmp(end, "ms") != 0) {
        return false;
    }
    *number = value;
    return true;
}
