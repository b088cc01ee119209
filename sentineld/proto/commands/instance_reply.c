/* One row for each master, replica or supervisor: names and values, all of
 * them bulk strings, in an order that clients index into.
 *
 * The fields of a row are written into a buffer of its own first, because
 * some are there only at times and the count comes before them. The first
 * fourteen are the same for every kind of instance. Times are ages: how long
 * ago, in milliseconds, 0 for what never happened. One field is ours:
 * `trouble`, the last of a row and only while there is some. */
#include "proto/commands/instance_reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/commands/instance_flags.h"
#include "proto/wire/wire.h"
#include "sentineld/model.h"

enum {
    ROW_MAX_BYTES = 16384,
    PORT_TEXT_SIZE = 8,     /* ":65535" */
    DEFAULT_PRIORITY = 100, /* until INFO said another */
    MS_PER_SECOND = 1000,
};

struct row {
    struct buffer text;
    struct resp_writer fields; /* into text */
    size_t pairs;
    msec now;
};

/* What the common fields of a row are made from. */
struct row_head {
    const char *name;
    const char *run_id;
    const char *flags;
    const struct instance *instance;
    uint32_t link_users;        /* link-refcount */
    const char *failover_state; /* NULL = not shown */
    bool subjective_down;
    msec subjective_down_since;
    bool objective_down;
    msec objective_down_since;
    bool process_gone;
    msec process_gone_since;
    msec down_after_ms;
};

static void row_begin(struct row *row, msec now, unsigned protocol)
{
    buffer_init(&row->text, ROW_MAX_BYTES);
    row->fields = (struct resp_writer){&row->text, protocol};
    row->pairs = 0;
    row->now = now;
}

static void row_end(struct row *row, struct resp_writer *writer)
{
    resp_map(writer, row->pairs);
    (void)buffer_append(writer->out, row->text.data, row->text.length);
    buffer_clear(&row->text);
}

static void row_text(struct row *row, const char *name, const char *value)
{
    resp_string(&row->fields, name);
    resp_string(&row->fields, value);
    row->pairs++;
}

static void row_number(struct row *row, const char *name, uint64_t value)
{
    resp_string(&row->fields, name);
    resp_number(&row->fields, value);
    row->pairs++;
}

static void row_age(struct row *row, const char *name, msec since)
{
    bool past = since != NEVER && since <= row->now;
    row_number(row, name, past ? row->now - since : 0);
}

static void write_head(struct row *row, const struct row_head *head)
{
    const struct instance *instance = head->instance;
    row_text(row, "name", head->name);
    row_text(row, "ip", instance->shown.host);
    row_number(row, "port", instance->shown.port);
    row_text(row, "runid", head->run_id);
    row_text(row, "flags", head->flags);
    row_number(row, "link-pending-commands",
               instance->command.pending_commands);
    row_number(row, "link-refcount", head->link_users);
    if (head->failover_state != NULL) {
        row_text(row, "failover-state", head->failover_state);
    }
    row_age(row, "last-ping-sent", instance->health.unanswered_since);
    row_age(row, "last-ok-ping-reply", instance->health.ok_at);
    row_age(row, "last-ping-reply", instance->health.reply_at);
    if (head->subjective_down) {
        row_age(row, "s-down-time", head->subjective_down_since);
    }
    if (head->objective_down) {
        row_age(row, "o-down-time", head->objective_down_since);
    }
    if (head->process_gone) {
        row_age(row, "process-gone-time", head->process_gone_since);
    }
    row_number(row, "down-after-milliseconds", head->down_after_ms);
}

static void write_trouble(struct row *row, const struct instance *instance)
{
    const char *trouble = instance_trouble(instance);
    if (trouble[0] != '\0') {
        row_text(row, "trouble", trouble);
    }
}

/* A node that gave no INFO yet is taken for what we use it as. */
static void write_report(struct row *row, const struct node *node,
                         enum role expected)
{
    const struct report *report = &node->report;
    enum role role = report->role == ROLE_UNKNOWN ? expected : report->role;
    row_age(row, "info-refresh", report->at);
    row_text(row, "role-reported", role == ROLE_MASTER ? "master" : "slave");
    row_age(row, "role-reported-time", report->role_since);
}

/* Only with fencing: nobody reads what a server demands otherwise. */
static void write_fencing(struct row *row, const struct group *group)
{
    if (group->settings.fencing == FENCING_OFF) {
        return;
    }
    msec bound = fencing_bound_ms(group->published);
    row_text(row, "fencing-state", fencing_state_name(group));
    if (bound == NEVER) {
        row_text(row, "lost-writes-bound-ms", "-1");
    } else {
        row_number(row, "lost-writes-bound-ms", bound);
    }
}

/* Only what is missing, as the rehearsal of a failover has shown. */
static void write_refused(struct row *row, const struct node *node)
{
    static const struct {
        enum denied what;
        const char *name;
    } commands[] = {
        {DENIED_INFO, "info"},
        {DENIED_SUBSCRIBE, "subscribe"},
        {DENIED_PUBLISH, "publish"},
        {DENIED_CONFIG, "config"},
        {DENIED_MULTI, "multi"},
        {DENIED_SLAVEOF, "slaveof"},
        {DENIED_REWRITE, "config-rewrite"},
        {DENIED_KILL, "client-kill"},
        {DENIED_PAUSE, "client-pause"},
    };
    char text[120] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (node->alarm.denied[commands[i].what]) {
            int length = snprintf(text + used, sizeof text - used, "%s%s",
                                  used == 0 ? "" : ",", commands[i].name);
            used += (size_t)length;
        }
    }
    if (used > 0) {
        row_text(row, "refused-commands", text);
    }
}

static void write_settings(struct row *row, const struct group *group)
{
    row_number(row, "config-epoch", group->published_epoch);
    row_number(row, "num-slaves", group->node_count - 1);
    row_number(row, "num-other-sentinels", group->voter_count);
    row_number(row, "quorum", model_quorum(group));
    row_number(row, "failover-timeout", group->settings.failover_timeout_ms);
    row_number(row, "parallel-syncs", group->settings.parallel_syncs);
    if (group->settings.notification_script[0] != '\0') {
        row_text(row, "notification-script",
                 group->settings.notification_script);
    }
    if (group->settings.client_reconfig_script[0] != '\0') {
        row_text(row, "client-reconfig-script",
                 group->settings.client_reconfig_script);
    }
}

/* Peers of our kind compare by it what replicas hold. */
static void write_histories(struct row *row, const struct group *group)
{
    char text[LINEAGE_TEXT_SIZE];
    lineage_format(group->lineage, text);
    if (text[0] != '\0') {
        row_text(row, "replication-histories", text);
        row_number(row, "replication-histories-epoch", group->lineage_epoch);
    }
}

/* Peers of our kind keep it for a leader, be it committed or not; it is for
 * them alone. */
static void write_accepted(struct row *row, const struct group *group)
{
    const struct configuration newest = model_newest_configuration(group);
    char text[HOST_SIZE + 40];
    (void)snprintf(text, sizeof(text), "%" PRIu64 " %s %u", newest.epoch,
                   newest.master.host, (unsigned)newest.master.port);
    row_text(row, "accepted-configuration", text);
    if (model_is_first_process(group)) {
        row_text(row, "only-process-met", group->master->report.run_id);
    }
}

/* What concerns the group as a whole says more than its master's link. */
static void write_group_trouble(struct row *row, const struct group *group)
{
    if (group->witnessed) {
        bool full = group->published->instance.command.failure == FAILURE_FULL;
        row_text(row, "trouble",
                 full ? link_failure_name(FAILURE_FULL)
                      : "path at fault: its replicas hear it");
    } else if (group->objective_down && row->now < flapping_pause_end(group)) {
        row_text(row, "trouble", "failover paused: SENTINEL ACKNOWLEDGE");
    } else {
        write_trouble(row, &group->published->instance);
    }
}

void instance_reply_master(const struct command_context *context,
                           const struct group *group,
                           struct resp_writer *writer)
{
    const struct node *node = group->published;
    char flags[SENTINEL_FLAGS_SIZE];
    instance_flags_master(context, group, flags);
    /* Longer than the flag, which some clients mind: peers leave alone what
     * a leader is still moving. */
    bool failing = instance_flags_in_failover(context, group) ||
                   group->failover.state != FAILOVER_NONE;
    const struct row_head head = {
        .name = group->name,
        .run_id = node->report.run_id,
        .flags = flags,
        .instance = &node->instance,
        .link_users = 1,
        .failover_state =
            failing ? failover_state_name(&group->failover) : NULL,
        .subjective_down = node->subjective_down,
        .subjective_down_since = node->subjective_down_since,
        .objective_down = group->objective_down,
        .objective_down_since = group->objective_down_since,
        .process_gone = model_is_master_in_doubt(group) &&
                        group->published == group->master,
        .process_gone_since = group->restart.since,
        .down_after_ms = group->settings.down_after_ms,
    };
    struct row row;
    row_begin(&row, context->now, writer->protocol);
    write_head(&row, &head);
    write_report(&row, node, ROLE_MASTER);
    write_settings(&row, group);
    write_histories(&row, group);
    write_accepted(&row, group);
    write_fencing(&row, group);
    write_refused(&row, node);
    write_group_trouble(&row, group);
    row_end(&row, writer);
}

static void write_replication(struct row *row, const struct report *report)
{
    bool heard = report->at != NEVER;
    char down_ms[24];
    (void)snprintf(down_ms, sizeof(down_ms), "%" PRId64,
                   heard ? report->master_link_down_s * MS_PER_SECOND : 0);
    row_text(row, "master-link-down-time", down_ms);
    row_text(row, "master-link-status",
             heard && report->master_link_up ? "ok" : "err");
    row_text(row, "master-host",
             report->master.host[0] == '\0' ? "?" : report->master.host);
    row_number(row, "master-port", report->master.port);
    row_number(row, "slave-priority",
               heard ? report->priority : DEFAULT_PRIORITY);
    row_number(row, "slave-repl-offset", report->offset);
    row_number(row, "replica-announced", !heard || report->announced ? 1 : 0);
}

/* host:port, and [host]:port where the host has colons itself. */
static void format_address(const struct address *address, char *text,
                           size_t size)
{
    bool colons = strchr(address->host, ':') != NULL;
    (void)snprintf(text, size, colons ? "[%s]:%u" : "%s:%u", address->host,
                   (unsigned)address->port);
}

static void write_replica(const struct command_context *context,
                          const struct node *node, struct resp_writer *writer)
{
    char name[HOST_SIZE + PORT_TEXT_SIZE + 2];
    char flags[SENTINEL_FLAGS_SIZE];
    format_address(&node->instance.shown, name, sizeof(name));
    instance_flags_replica(context, node, flags);
    const struct row_head head = {
        .name = name,
        .run_id = node->report.run_id,
        .flags = flags,
        .instance = &node->instance,
        .link_users = 1,
        .subjective_down = node->subjective_down,
        .subjective_down_since = node->subjective_down_since,
        .down_after_ms = node->group->settings.down_after_ms,
    };
    struct row row;
    row_begin(&row, context->now, writer->protocol);
    write_head(&row, &head);
    write_report(&row, node, ROLE_REPLICA);
    write_replication(&row, &node->report);
    write_refused(&row, node);
    const char *quarantine = foreign_name(node->foreign.kind);
    if (quarantine[0] != '\0') {
        row_text(&row, "quarantine", quarantine);
        row_text(&row, "trouble", "in quarantine");
    } else {
        write_trouble(&row, &node->instance);
    }
    row_end(&row, writer);
}

static bool is_listed(const struct group *group, const struct node *node)
{
    bool hidden = node->report.at != NEVER && !node->report.announced;
    return node != group->published && !hidden;
}

void instance_reply_replicas(const struct command_context *context,
                             const struct group *group,
                             struct resp_writer *writer)
{
    const struct node *node;
    size_t count = 0;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        count += is_listed(group, node) ? 1 : 0;
    }
    resp_array(writer, count);
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (is_listed(group, node)) {
            write_replica(context, node, writer);
        }
    }
}

/* One link to a peer serves all the groups that it watches with us. */
static uint32_t count_memberships(const struct peer *peer)
{
    const struct voter *voter;
    uint32_t count = 0;
    TAILQ_FOREACH (voter, &peer->voters, peer_entry) {
        count++;
    }
    return count;
}

static void write_sentinel(const struct command_context *context,
                           const struct voter *voter,
                           struct resp_writer *writer)
{
    const struct peer *peer = voter->peer;
    bool voted = voter->vote.leader[0] != '\0';
    char flags[SENTINEL_FLAGS_SIZE];
    instance_flags_voter(context, voter, flags);
    const struct row_head head = {
        .name = peer->run_id,
        .run_id = peer->run_id,
        .flags = flags,
        .instance = &peer->instance,
        .link_users = count_memberships(peer),
        .subjective_down = voter->subjective_down,
        .subjective_down_since = voter->subjective_down_since,
        .down_after_ms = voter->group->settings.down_after_ms,
    };
    struct row row;
    row_begin(&row, context->now, writer->protocol);
    write_head(&row, &head);
    row_age(&row, "last-hello-message", voter->hello_at);
    row_text(&row, "voted-leader", voted ? voter->vote.leader : "?");
    row_number(&row, "voted-leader-epoch", voted ? voter->vote.epoch : 0);
    write_trouble(&row, &peer->instance);
    row_end(&row, writer);
}

void instance_reply_sentinels(const struct command_context *context,
                              const struct group *group,
                              struct resp_writer *writer)
{
    const struct voter *voter;
    resp_array(writer, group->voter_count);
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        write_sentinel(context, voter, writer);
    }
}
