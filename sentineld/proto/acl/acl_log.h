/* What was refused lately, for ACL LOG: at most acllog_max_len entries. */
#ifndef SENTINELD_PROTO_ACL_LOG_H
#define SENTINELD_PROTO_ACL_LOG_H

#include <sys/queue.h>

#include "sentineld/acl.h"

enum acl_reason { ACL_LOG_COMMAND, ACL_LOG_CHANNEL, ACL_LOG_AUTH };
enum { ACL_REASON_COUNT = ACL_LOG_AUTH + 1 };

enum { ACL_LOG_TEXT_SIZE = 128, ACL_LOG_CLIENT_SIZE = 512 };

struct acl_log_entry {
    TAILQ_ENTRY(acl_log_entry) entry;
    uint64_t id;
    uint64_t count; /* how often, within a minute */
    enum acl_reason reason;
    char object[ACL_LOG_TEXT_SIZE];
    char user[ACL_NAME_SIZE];
    char client[ACL_LOG_CLIENT_SIZE]; /* as CLIENT INFO would describe it */
    uint64_t created_us;              /* wall clock */
    uint64_t updated_us;
};
TAILQ_HEAD(acl_log_list, acl_log_entry);

struct acl_log {
    struct acl_log_list entries; /* the newest first */
    size_t count;
    uint64_t last_id;
    uint64_t
        refused[ACL_REASON_COUNT]; /* since the start, ACL LOG RESET or not */
};

struct acl_log *acl_log_new(void);
void acl_log_free(struct acl_log *log);
void acl_log_reset(struct acl_log *log);
/* Copies the refusal, whose id, count and times need not be set; `now_us` is
 * wall clock. The same one within a minute is counted, not added. Then at most
 * `most` entries are left. */
void acl_log_add(struct acl_log *log, const struct acl_log_entry *refusal,
                 uint64_t now_us, size_t most);
const char *acl_reason_name(enum acl_reason reason);

#endif
