/* What clients can ask: requests in, replies or facts out. */
#ifndef SENTINELD_COMMAND_H
#define SENTINELD_COMMAND_H

#include "sentineld/acl.h"
#include "sentineld/core.h"
#include "sentineld/renames.h"
#include "sentineld/resp.h"
#include "sentineld/session.h"
#include "sentineld/types.h"

/* What getrusage knows. */
struct processor_time {
    uint64_t user_us;
    uint64_t system_us;
};

/* Facts of the process for INFO; filled by the runtime. */
struct server_status {
    uint16_t port;       /* that hellos tell of */
    uint16_t plain_port; /* where we listen without TLS; 0 = nowhere */
    uint16_t tls_port;   /* ... and with it; 0 = nowhere */
    int64_t process_id;
    char run_id[RUN_ID_SIZE]; /* of this process, not SENTINEL MYID */
    uint64_t uptime_s;
    uint64_t now_us;     /* wall clock, for server_time_usec only */
    char system[256];    /* "Linux 6.1.0 x86_64" */
    char listening[512]; /* "bind=127.0.0.1,bind=-::1" */
    const char *executable;
    const char *config_file;
    uint32_t connected_clients;
    uint32_t max_clients;
    uint32_t acllog_max_len;
    uint64_t total_connections;
    uint64_t rejected_connections;
    uint64_t total_commands;
    uint64_t total_input_bytes;
    uint64_t total_output_bytes;
    uint64_t total_error_replies;
    uint64_t total_reads;
    uint64_t total_writes;
    uint64_t commands_per_s; /* of late, as are these two: */
    uint64_t input_bytes_per_s;
    uint64_t output_bytes_per_s;
    struct processor_time cpu;
    struct processor_time cpu_children;
    struct processor_time cpu_main_thread;
    bool is_supervised; /* systemd is told how we are */
    bool save_failing;  /* degraded: the state cannot be written */
    char save_error[256];
    uint64_t saves;
    uint64_t save_failures;
};

struct jobs;

struct info_cache;

/* Random bytes for one ACL GENPASS. */
enum { COMMAND_RANDOM_SIZE = 512 };

struct command_context {
    const struct model *model;
    struct acl *acl;   /* who clients can be, and what they may do */
    bool has_acl_file; /* ACL LOAD and SAVE have a file to work on */
    /* COMMAND_RANDOM_SIZE bytes, used once; NULL: none drawn yet */
    const unsigned char *random;
    const struct server_status *status;
    msec now;
    const char *peer_user; /* how we log in at peers; NULL = no name */
    bool has_peer_password;
    struct session_book *sessions;  /* who is connected */
    const struct jobs *jobs;        /* scripts; NULL = none */
    const struct info_cache *infos; /* NULL = none */
    /* Can a script of this path be started? NULL: scripts are not changed at
     * run time. */
    bool (*is_executable)(const char *path);
    const char *dir; /* that a relative path is looked up in; NULL: where we are
                      */
};

/* What a command wants of those who keep the users. */
enum users_order_type {
    USERS_CHANGED, /* keep `change`, which is made already */
    USERS_LOAD,    /* take the users of the access list file */
    USERS_SAVE,    /* write the access list file */
};

struct users_order {
    enum users_order_type type;
    struct acl_change change; /* CHANGED; owned, see command_fact_clear */
    bool is_counted;          /* the reply is `count` and not OK */
    int64_t count;
};

/* Another login for a group's servers (SENTINEL SET), or for peers (SENTINEL
 * CONFIG SET); and what their commands are called, which is no business of the
 * core either. */
enum { LOGIN_TEXT_SIZE = 512 };
struct login_change {
    char group[NAME_SIZE]; /* "" = peers */
    bool has_user;
    bool has_password;
    char user[LOGIN_TEXT_SIZE]; /* "" = none from now on; so the password */
    char password[LOGIN_TEXT_SIZE];
    /* A name like the command's: it has that from now on. */
    struct rename renames[MAX_ADMIN_OPTIONS];
    size_t rename_count;
};

/* A fact that a command asks for, with the storage it borrows from. */
struct command_fact {
    struct users_order users;
    struct login_change *login; /* owned; NULL = none */
    struct core_event event;
    struct hello hello;
    struct admin admin;
    object_id *groups; /* RESET; owned, freed by command_fact_clear */
};

enum command_next {
    COMMAND_REPLIED,  /* the reply is written */
    COMMAND_FACT,     /* record fact->event; the reply is written too */
    COMMAND_WAIT,     /* record fact->event; the reply is an ACT_ANSWER's */
    COMMAND_CLOSE,    /* write what there is, then close */
    COMMAND_SHUTDOWN, /* the daemon ends; no reply */
    COMMAND_USERS,    /* do fact->users; the reply follows when it is done */
    COMMAND_LOGIN,    /* keep fact->login; the reply follows when it is done */
    COMMAND_RANDOM,   /* nothing was done: give the context random bytes and
                       * run it again */
    COMMAND_AGAIN,    /* the reply is not whole: run it again soon, with the
                       * same request, and nothing else in between */
    COMMAND_POSTPONE, /* nothing was done: clients are paused; run it again
                       * when that is over */
};

/* Runs one request. `token` is put into the fact as its `client`. Nothing is
 * written for a client that wants no replies; then what session_is_silent
 * said before the call goes for the reply of an ACT_ANSWER too. Afterwards
 * sessions may be doomed, this one among them. */
enum command_next command_run(const struct command_context *context,
                              struct session *session,
                              const struct resp_request *request,
                              uint64_t token, struct resp_writer *writer,
                              struct command_fact *fact);
void command_fact_clear(struct command_fact *fact);

/* The reply of an ACT_ANSWER. */
void command_finish(const struct core_action *answer,
                    struct resp_writer *writer);
/* The reply of a COMMAND_USERS that is done. */
void command_finish_users(const struct users_order *order,
                          struct resp_writer *writer);
/* The same when the state could not be made durable. */
void command_refuse(const struct core_action *answer,
                    struct resp_writer *writer);

#endif
