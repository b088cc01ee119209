/* INFO of a Redis or Valkey server -> struct info.
 *
 * The text is lines of "field:value"; section titles, blank lines and the
 * hundred fields that we do not need are passed over. Most fields are copied
 * by one table; the replica lines of a master (slave0, slave1 ...) and what
 * depends on the role have a function each. Fields may come in any order.
 *
 * A value that makes no sense leaves its field as if the line were absent.
 * Only a text without a role is no INFO at all. What a value means for the
 * group is not decided here. */
#include "sentineld/info.h"

#include <string.h>

#include "sentineld/memory.h"

struct slice {
    const char *text;
    size_t length;
};

/* Before 6.2 a replica whose link never was up counts the seconds since
 * 1970; no link was down for thirty years. */
static const int64_t NEVER_WAS_UP_S = 1000000000;

enum field_kind {
    FIELD_RUN_ID,   /* char[RUN_ID_SIZE] */
    FIELD_HOST,     /* char[HOST_SIZE] */
    FIELD_PORT,     /* uint16_t */
    FIELD_FLAG,     /* bool: 0 or 1 */
    FIELD_LINK,     /* bool: up or down */
    FIELD_SIGNED,   /* int64_t: -1 and above */
    FIELD_OFFSET,   /* uint64_t */
    FIELD_PRIORITY, /* uint32_t */
};

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset; /* in struct info */
};

/* slave_repl_offset and master_repl_offset are taken apart from these: which
 * of the two counts depends on the role. */
static const struct field fields[] = {
    {"run_id", FIELD_RUN_ID, offsetof(struct info, run_id)},
    {"master_replid", FIELD_RUN_ID, offsetof(struct info, replid)},
    {"master_replid2", FIELD_RUN_ID, offsetof(struct info, replid2)},
    {"second_repl_offset", FIELD_SIGNED,
     offsetof(struct info, second_repl_offset)},
    {"loading", FIELD_FLAG, offsetof(struct info, loading)},
    {"repl_backlog_first_byte_offset", FIELD_OFFSET,
     offsetof(struct info, backlog_from)},
    {"rdb_changes_since_last_save", FIELD_OFFSET,
     offsetof(struct info, unsaved_changes)},
    {"master_host", FIELD_HOST, offsetof(struct info, master.host)},
    {"master_port", FIELD_PORT, offsetof(struct info, master.port)},
    {"master_link_status", FIELD_LINK, offsetof(struct info, master_link_up)},
    {"master_link_down_since_seconds", FIELD_SIGNED,
     offsetof(struct info, master_link_down_s)},
    {"master_last_io_seconds_ago", FIELD_SIGNED,
     offsetof(struct info, master_last_io_s)},
    {"master_sync_in_progress", FIELD_FLAG,
     offsetof(struct info, sync_in_progress)},
    {"slave_priority", FIELD_PRIORITY, offsetof(struct info, priority)},
    {"replica_announced", FIELD_FLAG, offsetof(struct info, announced)},
};

/* What redis-server (from 6.0) and valkey-server tell, all of it, and what no
 * rewrite of them has had a reason to copy whole. Clients are told
 * `redis_version` by everybody, so it proves nothing. KeyDB tells all but the
 * last one, because it has threads of its own. */
static const char *const engine_fields[] = {
    "redis_build_id",
    "multiplexing_api",
    "redis_git_dirty",
    "run_id",
    "second_repl_offset",
    "rdb_changes_since_last_save",
    "io_threaded_reads_processed",
};
enum { ENGINE_FIELDS = sizeof engine_fields / sizeof engine_fields[0] };

static bool slice_is(struct slice slice, const char *text)
{
    return slice.length == strlen(text) &&
           memcmp(slice.text, text, slice.length) == 0;
}

/* Cuts `rest` at the first `end`: returns what stands before it. */
static struct slice slice_cut(struct slice *rest, char end)
{
    struct slice head = *rest;
    const char *found =
        rest->length == 0 ? NULL : memchr(rest->text, end, rest->length);
    if (found == NULL) {
        rest->text += rest->length;
        rest->length = 0;
        return head;
    }
    head.length = (size_t)(found - rest->text);
    rest->text = found + 1;
    rest->length -= head.length + 1;
    return head;
}

/* One line without its \r\n or \n, split at the first colon. */
static bool next_line(struct slice *rest, struct slice *name,
                      struct slice *value)
{
    if (rest->length == 0) {
        return false;
    }
    *value = slice_cut(rest, '\n');
    if (value->length > 0 && value->text[value->length - 1] == '\r') {
        value->length--;
    }
    *name = slice_cut(value, ':');
    return true;
}

/* 0 is kept: it means unknown, as if the line were absent. */
static bool take_port(struct slice value, uint16_t *port)
{
    uint64_t number;
    if (!parse_unsigned(value.text, value.length, UINT16_MAX, &number)) {
        return false;
    }
    *port = (uint16_t)number;
    return true;
}

/* Ids become words of events. */
static void take_run_id(struct slice value, char *run_id)
{
    if (value.length != RUN_ID_LEN) {
        return;
    }
    for (size_t i = 0; i < value.length; i++) {
        if (value.text[i] <= ' ' || value.text[i] >= 0x7f) {
            return;
        }
    }
    memcpy(run_id, value.text, value.length);
    run_id[value.length] = '\0';
}

static void take_bool(struct slice value, const char *yes, const char *no,
                      bool *target)
{
    if (slice_is(value, yes)) {
        *target = true;
    } else if (slice_is(value, no)) {
        *target = false;
    }
}

static void take_priority(struct slice value, uint32_t *priority)
{
    uint64_t number;
    if (parse_unsigned(value.text, value.length, UINT32_MAX, &number)) {
        *priority = (uint32_t)number;
    }
}

/* The parsers leave the target alone when they refuse, so their verdict is
 * not needed: the default stays. */
static void take_field(const struct field *field, struct slice value,
                       struct info *info)
{
    void *target = (char *)info + field->offset;
    switch (field->kind) {
    case FIELD_RUN_ID:
        take_run_id(value, target);
        return;
    case FIELD_HOST:
        (void)parse_host(value.text, value.length, target);
        return;
    case FIELD_PORT:
        (void)take_port(value, target);
        return;
    case FIELD_FLAG:
        take_bool(value, "1", "0", target);
        return;
    case FIELD_LINK:
        take_bool(value, "up", "down", target);
        return;
    case FIELD_SIGNED:
        (void)parse_integer(value.text, value.length, -1, INT64_MAX, target);
        return;
    case FIELD_OFFSET:
        (void)parse_unsigned(value.text, value.length, INT64_MAX, target);
        return;
    case FIELD_PRIORITY:
        take_priority(value, target);
        return;
    }
}

/* "slave0", "slave12"; not "slave_priority". */
static bool is_numbered(struct slice name, const char *word)
{
    size_t length = strlen(word);
    uint64_t number;
    return name.length > length && memcmp(name.text, word, length) == 0 &&
           parse_unsigned(name.text + length, name.length - length, UINT32_MAX,
                          &number);
}

static void take_lag(struct slice value, uint32_t *lag_s)
{
    uint64_t number;
    *lag_s = parse_unsigned(value.text, value.length, UINT32_MAX, &number)
                 ? (uint32_t)number
                 : UINT32_MAX;
}

/* "ip=10.0.0.2,port=6379,state=online,..." or, before 2.8,
 * "10.0.0.2,6379,online". */
static bool take_replica(struct slice value, struct info_replica *replica)
{
    struct info_replica read = {.address = {.host = ""}};
    bool is_named = memchr(value.text, '=', value.length) != NULL;
    for (size_t i = 0; value.length > 0; i++) {
        struct slice part = slice_cut(&value, ',');
        struct slice name = {NULL, 0};
        if (is_named) {
            name = slice_cut(&part, '=');
        }
        if (is_named ? slice_is(name, "ip") : i == 0) {
            if (!parse_host(part.text, part.length, read.address.host)) {
                return false;
            }
        } else if (is_named ? slice_is(name, "port") : i == 1) {
            if (!take_port(part, &read.address.port)) {
                return false;
            }
        } else if (is_named ? slice_is(name, "state") : i == 2) {
            read.online = slice_is(part, "online");
        } else if (slice_is(name, "lag")) {
            take_lag(part, &read.lag_s);
        }
    }
    *replica = read;
    return read.address.host[0] != '\0' && read.address.port != 0;
}

static void add_replica(struct slice value, struct info *info)
{
    if (info->replica_count < MAX_NODES_PER_GROUP && value.length > 0 &&
        take_replica(value, &info->replicas[info->replica_count])) {
        info->replica_count++;
    }
}

/* "db0:keys=12,expires=0,avg_ttl=0" */
static void add_keys(struct slice value, struct info *info)
{
    struct slice count = slice_cut(&value, ',');
    struct slice name = slice_cut(&count, '=');
    uint64_t keys;
    if (slice_is(name, "keys") &&
        parse_unsigned(count.text, count.length, INT64_MAX >> 16, &keys)) {
        info->keys += keys;
    }
}

static bool ends_with(struct slice name, const char *end)
{
    size_t length = strlen(end);
    return name.length >= length &&
           memcmp(name.text + name.length - length, end, length) == 0;
}

enum role info_role(const char *text, size_t length)
{
    struct slice word = {text, length};
    if (slice_is(word, "master")) {
        return ROLE_MASTER;
    }
    if (ends_with(word, "slave") || ends_with(word, "replica")) {
        return ROLE_REPLICA;
    }
    return ROLE_UNKNOWN;
}

static enum role find_role(struct slice rest)
{
    struct slice name;
    struct slice value;
    enum role role = ROLE_UNKNOWN;
    while (role == ROLE_UNKNOWN && next_line(&rest, &name, &value)) {
        if (slice_is(name, "role")) {
            role = info_role(value.text, value.length);
        }
    }
    return role;
}

/* The table of replicas is most of the struct; its count guards it. */
static void set_defaults(enum role role, struct info *info)
{
    memset(info, 0, offsetof(struct info, replicas));
    info->replica_count = 0;
    info->role = role;
    info->second_repl_offset = -1;
    info->master_last_io_s = -1;
    info->priority = 100;
    info->announced = true;
    info->unsaved_changes = NO_OFFSET;
    info->backlog_from = NO_OFFSET;
}

static void take_append_only(struct slice value, struct info *info)
{
    info->append_only_known = true;
    take_bool(value, "1", "0", &info->append_only);
}

static void take_line(struct slice name, struct slice value, struct info *info)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (slice_is(name, fields[i].name)) {
            take_field(&fields[i], value, info);
            return;
        }
    }
    bool is_master = info->role == ROLE_MASTER;
    if (slice_is(name, "aof_enabled")) {
        take_append_only(value, info);
    } else if (slice_is(name, "rdb_last_bgsave_status") ||
               slice_is(name, "aof_last_write_status")) {
        info->saves_failing |= slice_is(value, "err");
    } else if (is_numbered(name, "db")) {
        add_keys(value, info);
    } else if (is_master && is_numbered(name, "slave")) {
        add_replica(value, info);
    } else if (slice_is(name, is_master ? "master_repl_offset"
                                        : "slave_repl_offset")) {
        const struct field offset = {NULL, FIELD_OFFSET,
                                     offsetof(struct info, offset)};
        take_field(&offset, value, info);
    }
}

/* Another maker's mark: "dragonfly_version", "kvrocks_version" ... */
static bool is_foreign(struct slice name, struct slice value)
{
    if (slice_is(name, "server_name")) {
        return !slice_is(value, "redis") && !slice_is(value, "valkey");
    }
    if (slice_is(name, "role")) {
        return !slice_is(value, "master") && !slice_is(value, "slave");
    }
    return ends_with(name, "_version") && !slice_is(name, "redis_version") &&
           !slice_is(name, "valkey_version") && !slice_is(name, "gcc_version");
}

/* Notes which of its marks a line is; -1 when it proves another maker. */
static int find_mark(struct slice name, struct slice value)
{
    for (int i = 0; i < ENGINE_FIELDS; i++) {
        if (slice_is(name, engine_fields[i])) {
            return 1 << i;
        }
    }
    return is_foreign(name, value) ? -1 : 0;
}

static bool is_known_engine(struct slice rest)
{
    struct slice name;
    struct slice value;
    int seen = 0;
    bool in_server = false;
    while (next_line(&rest, &name, &value)) {
        if (name.length > 0 && name.text[0] == '#') {
            in_server = slice_is(name, "# Server");
        }
        int mark = find_mark(name, value);
        if (mark < 0 && (in_server || slice_is(name, "role"))) {
            return false;
        }
        seen |= mark > 0 ? mark : 0;
    }
    return seen == (1 << ENGINE_FIELDS) - 1;
}

static void tidy(struct info *info)
{
    if (strspn(info->replid2, "0") == RUN_ID_LEN) {
        info->replid2[0] = '\0';
    }
    if (info->backlog_from == 0) {
        info->backlog_from = NO_OFFSET; /* it keeps none */
    }
    if (info->master_link_down_s > NEVER_WAS_UP_S) {
        info->master_link_down_s = -1;
    }
}

bool info_parse(const char *text, size_t length, struct info *info)
{
    struct slice rest = {text, length};
    struct slice name;
    struct slice value;
    enum role role = find_role(rest);
    if (role == ROLE_UNKNOWN) {
        return false;
    }
    set_defaults(role, info);
    while (next_line(&rest, &name, &value)) {
        take_line(name, value, info);
    }
    tidy(info);
    info->known_engine = is_known_engine((struct slice){text, length});
    return true;
}
