/* The keys of the native configuration file: one table for the file's top
 * level, one for a group.
 *
 * A row says where a value goes, what values are allowed, what holds when the
 * key is not given, and what it means. Defaults, range checks, the error for
 * an unknown key and the test that conf/sentineld.conf tells the truth all
 * follow from the rows; a new key is one new row (and its paragraph in
 * conf/sentineld.conf, which the test asks for).
 *
 * Nothing here knows libconfig: reading is conf_value.c's. */
#include "conf_private.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sentineld/info.h"
#include "sentineld/memory.h"

#define MEMBER_SIZE(type, member) sizeof(((struct type *)NULL)->member)
#define MEMBER(type, member) \
    offsetof(struct type, member), MEMBER_SIZE(type, member)
#define TEXT_MAX(type, member) (MEMBER_SIZE(type, member) - 1)

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static const struct conf_key top_keys[] = {
    {"port", CONF_NUMBER, MEMBER(conf, port), 1, 65535, "26379",
     "The TCP port that clients and the other supervisors connect to."},
    {"bind", CONF_BINDS, MEMBER(conf, bind), 0, CONF_MAX_BIND, "[ ]",
     "The addresses to listen on. None: all of this machine's."},
    {"protected_mode", CONF_SWITCH, MEMBER(conf, protected_mode), 0, 0, "false",
     "While bind names no address, serve only clients of this machine. The "
     "supervisors of a pool must reach each other, so this is for trying "
     "things out."},
    {"dir", CONF_TEXT, MEMBER(conf, dir), 1, TEXT_MAX(conf, dir),
     "\"/var/lib/sentineld\"",
     "The directory of the state database. Epochs and votes are in it: it must "
     "survive a restart, and each supervisor has its own."},
    {"logfile", CONF_TEXT, MEMBER(conf, logfile), 0, TEXT_MAX(conf, logfile),
     "\"\"", "Where log lines go. Empty: to standard output."},
    {"loglevel", CONF_CHOICE, MEMBER(conf, loglevel), CHOICE_LEVEL, 0,
     "\"notice\"", "How much is logged."},
    {"log_format", CONF_CHOICE, MEMBER(conf, log_format), CHOICE_FORMAT, 0,
     "\"text\"",
     "Lines as Redis writes them, or one JSON object each with the keys time, "
     "pid, level and message."},
    {"syslog_enabled", CONF_SWITCH, MEMBER(conf, syslog_enabled), 0, 0, "false",
     "Log lines go to the system's log too."},
    {"syslog_ident", CONF_TEXT, MEMBER(conf, syslog_ident), 1,
     TEXT_MAX(conf, syslog_ident), "\"sentineld\"",
     "The name that they have there."},
    {"syslog_facility", CONF_CHOICE, MEMBER(conf, syslog_facility),
     CHOICE_FACILITY, 0, "\"local0\"", "The facility that they belong to."},
    {"daemonize", CONF_SWITCH, MEMBER(conf, daemonize), 0, 0, "false",
     "Go to the background once everything is ready. A service manager wants "
     "it to stay in the foreground."},
    {"pidfile", CONF_TEXT, MEMBER(conf, pidfile), 0, TEXT_MAX(conf, pidfile),
     "\"\"", "A file that holds the process id while it runs. Empty: none."},
    {"supervised", CONF_CHOICE, MEMBER(conf, supervised), CHOICE_SUPERVISED, 0,
     "\"auto\"",
     "Tell systemd when it is ready and that it is alive. auto: when systemd "
     "asks for it."},
    {"user", CONF_TEXT, MEMBER(conf, user), 0, TEXT_MAX(conf, user), "\"\"",
     "The system's user that a daemon started by root becomes, before it opens "
     "its log, its state and its port. Empty: it stays who it is."},
    {"announce_host", CONF_HOST, MEMBER(conf, announce_host), 0,
     TEXT_MAX(conf, announce_host), "\"\"",
     "The address that the other supervisors are told to find this one at, "
     "when it is not the one its connections come from (NAT, containers). "
     "Empty: the local end of each connection."},
    {"announce_port", CONF_NUMBER, MEMBER(conf, announce_port), 0, 65535, "0",
     "The port that goes with it. 0: the value of port."},
    {"max_clients", CONF_NUMBER, MEMBER(conf, max_clients), 1, 1000000, "10000",
     "Connections from clients and other supervisors that are served at the "
     "same time; one more is refused with a message."},
    {"client_output_limit_bytes", CONF_NUMBER,
     MEMBER(conf, client_output_limit_bytes), 65536, 1073741824, "33554432",
     "A client that lets more than this wait unread is closed."},
    {"vote_lease_ms", CONF_NUMBER, MEMBER(conf, vote_lease_ms), 500, 60000,
     "2000",
     "How long a vote binds this supervisor to the candidate it voted for. Use "
     "the same value in the whole pool."},
    {"pool_size", CONF_NUMBER, MEMBER(conf, pool_size), 0,
     MAX_MEMBERS_PER_GROUP, "0",
     "How many supervisors you run. A majority is never counted of fewer, and "
     "more of them is an alarm. 0: not said; those that are known count."},
    {"deny_scripts_reconfig", CONF_SWITCH, MEMBER(conf, deny_scripts_reconfig),
     0, 0, "true",
     "Scripts are named here only, not by SENTINEL SET: who can reach the port "
     "cannot choose what runs."},
    {"groups", CONF_GROUPS, offsetof(struct conf, groups), 0, 0, MAX_GROUPS,
     "( )",
     "The masters to watch, each with its replicas. Groups can also be added "
     "at run time with SENTINEL MONITOR."},
};

static const struct conf_key group_keys[] = {
    {"name", CONF_NAME, MEMBER(conf_draft, group.name), 1,
     TEXT_MAX(conf_draft, group.name), NULL,
     "The name by which clients ask for this master."},
    {"host", CONF_HOST, MEMBER(conf_draft, group.master.host), 1,
     TEXT_MAX(conf_draft, group.master.host), NULL,
     "The master's address at the first start. Later the supervisors know "
     "better; the replicas are found through the master."},
    {"port", CONF_NUMBER, MEMBER(conf_draft, group.master.port), 1, 65535, NULL,
     "The master's port."},
    {"quorum", CONF_NUMBER, MEMBER(conf_draft, group.settings.quorum), 1,
     MAX_MEMBERS_PER_GROUP, NULL,
     "How many supervisors must find the master down before one of them may "
     "stand for leader. To be elected takes a majority as well."},
    {"down_after_ms", CONF_NUMBER,
     MEMBER(conf_draft, group.settings.down_after_ms), 10, DAY_MS, "30000",
     "A server counts as down after this time without an acceptable reply."},
    {"refused_after_ms", CONF_NUMBER,
     MEMBER(conf_draft, group.settings.refused_after_ms), 0, DAY_MS, "0",
     "The same for a server whose machine refuses connections, because the "
     "process is gone. 0: as down_after_ms, and never more than that."},
    {"failover_timeout_ms", CONF_NUMBER,
     MEMBER(conf_draft, group.settings.failover_timeout_ms), 100, DAY_MS,
     "180000",
     "How long a failover waits for the replicas to follow the new master. "
     "Then the rest of them are told at once, and it ends."},
    {"parallel_syncs", CONF_NUMBER,
     MEMBER(conf_draft, group.settings.parallel_syncs), 1, MAX_NODES_PER_GROUP,
     "1", "How many replicas are pointed to a new master at the same time."},
    {"pool_size", CONF_NUMBER, MEMBER(conf_draft, group.settings.pool_size), 0,
     MAX_MEMBERS_PER_GROUP, "0",
     "pool_size of this group alone. 0: the value above."},
    {"durability", CONF_NUMBER, MEMBER(conf_draft, group.settings.durability),
     0, MAX_NODES_PER_GROUP - 1, "0",
     "A write that WAIT of so many replicas has confirmed survives every "
     "failover: no replica is promoted before enough of them are cut off and "
     "have answered, however long that takes. 0: whoever answers is enough."},
    {"auth_user", CONF_TEXT, MEMBER(conf_draft, login.user), 0,
     TEXT_MAX(conf_draft, login.user), "\"\"",
     "The user to log in as on the group's servers. Empty: with the password "
     "alone."},
    {"auth_pass", CONF_TEXT, MEMBER(conf_draft, login.password), 0,
     TEXT_MAX(conf_draft, login.password), "\"\"",
     "The password for the group's servers. Empty: none is sent."},
    {"auth_pass_file", CONF_TEXT, MEMBER(conf_draft, password_file), 0,
     TEXT_MAX(conf_draft, password_file), "\"\"",
     "A file whose first line is the password, instead of auth_pass."},
    {"notification_script", CONF_TEXT,
     MEMBER(conf_draft, group.settings.notification_script), 0,
     TEXT_MAX(conf_draft, group.settings.notification_script), "\"\"",
     "A program that is started for each warning about the group, with the "
     "event's name and its text as arguments. Empty: none."},
    {"client_reconfig_script", CONF_TEXT,
     MEMBER(conf_draft, group.settings.client_reconfig_script), 0,
     TEXT_MAX(conf_draft, group.settings.client_reconfig_script), "\"\"",
     "A program that is started when the master has changed, with the group's "
     "name, leader or observer, start, and host and port of the old and of "
     "the new master as arguments. Empty: none."},
};

const struct conf_table conf_top_table = {top_keys, sizeof(top_keys) /
                                                        sizeof(top_keys[0])};
const struct conf_table conf_group_table = {
    group_keys, sizeof(group_keys) / sizeof(group_keys[0])};

enum { MAX_WORDS = 10 };

/* Each list ends in NULL. */
static const char *const choices[][MAX_WORDS] = {
    [CHOICE_LEVEL] = {"debug", "verbose", "notice", "warning", "nothing"},
    [CHOICE_FORMAT] = {"text", "json"},
    [CHOICE_FACILITY] = {"user", "local0", "local1", "local2", "local3",
                         "local4", "local5", "local6", "local7"},
    [CHOICE_SUPERVISED] = {"no", "auto", "systemd"},
};

const struct conf_key *conf_table_find(const struct conf_table *table,
                                       const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->keys[i].name, name) == 0) {
            return &table->keys[i];
        }
    }
    return NULL;
}

enum { NAME_MOST = 48 }; /* bytes of a name that are compared */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many characters must be inserted, removed, replaced or swapped with
 * their neighbour to get from one text to the other: the usual table of
 * distances between beginnings of both, of which three rows are needed. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][NAME_MOST + 1];
    size_t a_length = strnlen(a, NAME_MOST);
    size_t b_length = strnlen(b, NAME_MOST);
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = smaller(replaced, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                row[j] = smaller(row[j], two_above[j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

/* As keys are written: small letters, '_' for '-'. */
static void write_as_key(const char *name, char key[NAME_MOST + 1])
{
    copy_text(key, NAME_MOST + 1, name);
    conf_lower_case(key);
    for (char *c = key; *c != '\0'; c++) {
        if (*c == '-') {
            *c = '_';
        }
    }
}

const struct conf_key *conf_table_guess(const struct conf_table *table,
                                        const char *name)
{
    const struct conf_key *best = NULL;
    const struct conf_key *longer = NULL; /* "down_after" for down_after_ms */
    size_t best_distance = strlen(name) / 3 + 1;
    char typed[NAME_MOST + 1];
    write_as_key(name, typed);
    for (size_t i = 0; i < table->count; i++) {
        const struct conf_key *key = &table->keys[i];
        size_t distance = edit_distance(typed, key->name);
        if (distance < best_distance) {
            best = key;
            best_distance = distance;
        }
        if (longer == NULL && strlen(typed) >= 3 &&
            strncmp(typed, key->name, strlen(typed)) == 0) {
            longer = key;
        }
    }
    return best != NULL ? best : longer;
}

int conf_choice_find(enum conf_choice choice, const char *word)
{
    for (int i = 0; choices[choice][i] != NULL; i++) {
        if (strcasecmp(choices[choice][i], word) == 0) {
            return i;
        }
    }
    return -1;
}

/* "text or json", "a, b or c". */
static void list_words(enum conf_choice choice, char text[CONF_RANGE_SIZE])
{
    const char *const *words = choices[choice];
    text[0] = '\0';
    for (size_t i = 0; words[i] != NULL; i++) {
        size_t used = strlen(text);
        const char *separator = words[i + 1] == NULL ? " or " : ", ";
        (void)snprintf(text + used, CONF_RANGE_SIZE - used, "%s%s",
                       i == 0 ? "" : separator, words[i]);
    }
}

void conf_key_set_number(const struct conf_key *key, void *base, uint64_t value)
{
    char *member = (char *)base + key->offset;
    uint16_t value_16 = (uint16_t)value;
    uint32_t value_32 = (uint32_t)value;
    assert(key->type == CONF_NUMBER);
    assert(value >= key->minimum && value <= key->maximum);
    if (key->size == sizeof(value_16)) {
        memcpy(member, &value_16, sizeof(value_16));
    } else if (key->size == sizeof(value_32)) {
        memcpy(member, &value_32, sizeof(value_32));
    } else {
        assert(key->size == sizeof(value));
        memcpy(member, &value, sizeof(value));
    }
}

/* The default of a text without its quotes. */
static void unquote(const char *quoted, char *text, size_t size)
{
    size_t length = strlen(quoted);
    assert(length >= 2 && length - 2 < size && quoted[0] == '"');
    memcpy(text, quoted + 1, length - 2);
    text[length - 2] = '\0';
}

static void set_default(const struct conf_key *key, void *base)
{
    char *member = (char *)base + key->offset;
    char word[CONF_SHOWN_SIZE];
    uint64_t number = 0;
    bool on = false;
    int index = 0;
    switch (key->type) {
    case CONF_NUMBER:
        if (!parse_unsigned(key->standard, strlen(key->standard), UINT64_MAX,
                            &number)) {
            assert(false); /* the table is ours */
        }
        conf_key_set_number(key, base, number);
        return;
    case CONF_SWITCH:
        on = strcmp(key->standard, "true") == 0;
        memcpy(member, &on, sizeof(on));
        return;
    case CONF_CHOICE:
        unquote(key->standard, word, sizeof(word));
        index = conf_choice_find((enum conf_choice)key->minimum, word);
        memcpy(member, &index, sizeof(index));
        return;
    case CONF_TEXT:
    case CONF_NAME:
    case CONF_HOST:
        unquote(key->standard, member, key->size);
        return;
    case CONF_BINDS:
    case CONF_GROUPS:
        return; /* none, which is what zeros say */
    }
}

void conf_table_set_defaults(const struct conf_table *table, void *base)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->keys[i].standard != NULL) {
            set_default(&table->keys[i], base);
        }
    }
}

void conf_key_range(const struct conf_key *key, char text[CONF_RANGE_SIZE])
{
    size_t size = CONF_RANGE_SIZE;
    switch (key->type) {
    case CONF_NUMBER:
        (void)snprintf(text, size, "%" PRIu64 " to %" PRIu64, key->minimum,
                       key->maximum);
        return;
    case CONF_SWITCH:
        copy_text(text, size, "true or false");
        return;
    case CONF_TEXT:
        (void)snprintf(text, size, "%s%" PRIu64 " bytes",
                       key->minimum == 0 ? "at most " : "1 to ", key->maximum);
        return;
    case CONF_NAME:
        (void)snprintf(text, size,
                       "1 to %" PRIu64 " bytes without blanks, control "
                       "characters, commas and quotes",
                       key->maximum);
        return;
    case CONF_HOST:
        (void)snprintf(text, size, "an ip address or a host name%s",
                       key->minimum == 0 ? ", or empty" : "");
        return;
    case CONF_CHOICE:
        list_words((enum conf_choice)key->minimum, text);
        return;
    case CONF_BINDS:
        (void)snprintf(text, size, "at most %" PRIu64 " ip addresses",
                       key->maximum);
        return;
    case CONF_GROUPS:
        (void)snprintf(text, size, "at most %" PRIu64 " groups", key->maximum);
        return;
    }
}
