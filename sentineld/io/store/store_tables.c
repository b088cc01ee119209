/* The tables of the database, and their statements.
 *
 * Each kind of record has one table and each of its fields one column with
 * the same name, so that an operator can read the database with the sqlite3
 * shell. The arrays of columns are the whole mapping: the schema, the
 * statements, the binding of values and the reading of rows follow from them.
 * Settings have two columns each, the value and what the file said when it was
 * read last, both by the lists of types.h. Once a version is released, whoever
 * changes the columns raises STORE_SCHEMA_VERSION and writes the migration. */
#include <assert.h>
#include <string.h>

#include "io/store/store_private.h"

#define PLACE(field) \
    offsetof(struct record, field), sizeof(((const struct record *)NULL)->field)

/* SQL's type of a member. */
#define COLUMN_OF(member) \
    _Generic(member,         \
        bool: COLUMN_BOOL,   \
        char *: COLUMN_TEXT, \
        default: COLUMN_NUMBER)
#define COLUMN(name, field)                                                  \
    {                                                                        \
        name, COLUMN_OF(((struct record *)NULL)->field), false, PLACE(field) \
    }

#define SELF_SETTING(constant, type, member, dimension) \
    COLUMN(#member, self.settings.member),              \
        COLUMN("declared_" #member, self.declared.member),
#define GROUP_SETTING(constant, type, member, dimension)             \
    COLUMN(#member, group.settings.member),                          \
        COLUMN("declared_" #member, group.declared_settings.member), \
        COLUMN("set_at_" #member, group.set_at[SETTING_##constant]),

static const struct column self_columns[] = {
    {"id", COLUMN_ONE, true, 0, 0},
    {"run_id", COLUMN_TEXT, false, PLACE(self.run_id)},
    {"current_epoch", COLUMN_NUMBER, false, PLACE(self.current_epoch)},
    DAEMON_SETTINGS(SELF_SETTING)};

/* The newest history has no end. */
#define HISTORY(number, name, name_of_end)                                  \
    {name, COLUMN_TEXT, false, PLACE(group.lineage[number].replid)},        \
    {                                                                       \
        name_of_end, COLUMN_NUMBER, false, PLACE(group.lineage[number].end) \
    }
_Static_assert(LINEAGE_SIZE == 8, "there is a column for each");

static const struct column group_columns[] = {
    {"name", COLUMN_TEXT, true, PLACE(group.name)},
    {"removed", COLUMN_BOOL, false, PLACE(group.removed)},
    {"from_file", COLUMN_BOOL, false, PLACE(group.from_file)},
    {"master_host", COLUMN_TEXT, false, PLACE(group.master.host)},
    {"master_port", COLUMN_NUMBER, false, PLACE(group.master.port)},
    {"config_epoch", COLUMN_NUMBER, false, PLACE(group.config_epoch)},
    {"accepted_epoch", COLUMN_NUMBER, false, PLACE(group.accepted.epoch)},
    {"accepted_host", COLUMN_TEXT, false, PLACE(group.accepted.master.host)},
    {"accepted_port", COLUMN_NUMBER, false, PLACE(group.accepted.master.port)},
    {"vote_leader", COLUMN_TEXT, false, PLACE(group.vote.leader)},
    {"vote_epoch", COLUMN_NUMBER, false, PLACE(group.vote.epoch)},
    {"replid", COLUMN_TEXT, false, PLACE(group.lineage[0].replid)},
    {"replid_epoch", COLUMN_NUMBER, false, PLACE(group.lineage_epoch)},
    HISTORY(1, "replid2", "replid2_end"),
    HISTORY(2, "replid3", "replid3_end"),
    HISTORY(3, "replid4", "replid4_end"),
    HISTORY(4, "replid5", "replid5_end"),
    HISTORY(5, "replid6", "replid6_end"),
    HISTORY(6, "replid7", "replid7_end"),
    HISTORY(7, "replid8", "replid8_end"),
    {"declared_host", COLUMN_TEXT, false, PLACE(group.declared.host)},
    {"declared_port", COLUMN_NUMBER, false, PLACE(group.declared.port)},
    GROUP_SETTINGS(GROUP_SETTING)};

static const struct column node_columns[] = {
    {"group_name", COLUMN_TEXT, true, PLACE(node.group)},
    {"host", COLUMN_TEXT, true, PLACE(node.address.host)},
    {"port", COLUMN_NUMBER, true, PLACE(node.address.port)},
    {"fenced_run_id", COLUMN_TEXT, false, PLACE(node.fenced_run_id)},
    {"fenced_replicas", COLUMN_NUMBER, false,
     PLACE(node.min_replicas.replicas)},
    {"fenced_max_lag_s", COLUMN_NUMBER, false,
     PLACE(node.min_replicas.max_lag_s)},
    {"seen_replid", COLUMN_TEXT, false, PLACE(node.seen.replid)},
    {"seen_offset", COLUMN_NUMBER, false, PLACE(node.seen.offset)},
    {"former_master", COLUMN_BOOL, false, PLACE(node.former_master)},
    {"adopted", COLUMN_BOOL, false, PLACE(node.adopted)},
    {"quarantine", COLUMN_NUMBER, false, PLACE(node.quarantine)},
};

static const struct column peer_columns[] = {
    {"run_id", COLUMN_TEXT, true, PLACE(peer.run_id)},
    {"host", COLUMN_TEXT, false, PLACE(peer.address.host)},
    {"port", COLUMN_NUMBER, false, PLACE(peer.address.port)},
};

static const struct column member_columns[] = {
    {"group_name", COLUMN_TEXT, true, PLACE(member.group)},
    {"run_id", COLUMN_TEXT, true, PLACE(member.run_id)},
};

static const struct column failover_columns[] = {
    {"group_name", COLUMN_TEXT, true, PLACE(report.group)},
    {"epoch", COLUMN_NUMBER, true, PLACE(report.epoch)},
    {"unix_ms", COLUMN_NUMBER, false, PLACE(report.unix_ms)},
    {"cause", COLUMN_NUMBER, false, PLACE(report.cause)},
    {"led", COLUMN_BOOL, false, PLACE(report.led)},
    {"leader", COLUMN_TEXT, false, PLACE(report.leader)},
    {"from_host", COLUMN_TEXT, false, PLACE(report.from.host)},
    {"from_port", COLUMN_NUMBER, false, PLACE(report.from.port)},
    {"from_run_id", COLUMN_TEXT, false, PLACE(report.from_run_id)},
    {"to_host", COLUMN_TEXT, false, PLACE(report.to.host)},
    {"to_port", COLUMN_NUMBER, false, PLACE(report.to.port)},
    {"duration_ms", COLUMN_NUMBER, false, PLACE(report.duration_ms)},
    {"master_offset", COLUMN_NUMBER, false, PLACE(report.master_offset)},
    {"promoted_offset", COLUMN_NUMBER, false, PLACE(report.promoted_offset)},
    {"behind_bytes", COLUMN_NUMBER, false, PLACE(report.behind_bytes)},
    {"behind_ms", COLUMN_NUMBER, false, PLACE(report.behind_ms)},
    {"lost_bytes", COLUMN_NUMBER, false, PLACE(report.lost_bytes)},
    {"candidates", COLUMN_TEXT, false, PLACE(report.candidates)},
};

#define TABLE(name, columns)                                  \
    {                                                         \
        name, columns, sizeof(columns) / sizeof((columns)[0]) \
    }

const struct table store_tables[RECORD_KIND_COUNT] = {
    [RECORD_SELF] = TABLE("self", self_columns),
    [RECORD_GROUP] = TABLE("groups", group_columns),
    [RECORD_NODE] = TABLE("nodes", node_columns),
    [RECORD_PEER] = TABLE("peers", peer_columns),
    [RECORD_MEMBER] = TABLE("members", member_columns),
    [RECORD_REPORT] = TABLE("failovers", failover_columns),
};

/* Statements are short; that they fit is ours to see to. */
static void append(struct buffer *sql, const char *text)
{
    bool appended = buffer_append(sql, text, strlen(text));
    assert(appended);
}

/* Some names are words of SQL. */
static void append_name(struct buffer *sql, const char *name)
{
    append(sql, "\"");
    append(sql, name);
    append(sql, "\"");
}

static void append_column_names(struct buffer *sql, const struct table *table,
                                bool keys_only)
{
    const char *separator = "";
    for (size_t i = 0; i < table->count; i++) {
        if (table->columns[i].is_key || !keys_only) {
            append(sql, separator);
            append_name(sql, table->columns[i].name);
            separator = ", ";
        }
    }
}

static const char *column_definition(enum column_type type)
{
    switch (type) {
    case COLUMN_ONE:
        return " INTEGER NOT NULL CHECK (id = 1), ";
    case COLUMN_TEXT:
        return " TEXT NOT NULL, ";
    case COLUMN_BOOL:
    case COLUMN_NUMBER:
        return " INTEGER NOT NULL, ";
    }
    return "";
}

void store_table_append_create(struct buffer *sql, const struct table *table)
{
    append(sql, "CREATE TABLE ");
    append(sql, table->name);
    append(sql, " (");
    for (size_t i = 0; i < table->count; i++) {
        append_name(sql, table->columns[i].name);
        append(sql, column_definition(table->columns[i].type));
    }
    append(sql, "PRIMARY KEY (");
    append_column_names(sql, table, true);
    append(sql, "));");
}

/* What an upsert does to the columns beside the key. */
static void append_assignments(struct buffer *sql, const struct table *table)
{
    const char *separator = "UPDATE SET ";
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->columns[i].name;
        if (!table->columns[i].is_key) {
            append(sql, separator);
            append_name(sql, name);
            append(sql, " = excluded.");
            append_name(sql, name);
            separator = ", ";
        }
    }
    if (strcmp(separator, ", ") != 0) {
        append(sql, "NOTHING");
    }
}

/* The row keeps its place in the table, so that loading gives the rows in the
 * order in which they were first saved. */
void store_table_append_upsert(struct buffer *sql, const struct table *table)
{
    append(sql, "INSERT INTO ");
    append(sql, table->name);
    append(sql, " (");
    append_column_names(sql, table, false);
    append(sql, ") VALUES (");
    for (size_t i = 0; i < table->count; i++) {
        append(sql, i == 0 ? "?" : ", ?");
    }
    append(sql, ") ON CONFLICT (");
    append_column_names(sql, table, true);
    append(sql, ") DO ");
    append_assignments(sql, table);
}

void store_table_append_delete(struct buffer *sql, const struct table *table)
{
    append(sql, "DELETE FROM ");
    append(sql, table->name);
    const char *separator = " WHERE ";
    for (size_t i = 0; i < table->count; i++) {
        if (table->columns[i].is_key) {
            append(sql, separator);
            append_name(sql, table->columns[i].name);
            append(sql, " = ?");
            separator = " AND ";
        }
    }
}

void store_table_append_select(struct buffer *sql, const struct table *table)
{
    append(sql, "SELECT ");
    append_column_names(sql, table, false);
    append(sql, " FROM ");
    append(sql, table->name);
    append(sql, " ORDER BY rowid");
}
