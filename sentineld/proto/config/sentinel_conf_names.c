/* The directives of Redis and Valkey that may stand in a sentinel.conf and
 * that we do not obey. Any server directive is legal there, so the list is
 * that of a whole server, 6.2 to Valkey 8; which of them exist is known from
 * CONFIG GET * and the release notes.
 *
 * Most mean nothing to a supervisor. Where somebody may rely on one - a
 * password, say - the warning tells what he does not get. */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "proto/config/sentinel_conf.h"

static const struct {
    const char *name; /* a trailing * stands for any ending */
    const char *effect;
} missed[] = {
    {"rename-command", "has no effect: commands keep their names"},
    {"tls-auth-clients-user",
     "has no effect: what a certificate says names no user"},
    {"client-output-buffer-limit", "has no effect: the limit is 32 MB"},
    {"tls-cluster", "has no effect: there is no cluster bus here"},
    {"tls-dh-params-file",
     "has no effect: parameters that fit the key are chosen"},
};

static const char *const without_meaning[] = {
    /* clang-format off */
    "acl-pubsub-default", "active-defrag-cycle-max",
    "active-defrag-cycle-min", "active-defrag-cycle-us",
    "active-defrag-ignore-bytes", "active-defrag-max-scan-fields",
    "active-defrag-threshold-lower", "active-defrag-threshold-upper",
    "active-expire-effort", "activedefrag", "activerehashing",
    "always-show-logo", "aof-disable-auto-gc", "aof-load-truncated",
    "aof-rewrite-cpulist", "aof-rewrite-incremental-fsync",
    "aof-timestamp-enabled", "aof-use-rdb-preamble", "aof_rewrite_cpulist",
    "appenddirname", "appendfilename", "appendfsync", "appendonly",
    "auto-aof-rewrite-min-size", "auto-aof-rewrite-percentage",
    "availability-zone", "bgsave-cpulist", "bgsave_cpulist", "bio-cpulist",
    "bio_cpulist", "busy-reply-threshold", "client-query-buffer-limit",
    "close-on-replica-write", "cluster-allow-pubsubshard-when-down",
    "cluster-allow-reads-when-down", "cluster-allow-replica-migration",
    "cluster-announce-bus-port", "cluster-announce-client-ipv4",
    "cluster-announce-client-ipv6", "cluster-announce-hostname",
    "cluster-announce-human-nodename", "cluster-announce-ip",
    "cluster-announce-port", "cluster-announce-tls-port",
    "cluster-blacklist-ttl", "cluster-config-file", "cluster-databases",
    "cluster-enabled", "cluster-link-sendbuf-limit",
    "cluster-manual-failover-timeout", "cluster-migration-barrier",
    "cluster-node-timeout", "cluster-ping-interval", "cluster-port",
    "cluster-preferred-endpoint-type", "cluster-replica-no-failover",
    "cluster-replica-validity-factor", "cluster-require-full-coverage",
    "cluster-slave-no-failover", "cluster-slave-validity-factor",
    "cluster-slot-stats-enabled", "commandlog-execution-slower-than",
    "commandlog-large-reply-max-len", "commandlog-large-request-max-len",
    "commandlog-reply-larger-than", "commandlog-request-larger-than",
    "commandlog-slow-execution-max-len", "crash-log-enabled",
    "crash-memcheck-enabled", "databases", "dbfilename", "debug-assert-enabled",
    "debug-context", "disable-thp", "dual-channel-replication-enabled",
    "dynamic-hz", "enable-debug-assert", "enable-debug-command",
    "enable-module-command", "enable-protected-configs", "events-per-io-thread",
    "extended-redis-compatibility", "gopher-enabled",
    "hash-max-listpack-entries", "hash-max-listpack-value",
    "hash-max-ziplist-entries", "hash-max-ziplist-value",
    "hide-user-data-from-log", "hll-sparse-max-bytes", "hz", "ignore-warnings",
    "import-mode", "io-threads", "io-threads-always-active",
    "io-threads-do-reads", "jemalloc-bg-thread", "key-load-delay",
    "latency-monitor-threshold", "latency-tracking",
    "latency-tracking-info-percentiles", "lazyfree-lazy-eviction",
    "lazyfree-lazy-expire", "lazyfree-lazy-server-del",
    "lazyfree-lazy-user-del", "lazyfree-lazy-user-flush", "lfu-decay-time",
    "lfu-log-factor", "list-compress-depth", "list-max-listpack-size",
    "list-max-ziplist-entries", "list-max-ziplist-size",
    "list-max-ziplist-value", "loadmodule", "locale-collate", "log-format",
    "log-timestamp-format", "lookahead", "lua-enable-deprecated-api",
    "lua-enable-insecure-api", "lua-replicate-commands", "lua-time-limit",
    "masterauth", "masteruser", "max-new-connections-per-cycle",
    "max-new-tls-connections-per-cycle", "maxmemory", "maxmemory-clients",
    "maxmemory-eviction-tenacity", "maxmemory-policy", "maxmemory-samples",
    "min-replicas-max-lag", "min-replicas-to-write", "min-slaves-max-lag",
    "min-slaves-to-write", "mptcp", "no-appendfsync-on-rewrite",
    "notify-keyspace-events", "oom-score-adj", "oom-score-adj-values",
    "prefetch-batch-max-size", "primaryauth", "primaryuser",
    "proc-title-template", "propagation-error-behavior", "proto-max-bulk-len",
    "rdb-del-sync-files", "rdb-key-save-delay", "rdb-save-incremental-fsync",
    "rdb-version-check", "rdbchecksum", "rdbcompression", "rdma-bind",
    "rdma-completion-vector", "rdma-port", "rdma-rx-size", "repl-backlog-size",
    "repl-backlog-ttl", "repl-disable-tcp-nodelay", "repl-diskless-load",
    "repl-diskless-sync", "repl-diskless-sync-delay",
    "repl-diskless-sync-max-replicas", "repl-mptcp", "repl-ping-replica-period",
    "repl-ping-slave-period", "repl-timeout", "replica-announce-ip",
    "replica-announce-port", "replica-announced",
    "replica-full-sync-buffer-limit", "replica-ignore-disk-write-errors",
    "replica-ignore-maxmemory", "replica-lazy-flush", "replica-priority",
    "replica-read-only", "replica-serve-stale-data", "replicaof",
    "sanitize-dump-payload", "save", "server-cpulist", "server_cpulist",
    "set-max-intset-entries", "set-max-listpack-entries",
    "set-max-listpack-value", "set-proc-title", "shutdown-on-sigint",
    "shutdown-on-sigterm", "shutdown-timeout", "slave-announce-ip",
    "slave-announce-port", "slave-announced", "slave-ignore-maxmemory",
    "slave-lazy-flush", "slave-priority", "slave-read-only",
    "slave-serve-stale-data", "slaveof", "slowlog-log-slower-than",
    "slowlog-max-len", "socket-mark-id", "stop-writes-on-bgsave-error",
    "stream-node-max-bytes", "stream-node-max-entries",
    "tracking-table-max-keys", "use-exit-on-panic", "watchdog-period",
    "zset-max-listpack-entries", "zset-max-listpack-value",
    "zset-max-ziplist-entries", "zset-max-ziplist-value",
    /* clang-format on */
};

static bool matches(const char *pattern, const char *name)
{
    size_t length = strlen(pattern);
    if (pattern[length - 1] == '*') {
        return strncasecmp(pattern, name, length - 1) == 0;
    }
    return strcasecmp(pattern, name) == 0;
}

const char *sentinel_conf_ignored(const char *directive)
{
    for (size_t i = 0; i < sizeof(missed) / sizeof(missed[0]); i++) {
        if (matches(missed[i].name, directive)) {
            return missed[i].effect;
        }
    }
    for (size_t i = 0; i < sizeof(without_meaning) / sizeof(without_meaning[0]);
         i++) {
        if (strcasecmp(without_meaning[i], directive) == 0) {
            return "has no effect here";
        }
    }
    return NULL;
}
