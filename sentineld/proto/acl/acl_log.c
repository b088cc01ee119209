/* What was refused lately: who, what, how often. Anybody can cause entries,
 * so there are at most so many, of bounded size; the oldest leave. */
#include "proto/acl/acl_log.h"

#include <stdlib.h>
#include <string.h>

#include "sentineld/memory.h"

enum { SAME_WITHIN_US = 60 * 1000 * 1000 };

struct acl_log *acl_log_new(void)
{
    struct acl_log *log = xcalloc(1, sizeof(*log));
    TAILQ_INIT(&log->entries);
    return log;
}

static void drop(struct acl_log *log, struct acl_log_entry *entry)
{
    TAILQ_REMOVE(&log->entries, entry, entry);
    log->count--;
    free(entry);
}

void acl_log_reset(struct acl_log *log)
{
    struct acl_log_entry *entry;
    while ((entry = TAILQ_FIRST(&log->entries)) != NULL) {
        drop(log, entry);
    }
}

void acl_log_free(struct acl_log *log)
{
    acl_log_reset(log);
    free(log);
}

static struct acl_log_entry *find_same(const struct acl_log *log,
                                       const struct acl_log_entry *refusal,
                                       uint64_t now_us)
{
    struct acl_log_entry *one;
    TAILQ_FOREACH (one, &log->entries, entry) {
        if (one->reason == refusal->reason &&
            now_us < one->updated_us + SAME_WITHIN_US &&
            strcmp(one->object, refusal->object) == 0 &&
            strcmp(one->user, refusal->user) == 0) {
            return one;
        }
    }
    return NULL;
}

static struct acl_log_entry *add_entry(struct acl_log *log,
                                       const struct acl_log_entry *refusal,
                                       uint64_t now_us)
{
    struct acl_log_entry *fresh = xmalloc(sizeof(*fresh));
    *fresh = *refusal;
    fresh->id = log->last_id++;
    fresh->count = 0;
    fresh->created_us = now_us;
    TAILQ_INSERT_HEAD(&log->entries, fresh, entry);
    log->count++;
    return fresh;
}

void acl_log_add(struct acl_log *log, const struct acl_log_entry *refusal,
                 uint64_t now_us, size_t most)
{
    struct acl_log_entry *entry = find_same(log, refusal, now_us);
    log->refused[refusal->reason]++;
    if (entry == NULL) {
        entry = add_entry(log, refusal, now_us);
    } else {
        TAILQ_REMOVE(&log->entries, entry, entry);
        TAILQ_INSERT_HEAD(&log->entries, entry, entry);
        copy_text(entry->client, sizeof(entry->client), refusal->client);
    }
    entry->count++;
    entry->updated_us = now_us;
    while (log->count > most) {
        drop(log, TAILQ_LAST(&log->entries, acl_log_list));
    }
}

const char *acl_reason_name(enum acl_reason reason)
{
    switch (reason) {
    case ACL_LOG_COMMAND:
        return "command";
    case ACL_LOG_CHANNEL:
        return "channel";
    case ACL_LOG_AUTH:
        return "auth";
    }
    return "";
}
