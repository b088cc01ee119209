/* The core's tables: what a supervisor knows. Plain and visible; only
 * core/ changes them, everybody else gets them const.
 *
 *   model ── groups ── group ─┬─ nodes ── node      a Redis server
 *     │                       ├─ master, published  two of these nodes
 *     │                       ├─ voters ── voter  a peer, in this group
 *     │                       └─ newcomers ── voter   would be one: newcomers.c
 *     ├── peers ── peer                           a supervisor process
 *     └── newcomers ── peer                       somebody who says it is one
 *
 * Lists are in order of creation and are what is walked; the hash tables
 * beside them only look up, so no decision depends on hashing. */
#ifndef SENTINELD_MODEL_H
#define SENTINELD_MODEL_H

#include <sys/queue.h>

#include "sentineld/core.h"
#include "sentineld/hash.h"
#include "sentineld/model_failover.h"
#include "sentineld/types.h"

/* A place in the core's heap of deadlines. */
enum timer_owner { TIMER_LINK, TIMER_GROUP };
struct timer {
    msec at;      /* NEVER when not scheduled */
    object_id id; /* of the owner: breaks ties, so order is fixed */
    enum timer_owner owner_kind;
    void *owner;
    size_t slot; /* in the heap */
    bool scheduled;
};

enum link_state { LINK_IDLE, LINK_CONNECTING, LINK_UP };

struct node;
struct peer;
struct group;

struct link {
    object_id id;
    enum link_kind kind;
    enum link_state state;
    struct node *node; /* whose link; one of node and peer is NULL */
    struct peer *peer;
    struct timer timer;
    msec state_since;
    msec connect_at;           /* earliest next attempt, while LINK_IDLE */
    msec connected_in_ms;      /* how long that took last; NEVER = not yet */
    msec heard_at;             /* last fact on this connection */
    enum link_failure failure; /* why it was last down; NONE once it is up */
    msec full_at;              /* it last said that it takes no more; NEVER */
    uint32_t failed_in_a_row;  /* attempts since it last served us */
    uint32_t brief_in_a_row;   /* connections that were cut at once */
    uint32_t refused_in_a_row; /* refusals since anything else happened */
    msec refused_since;        /* the first of them */
    char local_ip[HOST_SIZE];  /* our end, while LINK_UP */
    uint32_t pending_commands; /* decided or sent, not yet answered */
    bool ping_pending;         /* at most one of each on a connection */
    bool info_pending;
    bool hello_pending; /* nodes; a peer's is per voter */
    msec ping_sent_at;  /* last one, on this connection */
    UT_hash_handle hh;  /* by id */
};

/* What pings tell of a process, over all connections to it. */
struct health {
    msec unanswered_since; /* the oldest unanswered ping; NEVER = none */
    msec ok_at;            /* last acceptable reply, or start of watching */
    msec reply_at;         /* last reply of any kind */
    enum pong pong;        /* what it said ... */
    msec pong_since;       /* ... and since when it has said nothing else */
    msec ping_at;          /* when the next ping is due */
    msec down_after_ms;    /* the shortest of all groups that watch it */
};

/* Something we keep a command link to: a node or a peer. */
struct instance {
    struct address address; /* what it is known by: this stays */
    char ip[IP_SIZE];       /* where its name led to last; "" = that is not
                               known, or its address is no name */
    struct address shown;   /* how it is told: by its address, or that ip */
    struct link command;
    struct health health;
};

/* How far a replica is in following the new master. */
enum reconf { RECONF_NONE, RECONF_SENT, RECONF_INPROG, RECONF_DONE };

/* INFO that was asked for after a certain moment, not just now under way. */
enum fresh { FRESH_NONE, FRESH_WANTED, FRESH_ASKED, FRESH_READ };

/* How far a replica is in being cut off from the old master and asked. */
enum cut_off {
    CUT_NONE,
    CUT_WAITING, /* for its connection, just lost, to come back */
    CUT_SENT,    /* ACT_CUT_OFF is out */
    CUT_DONE,    /* it obeyed; its INFO is not here yet */
    CUT_READING, /* it is not known to bear a cut-off: only its INFO */
    CUT_READ,    /* its INFO is newer than all that */
    CUT_REFUSED, /* answered by an error, or never sent */
};

/* Who set what a server demands of its replicas? */
enum fence_owner {
    FENCE_UNKNOWN,   /* it was not read yet */
    FENCE_NOBODYS,   /* it demands nothing, and nobody said so */
    FENCE_OURS,      /* a supervisor */
    FENCE_OPERATORS, /* somebody else, whom we leave alone */
};

/* Managed isolation of one server, see fencing.c. */
struct fence {
    enum fence_owner owner;
    struct min_replicas has; /* as it last said; nothing before that */
    msec read_at;            /* ... on this connection; NEVER */
    msec read_due_at;
    bool read_pending;
    /* What a supervisor set, as far as we know, in which life of it. */
    struct min_replicas ours;
    char run_id[RUN_ID_SIZE]; /* "" = nothing */
    msec wrong_since;         /* it should demand something else; NEVER */
    struct min_replicas sent;
    bool sent_pending;
    msec retry_at; /* not to be told before; 0 = at any time */
    bool bare;     /* refuses CONFIG REWRITE */
    bool set_refused;
    bool adopt;      /* the operator gave it to us */
    bool leads;      /* was the master when it was last looked at */
    bool was_there;  /* was connected */
    bool alone_told; /* that we leave it alone */
    /* A master: replicas that count, as many as are asked for at most. */
    uint32_t good;
    msec good_since;
};

/* What INFO of a node said last. */
struct report {
    msec at; /* NEVER = no INFO yet */
    enum role role;
    msec role_since; /* when it first said so */
    char run_id[RUN_ID_SIZE];
    msec run_id_since; /* when it became another process; 0 = in our time never
                        */
    char replid[RUN_ID_SIZE];
    char replid2[RUN_ID_SIZE];
    int64_t second_repl_offset; /* where replid2 ended; -1 = nowhere */
    struct address master;
    bool master_link_up;
    int64_t master_link_down_s;
    bool loading;
    bool sync_in_progress;
    bool announced;
    uint32_t priority;
    uint64_t offset;
    uint32_t good_replicas; /* a master's that fencing may count on */
    uint64_t keys;
    uint64_t backlog_from; /* replicas can go on from here; NO_OFFSET */
    bool append_only;
    uint64_t unsaved_changes;
    bool saves_failing;
    bool known_engine;
    /* Of a process that took the place of one that we knew: */
    bool was_replica;     /* this process was seen as one */
    bool kept_log;        /* both write each change to an append-only file */
    bool began;           /* it has not yet said what it began with */
    uint64_t keys_begun;  /* ... which is this */
    uint64_t keys_before; /* what the one before held ... */
    bool all_saved;       /* ... and had nothing that was not in its RDB */
};

/* What a replica's INFO proves about its master. */
struct evidence {
    msec asked_at; /* when its INFO was asked for, the last one that came */
    msec heard_at; /* it has heard its master at this time, or since; 0 = that
                      is not known, or its link is down */
};

/* Alarms about a server that lives: see alarm.c. */
struct alarm {
    bool access;  /* a wrong password was announced */
    bool misconf; /* it cannot save, and that was announced */
    bool denied[DENIED_COUNT];
};

/* Would it take a failover's orders? See preflight.c. */
struct preflight {
    enum rehearsal next; /* what comes next ... */
    msec at;             /* ... and when; NEVER */
    bool pending;
};

/* It contradicts our view: see repair.c. */
struct repair {
    msec wrong_since; /* its role or master is wrong; NEVER = right */
    msec sent_at;     /* last repair sent; NEVER = none pending */
    bool pending;     /* its answer is still to come */
};

/* It is not of our kind, and left alone: see foreign.c. */
struct foreign {
    enum quarantine kind;
    enum quarantine suspected; /* would be, if it lasts ... */
    msec suspected_since;      /* ... from this moment on */
    bool adopted;              /* an operator wants it in the group */
};

/* How far it had come in the group's data: see last_offset.c. */
struct last_offset {
    struct sighting seen; /* the last in our histories, also before our start */
    bool unsaved;
    msec in_step_at; /* the master's offset of then is here; NEVER */
};

struct node {
    object_id id;
    struct group *group;
    TAILQ_ENTRY(node) entry;
    struct instance instance;
    struct link hello; /* LINK_NODE_HELLO */
    bool subjective_down;
    msec subjective_down_since;
    struct alarm alarm;
    bool script_killed; /* SCRIPT KILL sent in this down period */
    struct report report;
    msec rebooted_at; /* as another process, and no PONG since; NEVER */
    struct evidence evidence;
    struct last_offset last_offset;
    msec info_at;       /* when the next INFO is due */
    msec info_asked_at; /* when the last one was asked for; NEVER */
    enum fresh fresh;
    msec paused_until; /* we paused its writes; 0 = we did not, or undid it */
    bool bare; /* refuses CONFIG or CLIENT: only SLAVEOF is sent to it */
    bool hello_due;
    struct preflight preflight;
    struct fence fence;
    /* as a replica in a failover that we lead */
    enum cut_off cut_off;
    uint32_t cut_offs_out; /* sent on this connection, not answered */
    msec detached_at;      /* when it had obeyed; NEVER */
    msec followed_at;      /* last told to follow our master; NEVER */
    bool continues;        /* ... and could go on where it stopped */
    bool tried;            /* refused promotion in this failover */
    bool was_fit;          /* at the last attempt on a failover of its group */
    enum reconf reconf;
    msec reconf_at;     /* since when reconf has this value */
    msec reconf_due_at; /* not to be told before */
    bool reconf_said;   /* that it is told, in this failover */
    /* repairs */
    bool former_master; /* was our master, not seen as replica since */
    struct repair repair;
    struct foreign foreign;
    bool dead;         /* removed; freed at the end of the settle */
    UT_hash_handle hh; /* by host:port, within the group */
    char key[HOST_SIZE + 8];
};
TAILQ_HEAD(node_list, node);

/* A peer as a voter of one group. */
struct voter {
    object_id id;
    struct group *group;
    struct peer *peer;
    TAILQ_ENTRY(voter) group_entry;
    TAILQ_ENTRY(voter) peer_entry;
    bool newcomer; /* in group->newcomers, since its hello_at */
    bool subjective_down;
    msec subjective_down_since;
    bool alarmed;     /* +access-denied was said */
    bool says_down;   /* its opinion of the master ... */
    msec answered_at; /* ... at this time; NEVER = none */
    bool ask_pending;
    object_id asked_about; /* the node that the question named */
    msec asked_at;         /* the last question; NEVER = none */
    uint64_t asked_epoch;  /* ... and for a vote in this epoch; 0 = none */
    enum vote_reason asked_reason; /* ... that was given for it */
    bool denies; /* it gave no vote against a master that it hears */
    uint64_t answered_epoch; /* ... of its last answer */
    msec answer_ms;          /* how long its last answer took */
    struct ballot vote;      /* whom it last said it voted for */
    bool vote_is_quiet;      /* it was given for nothing more */
    msec vote_asked_at;      /* when the question behind it was asked */
    msec hello_at;           /* its last hello for this group; NEVER */
    bool hello_due;
    bool hello_pending;
    uint64_t view_epoch; /* config epoch it last told us ... */
    msec view_at;        /* ... and when; NEVER = none */
    bool view_failover;  /* it said that a failover is in progress */
    bool view_gone;      /* ... that it sees the master's process gone */
    char view_only_process[RUN_ID_SIZE]; /* ... or the only one it has met */
    bool view_pending;
    bool view_due; /* somebody named a better configuration */
    msec view_asked_at;
    struct configuration view_told;     /* that it then told ... */
    struct configuration view_accepted; /* ... and the newest that it kept */
    msec granted_at;    /* the question that got its first vote for us ... */
    msec voter_view_at; /* ... and that for its view behind one; NEVER */
    bool voter_view_in; /* ... which was answered */
    bool offer_pending; /* of a configuration: see commit.c */
    msec offered_at;    /* NEVER */
    uint64_t offered_epoch;  /* ... in this epoch ... */
    uint64_t accepted_epoch; /* ... and the last that is on its disk */
};
TAILQ_HEAD(voter_list, voter);

/* A process that has the id of another one. */
struct twin {
    msec seen_at; /* NEVER */
    msec said_at; /* NEVER */
};

/* Where the hellos of one id came from, on one connection. */
struct sightings {
    object_id via;
    msec at; /* NEVER */
    struct address last, before;
};

/* Supervisors of another make, and older ones, accept no configurations. */
enum peer_kind { PEER_UNKNOWN, PEER_OURS, PEER_OTHER };

struct peer {
    object_id id;
    char run_id[RUN_ID_SIZE];
    struct twin twin;
    struct sightings sightings;
    enum peer_kind kind; /* as its last view says */
    enum proven proven;  /* its id, on its last connection */
    bool newcomer;       /* in model.newcomers ... */
    msec met_at;         /* ... since this */
    bool refuted;        /* ... and another id answered, or it stays out */
    TAILQ_ENTRY(peer) entry;
    struct instance instance;
    struct voter_list voters;
    bool dead;
    UT_hash_handle hh; /* by run_id */
};
TAILQ_HEAD(peer_list, peer);

/* Settings that an operator gave and that are not on disk yet. */
struct pending_set {
    STAILQ_ENTRY(pending_set) entry;
    uint64_t version; /* the save that has them */
    uint64_t set_at;  /* wall clock in ms */
    struct admin_option options[MAX_ADMIN_OPTIONS];
    size_t count;
};
STAILQ_HEAD(pending_list, pending_set);

/* A group that is about to be forgotten, or this process to end. */
struct leaving {
    msec until;      /* by then at the latest; 0 = it stays */
    bool forgets;    /* it is forgotten then ... */
    uint64_t client; /* ... and this one is told; 0 = nobody */
};

struct group {
    object_id id;
    char name[NAME_SIZE];
    TAILQ_ENTRY(group) entry;
    TAILQ_ENTRY(group) touched_entry;
    TAILQ_ENTRY(group) unpublished_entry;
    struct group_settings settings;
    struct group_settings declared_settings; /* as in the file */
    uint64_t set_at[SETTING_COUNT]; /* by SENTINEL SET, wall clock in ms */
    struct pending_list pending;
    struct address declared;
    bool from_file;
    bool begins_anew; /* the file names servers that it never met */
    bool dirty;       /* its row changed in this settle */
    bool announced;   /* +monitor was said */
    msec created_at;
    struct node *master;        /* the node we believe in */
    uint64_t config_epoch;      /* epoch of that belief */
    struct node *published;     /* what we tell: the belief, once durable */
    char published_ip[IP_SIZE]; /* ... and where it was, as clients know; "" =
                                   they do not */
    uint64_t published_epoch;
    uint64_t unpublished_version; /* save that publishing waits for; 0 none */
    /* The newest that a leader asked us to keep, or our own offer: it is told
     * to nobody before that leader says that a majority has it. */
    struct configuration accepted;
    bool address_unknown; /* it may be committed: not told who is master */
    uint64_t ruled_out;   /* this one that we keep was never committed */
    msec ruling_at;       /* no election on it alone before */
    bool others_told;     /* that too many peers accept none: said */
    char update_from[RUN_ID_SIZE]; /* who told us of the unpublished one */
    msec switched_at;              /* NEVER = not in this run */
    struct ballot vote;            /* ours */
    bool vote_told;                /* +vote-for-leader was said */
    msec votes_from;       /* we are new to it, or back: none before this */
    msec vote_binds_until; /* no other candidate before this */
    uint64_t stood_epoch[STAND_HISTORY]; /* last epochs seen for this group */
    msec stood_at[STAND_HISTORY];
    bool objective_down;
    msec objective_down_since;
    bool witnessed; /* silent to us, but its replicas hear it: no odown */
    bool path_fault_told;
    msec asked_at; /* last round of questions; NEVER */
    struct last_resort last_resort;
    msec last_offsets_due_at;          /* when to save where the servers are */
    struct master_restart restart;     /* of the master's process */
    char accepted_run_id[RUN_ID_SIZE]; /* adopted with whatever it holds */
    msec unseen_until; /* ... by one who had not met the process before it, or
                        * did not hear all replicas: one that is kept back can
                        * still refute it */
    uint64_t decision; /* number of the one that orders belong to now */
    struct failover failover;
    struct flapping flapping;
    struct leaving leaving;
    struct node_list nodes;
    uint32_t node_count;
    struct node *nodes_by_key;
    struct voter_list voters;
    uint32_t voter_count;
    struct voter_list newcomers;
    msec newcomer_told_at;  /* that one was not proven: said; NEVER */
    msec pool_full_told_at; /* ... that one stays out */
    struct history lineage[LINEAGE_SIZE]; /* newest first */
    uint64_t lineage_epoch; /* config epoch of the master who told it */
    struct report_entry_list reports; /* the same */
    uint32_t report_count;
    msec hello_at;          /* next round of hellos */
    msec twin_seen_at;      /* somebody else said hello with our id; NEVER */
    bool has_twin;          /* ... lately */
    bool same_address_told; /* a replica announces the master's address: said */
    bool no_master_told;    /* the server that was named is a replica: said */
    bool too_many_told;     /* more voters than pool_size: said */
    bool full_told;         /* more servers than a group can have: said */
    struct timer timer;
    bool touched;
    bool dead;
    UT_hash_handle hh; /* by name */
    UT_hash_handle hh_id;
    UT_hash_handle hh_master; /* by key of the published master */
    char master_key[HOST_SIZE + 8];
    UT_hash_handle hh_master_ip;     /* the same by the ip that its name has */
    char master_ip_key[IP_SIZE + 8]; /* "" = not in there */
    bool alias_due;                  /* one of its names leads elsewhere now */
    bool alias_told;                 /* that a name was not taken */
};
TAILQ_HEAD(group_list, group);

/* Time that went by without us: a stopped process, a suspended machine. */
struct tilt {
    bool active; /* +tilt was said, -tilt not yet */
    msec since;
    uint32_t count; /* of all stalls, the small ones too */
};

struct model {
    char self[RUN_ID_SIZE];
    uint64_t current_epoch;
    uint64_t told_epoch; /* the last that +new-epoch was said of */
    struct daemon_settings settings;
    struct daemon_settings declared_settings; /* as in the file */
    struct periods periods;
    unsigned simulated; /* enum simulated_failure: at the next failover */
    uint16_t port;      /* that we listen on */
    msec vote_lease_ms;
    struct tilt tilt;
    bool save_failed; /* the last time that something was to be saved */
    struct group_list groups;
    uint32_t group_count;
    struct group *groups_by_name;
    struct group *groups_by_id;
    struct group *groups_by_master;
    struct group *groups_by_master_ip;
    bool shares_masters; /* two groups once named one master */
    struct twin twin;    /* of ours */
    struct peer_list peers;
    uint32_t peer_count;
    struct peer *peers_by_run_id;
    struct peer_list newcomers; /* the oldest first */
    uint32_t newcomer_count;
    struct link *links_by_id;
    uint64_t ignored_facts; /* unknown ids, stale replies, nonsense */
};

/* The master's process has ended, as we see it with proof, or what runs there
 * now is not known to hold what the replicas hold. */
bool model_is_master_in_doubt(const struct group *group);
/* We have met no process of the master before this one: whether it lacks
 * something we cannot tell. */
bool model_is_first_process(const struct group *group);

/* Look-ups. NULL when there is none. */
const struct group *model_find_group(const struct model *model,
                                     const char *name);
const struct group *model_find_group_by_id(const struct model *model,
                                           object_id id);
/* The group whose published master has this address, or an ip that its name
 * leads to. */
const struct group *model_find_group_at(const struct model *model,
                                        const struct address *address);
const struct peer *model_find_peer(const struct model *model,
                                   const char *run_id);
const struct link *model_find_link(const struct model *model, object_id id);

/* The address that clients and peers are told, as they are to see it: never
 * that of a server that a crash could make us forget. */
const struct address *model_current_address(const struct group *group);

/* The newest that we were asked to keep, told or not; or the one that is
 * told. */
struct configuration model_newest_configuration(const struct group *group);

/* address.c */
/* The text is an IPv4 or IPv6 address, not a name. */
bool host_is_ip(const char *host);
/* Ports equal, and hosts equal ignoring case. */
bool address_equal(const struct address *a, const struct address *b);

/* Supervisors that count for a majority: ourselves and the known voters,
 * but never fewer than pool_size. */
uint32_t model_voters(const struct group *group);
/* How many must find the master down: as set, or a majority of these. */
uint32_t model_quorum(const struct group *group);
/* Ourselves and the voters that are not subjectively down, and let us in. */
uint32_t model_usable(const struct group *group);

/* Is there a replica that could be promoted, as far as we know now? */
bool select_any(const struct group *group, char why_not[GATE_TEXT_SIZE]);

/* After failovers that followed each other: none by itself before this; 0 =
 * there is no pause. */
msec flapping_pause_end(const struct group *group);

/* An operator's order, planned or not. */
bool failover_is_ordered(const struct failover *failover);
/* Clients are told nothing of it. */
bool failover_is_quiet(const struct failover *failover);

/* Sentinel's name of the state, as clients are shown it. */
const char *failover_state_name(const struct failover *failover);

/* report_text.c */
enum { REPORT_SENTENCE_SIZE = 128 };
const char *report_cause_name(enum failover_cause cause);
/* Which writes the failover could not cover, for people. */
void report_uncovered(const struct record_report *row,
                      char sentence[REPORT_SENTENCE_SIZE]);

/* How long this server, cut off as a master, goes on acknowledging writes
 * that will be lost; NEVER = as long as it is cut off. */
msec fencing_bound_ms(const struct node *node);
/* One word for what a group's master demands, and by whose will. */
const char *fencing_state_name(const struct group *group);

/* One or two words for a log line or a reply: "refused", "timed out" ... */
const char *link_failure_name(enum link_failure failure);
/* A few words about why; "" for none. */
const char *foreign_name(enum quarantine quarantine);
/* What is wrong with an instance now; "" when nothing is. */
const char *instance_trouble(const struct instance *instance);

#endif
