/* Plain values that cross folder borders: addresses, run ids, what a hello,
 * an INFO or an operator said, and the records that a daemon keeps on disk.
 *
 * Nothing here owns memory: every string is an array inside its struct, so a
 * value can be copied, compared and kept. */
#ifndef SENTINELD_TYPES_H
#define SENTINELD_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Monotonic milliseconds. Only the runtime and the simulator read a clock. */
typedef uint64_t msec;

/* A group, node, peer, voter or link; 0 = none; never reused in one run. */
typedef uint32_t object_id;

#define NEVER UINT64_MAX

/* Of a replication offset: none, or not known. */
#define NO_OFFSET UINT64_MAX

/* Epochs above this are garbage: a peer that parses signed 64-bit numbers
 * could not repeat them, and counting on would wrap. */
#define EPOCH_MAX ((uint64_t)INT64_MAX / 2)

enum {
    RUN_ID_LEN = 40,
    RUN_ID_SIZE = RUN_ID_LEN + 1,
    HOST_SIZE = 256, /* host name or ip text */
    IP_SIZE = 64,    /* ip text */
    NAME_SIZE = 128, /* a group's name */
    CHANNEL_SIZE = 48,
    EVENT_TEXT_SIZE = 2048,
    GATE_TEXT_SIZE = 400, /* why there is no failover */
    CLIENT_KEY_SIZE = 64, /* a peer's or client's name in a log line */
    SCRIPT_PATH_SIZE = 256,
};

/* Limits. Reaching one is a logged refusal, never a crash. */
enum {
    MAX_GROUPS = 20000,
    MAX_NODES_PER_GROUP = 128,
    MAX_VOTERS_PER_GROUP = 64,
    MAX_PEERS = 256,
    MAX_NEWCOMERS = 64,
    MAX_ADMIN_OPTIONS = 32,
    MAX_REPORTS_PER_GROUP = 8,
};

struct address {
    char host[HOST_SIZE]; /* ip text or host name; "" = unknown */
    uint16_t port;
};

enum role { ROLE_UNKNOWN, ROLE_MASTER, ROLE_REPLICA };

/* A vote: whom, and in which epoch. leader "" and epoch 0 = none yet. */
struct ballot {
    char leader[RUN_ID_SIZE];
    uint64_t epoch;
};

/* Why a vote is asked for, as a candidate tells those of its own kind. */
enum vote_reason {
    REASON_NONE,  /* it does not say: as Redis asks */
    REASON_KEEP,  /* replicas are to be kept from a master that restarted */
    REASON_RULE,  /* a leader before left something to be settled */
    REASON_DOWN,  /* the master does not answer */
    REASON_UNFIT, /* it answers, and cannot be the master */
    REASON_ORDER, /* an operator wants it */
    REASON_COUNT,
};
enum { VOTE_REASON_SIZE = 8 }; /* the word for it and a comma */
/* The word for it between supervisors; "" for none. And what a word says. */
const char *vote_reason_name(enum vote_reason reason);
/* For what nobody is told of? It is none for a failover. */
bool vote_reason_is_quiet(enum vote_reason reason);
bool vote_reason_parse(const char *name, enum vote_reason *reason);

/* One replication history of a group's data. */
struct history {
    char replid[RUN_ID_SIZE]; /* "" = none */
    uint64_t end; /* first offset that is the next one's; NO_OFFSET = none */
};

enum { LINEAGE_SIZE = 8 }; /* histories that are kept of a group */

/* Where in a group's data a server was seen. */
struct sighting {
    char replid[RUN_ID_SIZE]; /* "" = never */
    uint64_t offset;
};

/* Why a server is left alone. */
enum quarantine {
    QUARANTINE_NONE,
    QUARANTINE_HISTORY,  /* it holds data of another history */
    QUARANTINE_UNSYNCED, /* the same, and it follows us but gets nothing */
    QUARANTINE_GROUP,    /* it belongs to another group */
};

/* The text that supervisors tell each other on __sentinel__:hello. */
struct hello {
    struct address sentinel;
    char run_id[RUN_ID_SIZE];
    uint64_t current_epoch;
    char group[NAME_SIZE];
    struct address master;
    uint64_t config_epoch;
};

/* One replica line of a master's INFO. */
struct info_replica {
    struct address address;
    bool online;    /* has the master's data and receives what is new */
    uint32_t lag_s; /* since the master heard from it */
};

/* What INFO of a server said. Fields that were absent have the values given
 * here; info_parse starts from them. */
struct info {
    enum role role;             /* ROLE_UNKNOWN when absent */
    char run_id[RUN_ID_SIZE];   /* "" when absent */
    char replid[RUN_ID_SIZE];   /* master_replid */
    char replid2[RUN_ID_SIZE];  /* master_replid2; "" when all zeros */
    int64_t second_repl_offset; /* -1 */
    bool loading;
    /* a replica's side */
    struct address master; /* master_host, master_port */
    bool master_link_up;
    int64_t master_link_down_s; /* 0 when absent; -1 = never was up */
    int64_t master_last_io_s;   /* -1 */
    bool sync_in_progress;
    uint32_t priority;     /* 100 when absent */
    uint64_t offset;       /* slave_repl_offset, or a master's own */
    uint64_t keys;         /* in all its databases */
    bool announced;        /* replica_announced; true when absent */
    uint64_t backlog_from; /* first offset it can go on from; NO_OFFSET */
    /* what its data survive a restart by */
    bool append_only_known;   /* aof_enabled was there */
    bool append_only;         /* each write is in a file before it counts */
    uint64_t unsaved_changes; /* since it last wrote an RDB; NO_OFFSET */
    bool saves_failing;       /* its last save, or append, was an error */
    /* It is a redis-server or a valkey-server, by what only these tell: one
     * that keeps its data when it is told to follow an address where nobody
     * is. False where that is not certain. */
    bool known_engine;
    /* a master's side */
    struct info_replica replicas[MAX_NODES_PER_GROUP];
    size_t replica_count;
};

/* The words of the file, in this order. */

/* What a server demands before it takes writes; a 0 in either demands
 * nothing. */
struct min_replicas {
    uint32_t replicas;  /* min-replicas-to-write: so many ... */
    uint32_t max_lag_s; /* min-replicas-max-lag: ... heard from so lately */
};

/* What a server may refuse us; each is an alarm of its own. */
enum denied {
    DENIED_INFO,
    DENIED_SUBSCRIBE,
    DENIED_PUBLISH,
    DENIED_CONFIG, /* GET and SET, for fencing */
    /* orders of a failover: */
    DENIED_MULTI,
    DENIED_SLAVEOF,
    DENIED_REWRITE,
    DENIED_KILL,
    DENIED_PAUSE,
};
enum { DENIED_COUNT = DENIED_PAUSE + 1 };

/* The orders of a failover, tried before they are needed. */
enum rehearsal {
    REHEARSAL_TRANSACTION, /* does a spoiled one end without effect? */
    REHEARSAL_ORDERS,      /* what would be refused in one? */
};

/* When is a master that we cannot reach objectively down? */
enum detection {
    DETECTION_WITNESSED, /* not while its replicas hear from it */
    DETECTION_PING,      /* when a quorum of supervisors cannot reach it */
};

/* What becomes of a master that restarted without its data? */
enum on_empty_master {
    ON_EMPTY_FAILOVER, /* a replica that has them is promoted */
    ON_EMPTY_ALERT,    /* replicas are kept from it, an operator decides */
    ON_EMPTY_ALLOW,    /* it stays master, and the replicas copy it */
};

enum selection_order { ORDER_PRIORITY, ORDER_FRESHEST };

/* Do we set the master's min-replicas-to-write, and what comes first when
 * there are too few replicas? */
enum fencing { FENCING_OFF, FENCING_AVAILABILITY, FENCING_SAFETY };

/* Who is master, as decided in this epoch. */
struct configuration {
    uint64_t epoch;
    struct address master;
};

/* What an operator may change of a group while the daemon runs: the name of
 * the constant, type, member, and its dimension if it is a text. The struct,
 * what walks over its members (group_settings.c) and the columns of the
 * database follow from this list; what a file may say of each is its row in
 * proto/config/settings_table.c. */
/* clang-format off */
#define GROUP_SETTINGS(EACH) \
    EACH(QUORUM, uint32_t, quorum, ) /* 0 = a majority */ \
    EACH(PARALLEL_SYNCS, uint32_t, parallel_syncs, ) \
    /* supervisors that the operator runs; 0 = not said */ \
    EACH(POOL_SIZE, uint32_t, pool_size, ) \
    /* a write that WAIT of so many confirmed survives */ \
    EACH(DURABILITY, uint32_t, durability, ) \
    EACH(DETECTION, enum detection, detection, ) \
    EACH(ON_EMPTY_MASTER, enum on_empty_master, on_empty_master, ) \
    EACH(ORDER, enum selection_order, order, ) \
    EACH(FENCING, enum fencing, fencing, ) \
    /* min-replicas-to-write of the master, and its min-replicas-max-lag */ \
    EACH(FENCING_REPLICAS, uint32_t, fencing_replicas, ) \
    EACH(FENCING_MAX_LAG_S, uint32_t, fencing_max_lag_s, ) \
    /* of what is promoted; 0 = no limit */ \
    EACH(MAX_LAG_BYTES, uint64_t, max_lag_bytes, ) \
    EACH(MAX_LAG_MS, msec, max_lag_ms, ) \
    EACH(DOWN_AFTER_MS, msec, down_after_ms, ) \
    EACH(REFUSED_AFTER_MS, msec, refused_after_ms, ) /* 0 = as down_after_ms */ \
    /* busy with a script; 0 = as down_after_ms */ \
    EACH(BUSY_AFTER_MS, msec, busy_after_ms, ) \
    /* loading its data; 0 = never counts as down */ \
    EACH(LOADING_AFTER_MS, msec, loading_after_ms, ) \
    /* a master since it restarted; 0 = as any server */ \
    EACH(REBOOT_AFTER_MS, msec, reboot_after_ms, ) \
    EACH(FAILOVER_TIMEOUT_MS, msec, failover_timeout_ms, ) \
    /* 0 = 30 s, and never with durability */ \
    EACH(LAST_RESORT_MS, msec, last_resort_ms, ) \
    /* Programs that are started, without a shell; "" = none. For each warning, \
     * and for each new master. */ \
    EACH(NOTIFICATION_SCRIPT, char, notification_script, [SCRIPT_PATH_SIZE]) \
    EACH(CLIENT_RECONFIG_SCRIPT, char, client_reconfig_script, \
         [SCRIPT_PATH_SIZE])

/* The same of the daemon itself. */
#define DAEMON_SETTINGS(EACH) \
    /* what hellos say; "" = our own end of each link */ \
    EACH(ANNOUNCE_HOST, char, announce_host, [HOST_SIZE]) \
    /* 0 = the port that we listen on */ \
    EACH(ANNOUNCE_PORT, uint16_t, announce_port, ) \
    /* enum log_level, or one more: nothing */ \
    EACH(LOG_LEVEL, uint32_t, log_level, ) \
    /* names are taken where an ip could stand */ \
    EACH(RESOLVE_HOSTNAMES, bool, resolve_hostnames, ) \
    /* a server with a name is told by it, not by its ip */ \
    EACH(ANNOUNCE_HOSTNAMES, bool, announce_hostnames, )

#define SETTING_MEMBER(name, type, member, dimension) type member dimension;
#define SETTING_CONSTANT(name, type, member, dimension) SETTING_##name,
/* NOLINTNEXTLINE(bugprone-macro-parentheses): terms of one sum */
#define SETTING_COUNTED(name, type, member, dimension) +1
/* clang-format on */

struct group_settings {
    GROUP_SETTINGS(SETTING_MEMBER)
};

struct daemon_settings {
    DAEMON_SETTINGS(SETTING_MEMBER)
};

enum setting { GROUP_SETTINGS(SETTING_CONSTANT) };
enum { SETTING_COUNT = GROUP_SETTINGS(SETTING_COUNTED) };

/* A group as the configuration declares it. */
struct group_conf {
    char name[NAME_SIZE];
    struct address master;
    struct group_settings settings;
};

/* Periods and patience that SENTINEL DEBUG changes until the next start. */
struct periods {
    msec info_ms;             /* between two INFO to a quiet server */
    msec ping_ms;             /* between two PING, at the most */
    msec ask_ms;              /* between two questions to a peer, at most */
    msec hello_ms;            /* between two rounds of hellos */
    msec down_after_ms;       /* of a master that MONITOR adds */
    msec failover_timeout_ms; /* the same */
    msec tilt_trigger_ms;     /* a stall so long is announced as TILT */
    msec tilt_ms;             /* TILT ends at the latest after this */
    msec reconf_ms;           /* a replica's time to follow the new master */
    msec reconnect_ms;        /* shown and kept; links need no such pause */
    msec election_ms;         /* votes must be in by then */
    msec script_runtime_ms;   /* an operator's program may run so long */
    msec script_retry_ms;     /* ... and is tried again after this */
};

/* SENTINEL SIMULATE-FAILURE; a bit set. */
enum simulated_failure {
    SIMULATE_AFTER_ELECTION = 1,
    SIMULATE_AFTER_PROMOTION = 2,
};

/* What the core needs to know of the configuration. */
struct core_conf {
    const struct group_conf *groups; /* borrowed for core_new */
    size_t group_count;
    struct daemon_settings settings;
    uint16_t port;      /* of ours, that peers are to come to */
    msec vote_lease_ms; /* how long a vote binds its voter */
};

/* What an operator asks for (SENTINEL MONITOR, REMOVE, SET ...). The caller
 * has checked texts and ranges; the core checks what depends on its state. */
enum admin_type {
    ADMIN_MONITOR,     /* name, master, settings */
    ADMIN_REMOVE,      /* name */
    ADMIN_SET,         /* name, options */
    ADMIN_RESET,       /* groups: the ids that the pattern matched */
    ADMIN_FAILOVER,    /* name */
    ADMIN_STOP,        /* this process ends: see core_is_at_rest */
    ADMIN_ACKNOWLEDGE, /* name: failovers that followed each other */
    ADMIN_ADOPT,       /* name, target */
    ADMIN_FLUSH,       /* save everything again */
    ADMIN_CONFIG,      /* daemon: the settings as they shall be */
    ADMIN_PERIODS,     /* periods: as they shall be */
    ADMIN_SIMULATE,    /* simulated */
    ADMIN_RELOAD,      /* file, file_before */
    ADMIN_ACCEPT,      /* name, offer, leader: asked by a peer, see commit.c */
};

/* How an operator wants the failover done. */
enum failover_mode {
    FAILOVER_MODE_DEFAULT,     /* without loss where that is possible */
    FAILOVER_MODE_COORDINATED, /* the same, and says what it could not do */
    FAILOVER_MODE_FORCE,       /* at once, whatever is lost */
};

struct admin_option {
    enum setting setting;
    uint64_t value;              /* of a number, or which word */
    char typed[40];              /* its name as the operator typed it */
    char text[SCRIPT_PATH_SIZE]; /* the value as the operator typed it; of a
                                    script "" = none from now on */
};

struct admin {
    enum admin_type type;
    uint64_t client; /* who gets the ACT_ANSWER; opaque; 0 = nobody */
    char name[NAME_SIZE];
    struct address master;
    struct group_settings settings;
    struct admin_option options[MAX_ADMIN_OPTIONS];
    size_t option_count;
    const object_id *groups; /* borrowed for the call */
    size_t group_count;
    enum failover_mode mode; /* FAILOVER: this and the next three */
    struct address target;   /* host "" = the best one */
    msec timeout_ms;         /* 0 = the default */
    bool dry_run;            /* say what would be done */
    struct daemon_settings daemon;
    struct periods periods;
    unsigned simulated;         /* enum simulated_failure */
    struct configuration offer; /* ACCEPT: this and the next */
    char leader[RUN_ID_SIZE];
    /* The configuration as it is now, and as it was read last; borrowed for
     * the call. */
    const struct core_conf *file;
    const struct core_conf *file_before;
};

enum admin_result {
    ADMIN_OK,
    ADMIN_NO_SUCH_GROUP,
    ADMIN_DUPLICATE_GROUP,
    ADMIN_TOO_MANY_GROUPS,
    ADMIN_IN_PROGRESS,
    ADMIN_NO_GOOD_REPLICA,
    ADMIN_REFUSED, /* for the reason in the answer's text */
};

/* A row of durable state. The core says which rows change; the store keeps
 * them. The key of each kind is its first member (for nodes and members, the
 * first two). */
enum record_kind {
    RECORD_SELF,
    RECORD_GROUP,
    RECORD_NODE,
    RECORD_PEER,
    RECORD_MEMBER,
    RECORD_REPORT,
};

struct record_self {
    char run_id[RUN_ID_SIZE];
    uint64_t current_epoch;
    struct daemon_settings declared; /* what the file said when last read */
    struct daemon_settings settings;
};

struct record_group {
    char name[NAME_SIZE];
    bool removed;   /* REMOVEd at run time although the file declares it */
    bool from_file; /* declared by the file, not by MONITOR */
    struct address declared; /* what the file said when last read */
    struct group_settings declared_settings;
    uint64_t set_at[SETTING_COUNT]; /* by SENTINEL SET, wall clock in ms; 0 =
                                       not, or unknown */
    struct address master;          /* what we believe */
    struct group_settings settings;
    uint64_t config_epoch;
    struct configuration accepted; /* from a leader; see commit.c */
    struct ballot vote;
    struct history lineage[LINEAGE_SIZE]; /* newest first */
    uint64_t lineage_epoch;
};

struct record_node {
    char group[NAME_SIZE];
    struct address address;
    /* Fencing: what supervisors made it demand, in this life of it. */
    struct min_replicas min_replicas;
    char fenced_run_id[RUN_ID_SIZE]; /* "" = nothing is ours */
    struct sighting seen;            /* saved now and then only */
    bool former_master;              /* and not seen as a replica since */
    bool adopted; /* by an operator, though it was in quarantine */
    enum quarantine quarantine;
};

struct record_peer {
    char run_id[RUN_ID_SIZE];
    struct address address;
};

struct record_member {
    char group[NAME_SIZE];
    char run_id[RUN_ID_SIZE];
};

enum failover_cause {
    CAUSE_UNKNOWN, /* another supervisor led it */
    CAUSE_DOWN,
    CAUSE_FORCED,  /* by order, without a pause of writes */
    CAUSE_PLANNED, /* by order, and nothing may be lost */
};

enum { REPORT_CANDIDATES_SIZE = 1200 };

/* One failover and what it cost; the key is group and epoch. Offsets and
 * counts that are not known are NO_OFFSET, times NEVER. */
struct record_report {
    char group[NAME_SIZE];
    uint64_t epoch;
    uint64_t unix_ms; /* wall clock, for people */
    enum failover_cause cause;
    bool led; /* by us; else only leader, from and to are known */
    char leader[RUN_ID_SIZE];
    struct address from;
    char from_run_id[RUN_ID_SIZE];
    struct address to;
    uint64_t duration_ms;     /* from standing for leader to the promotion */
    uint64_t master_offset;   /* last seen of the old master ... */
    uint64_t promoted_offset; /* ... and of what was promoted */
    uint64_t behind_bytes;    /* the difference */
    uint64_t behind_ms;       /* the old master may have acknowledged writes
                                 for so long that the new one has not */
    uint64_t lost_bytes;      /* what only the old master had, once seen */
    char candidates[REPORT_CANDIDATES_SIZE]; /* a JSON array; "" = unknown */
};

struct record {
    enum record_kind kind;
    bool deleted; /* the row with this key goes away */
    union {
        struct record_self self;
        struct record_group group;
        struct record_node node;
        struct record_peer peer;
        struct record_member member;
        struct record_report report;
    };
};

/* A sentence about what went wrong, for an operator. */
struct error {
    char text[512];
};

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) \
    __attribute__((__format__(__printf__, text, first)))

#endif
