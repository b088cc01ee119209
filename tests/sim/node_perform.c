/* Performs a sentinel's actions, or refuses them, and turns what the network
 * brings back into facts. */
#include "node.h"

#include <assert.h>
#include <stdio.h>

#include "names.h"
#include "sentineld/memory.h"
#include "sim.h"

/* --- Links ---------------------------------------------------------------- */

static struct sim_link *link_slot(struct sentinel *sentinel, object_id link)
{
    if (link >= sentinel->link_count) {
        size_t count = (size_t)link + 32;
        sentinel->links =
            xrealloc(sentinel->links, count * sizeof *sentinel->links);
        memset(sentinel->links + sentinel->link_count, 0,
               (count - sentinel->link_count) * sizeof *sentinel->links);
        sentinel->link_count = count;
    }
    return &sentinel->links[link];
}

struct connection *node_connection(struct sim *sim,
                                   const struct sentinel *sentinel,
                                   object_id link)
{
    if (link >= sentinel->link_count || sentinel->links[link].serial == 0) {
        return NULL;
    }
    return net_find(sim, sentinel->links[link].slot,
                    sentinel->links[link].serial);
}

static void forget_connection(struct sentinel *sentinel, object_id link)
{
    *link_slot(sentinel, link) = (struct sim_link){0};
}

static void perform_connect(struct sim *sim, struct sentinel *sentinel,
                            const struct core_action *action)
{
    struct sim_link *link = link_slot(sentinel, action->link);
    if (link->serial != 0) {
        oracle_fail(sim, "S7", "%s connects link %u twice",
                    sentinel->process->name, action->link);
        return;
    }
    if (!names_look_up(sim, sentinel, action)) {
        return;
    }
    struct connection *connection = net_connect(
        sim,
        &(struct connect_request){.client = sentinel->process->number,
                                  .link = action->link,
                                  .kind = action->connect.kind,
                                  .address = &action->connect.address,
                                  .timeout_ms = action->connect.timeout_ms});
    link->slot = connection->slot;
    link->serial = connection->serial;
    link->up = false;
}

static void perform_disconnect(struct sim *sim, struct sentinel *sentinel,
                               object_id link)
{
    struct connection *connection = node_connection(sim, sentinel, link);
    forget_connection(sentinel, link);
    if (connection != NULL) {
        net_disconnect(sim, connection);
    }
}

/* --- Actions -------------------------------------------------------------- */

void node_refuse(struct sim *sim, struct sentinel *sentinel,
                 const struct issued *issued)
{
    const struct core_action *action = &issued->action;
    if (action->type == ACT_ANSWER) {
        node_answer(sim, sentinel, action, false);
        return;
    }
    node_record(sim, sentinel,
                &(struct core_event){
                    .type = EV_ACK,
                    .link = action->link,
                    .group = action->group,
                    .ack = {.what = action->type, .result = ACK_UNSENT}});
}

/* The oracle judges a choice by what this leader has read since it cut the
 * servers off. */
static void note_reading(struct sentinel *sentinel, uint32_t server,
                         const struct issued *issued, msec asked_at)
{
    struct reading *reading = &sentinel->readings[server];
    bool same = reading->connection == issued->connection;
    if (issued->action.type == ACT_CUT_OFF) {
        bool tried = reading->tried && reading->epoch == issued->epoch;
        *reading = (struct reading){.epoch = issued->epoch,
                                    .tried = tried,
                                    .connection = issued->connection,
                                    .out = same ? reading->out + 1 : 1,
                                    .asked_at = asked_at,
                                    .without_votes = issued->without_votes};
    }
}

static void send_request(struct sim *sim, struct sentinel *sentinel,
                         const struct issued *issued)
{
    const struct core_action *action = &issued->action;
    const struct sim_link *link = link_slot(sentinel, action->link);
    if (!link->up) {
        node_refuse(sim, sentinel, issued);
        return;
    }
    if (link->serial != issued->connection) {
        return; /* its connection is gone, and the core knows */
    }
    if (core_action_waits(action->type)) {
        oracle_on_perform(sim, sentinel, issued);
    }
    struct connection *connection =
        node_connection(sim, sentinel, action->link);
    note_reading(sentinel, connection->server, issued, sim->now);
    if (action->type == ACT_INFO) {
        oracle_on_info_asked(sim, sentinel, connection->server);
    }
    net_send_to_server(sim, connection, message_new_request(action));
}

static void perform_event(struct sim *sim, const struct sentinel *sentinel,
                          const struct core_action *action)
{
    if (action->type == ACT_EVENT) {
        oracle_on_event(sim, sentinel, action);
    }
    if (action->type == ACT_EVENT &&
        strcmp(action->event.channel, "+switch-master") == 0) {
        writers_on_switch(sim, sentinel, action->event.text);
    }
    if (sim->transcript.mode == TRANSCRIPT_OFF) {
        return;
    }
    if (action->type == ACT_LOG && !sim->transcript.with_log) {
        return;
    }
    /* Reports are long, and the unit tests look into them. */
    bool is_report = strcmp(action->event.channel, "+failover-report") == 0;
    char text[CHANNEL_SIZE + EVENT_TEXT_SIZE];
    (void)snprintf(text, sizeof text, "%s%s%s", action->event.channel,
                   action->type == ACT_EVENT ? " " : "",
                   is_report ? "{...}" : action->event.text);
    transcript_say(sim, sentinel->process->name,
                   action->type == ACT_EVENT ? " > " : " . ", text);
}

static bool has_expired(const struct sim *sim, const struct sentinel *sentinel,
                        const struct core_action *action)
{
    return action->expires_at != NEVER &&
           node_now(sim, sentinel) > action->expires_at;
}

void node_perform(struct sim *sim, struct sentinel *sentinel,
                  const struct issued *issued)
{
    const struct core_action *action = &issued->action;
    if (sentinel->crashing) {
        return;
    }
    if (has_expired(sim, sentinel, action) ||
        !core_action_stands(sentinel->core, action)) {
        node_refuse(sim, sentinel, issued);
        return;
    }
    switch (action->type) {
    case ACT_CONNECT:
        perform_connect(sim, sentinel, action);
        return;
    case ACT_DISCONNECT:
        perform_disconnect(sim, sentinel, action->link);
        return;
    case ACT_PING:
    case ACT_INFO:
    case ACT_SUBSCRIBE:
    case ACT_IDENTIFY:
    case ACT_SCRIPT_KILL:
    case ACT_FENCE_READ:
    case ACT_REHEARSE:
    case ACT_FENCE:
    case ACT_VIEW:
    case ACT_VOTER_VIEW:
    case ACT_ACCEPT:
    case ACT_HELLO:
    case ACT_ASK:
    case ACT_CUT_OFF:
    case ACT_REPLICAOF:
    case ACT_PAUSE:
    case ACT_UNPAUSE:
        send_request(sim, sentinel, issued);
        return;
    case ACT_EVENT:
    case ACT_LOG:
        perform_event(sim, sentinel, action);
        return;
    case ACT_SCRIPT: /* there is nobody to be told */
        return;
    case ACT_ANSWER:
        oracle_on_perform(sim, sentinel, issued);
        node_answer(sim, sentinel, action, true);
        return;
    case ACT_CRASH: /* node_settle ends it */
        sentinel->crashing = true;
        return;
    }
    assert(false);
}

/* --- Facts from the network ----------------------------------------------- */

static struct sentinel *client_of(struct sim *sim,
                                  const struct connection *connection)
{
    return sim->processes[connection->client].sentinel;
}

void node_on_connected(struct sim *sim, struct connection *connection)
{
    struct sentinel *sentinel = client_of(sim, connection);
    link_slot(sentinel, connection->link)->up = true;
    struct core_event event = {.type = EV_LINK_UP, .link = connection->link};
    copy_text(event.link_up.local_ip, HOST_SIZE,
              alias_told(sentinel->process).host);
    node_record(sim, sentinel, &event);
}

void node_on_disconnected(struct sim *sim, struct connection *connection,
                          enum link_failure failure)
{
    struct sentinel *sentinel = client_of(sim, connection);
    forget_connection(sentinel, connection->link);
    node_record(sim, sentinel,
                &(struct core_event){.type = EV_LINK_DOWN,
                                     .link = connection->link,
                                     .failure = failure});
}

static void history_text(char text[RUN_ID_SIZE], uint32_t history)
{
    static const char digits[] = "0123456789abcdef";
    if (history == 0) {
        text[0] = '\0';
        return;
    }
    memset(text, '0', RUN_ID_LEN);
    text[RUN_ID_LEN] = '\0';
    for (size_t at = RUN_ID_LEN; history != 0; history /= 16) {
        text[--at] = digits[history % 16];
    }
}

/* As the parser of INFO would give it to the core. */
static void parse_info(const struct sim *sim, const struct info_text *text,
                       struct info *info)
{
    info->role = text->role;
    copy_text(info->run_id, RUN_ID_SIZE, text->run_id);
    history_text(info->replid, text->replid);
    history_text(info->replid2, text->replid2);
    uint64_t base = sim->histories[text->replid].base;
    info->second_repl_offset =
        text->second_offset < 0 ? -1 : text->second_offset - (int64_t)base;
    info->loading = text->loading;
    info->master = text->master;
    info->master_link_up = text->link_up;
    info->master_link_down_s = text->link_down_s;
    info->master_last_io_s = text->role == ROLE_REPLICA ? text->last_io_s : -1;
    info->sync_in_progress = text->syncing;
    info->priority = text->priority;
    info->offset = text->offset - base;
    info->keys = text->offset; /* whoever has a stream of writes has keys */
    info->append_only_known = true;
    info->append_only = text->append_only;
    info->saves_failing = text->saves_failing;
    info->unsaved_changes = text->unsaved;
    info->known_engine = text->known_engine;
    info->announced = true;
    info->backlog_from =
        text->backlog_from <= base ? NO_OFFSET : text->backlog_from - base;
    info->replica_count = text->replica_count;
    for (uint32_t i = 0; i < text->replica_count; i++) {
        info->replicas[i].address =
            alias_told(&sim->processes[text->replicas[i]]);
        info->replicas[i].online = text->online[i];
        info->replicas[i].lag_s = text->lag_s[i];
    }
}

static void note_answer(struct sim *sim, struct sentinel *sentinel,
                        const struct connection *connection,
                        const struct reply *reply)
{
    struct reading *reading = &sentinel->readings[connection->server];
    const struct core_event *event = &reply->event;
    if (event->type == EV_ACK && event->ack.what == ACT_CUT_OFF) {
        /* only the answer to the last order counts */
        reading->out -= reading->out > 0 ? 1 : 0;
        reading->cut_off = event->ack.result == ACK_OK && reading->out == 0;
    } else if (event->type == EV_INFO) {
        reading->read = reading->cut_off;
        reading->replid = reply->info.replid;
        reading->replid2 = reply->info.replid2;
        reading->offset = reply->info.offset;
        reading->priority = reply->info.priority;
        reading->followed =
            reply->info.role == ROLE_REPLICA && reply->info.link_down_s >= 0;
        oracle_on_info(sim, sentinel, connection->server, &reply->info);
    } else if (event->type == EV_VIEW) {
        oracle_on_view_told(sim, sentinel, event);
    }
}

void node_on_reply(struct sim *sim, struct connection *connection,
                   const struct reply *reply)
{
    struct sentinel *sentinel = client_of(sim, connection);
    struct core_event event;
    struct info info;
    event_copy(&event, &reply->event);
    event.link = connection->link;
    note_answer(sim, sentinel, connection, reply);
    if (event.type == EV_INFO) {
        parse_info(sim, &reply->info, &info);
        event.info = &info;
    }
    node_record(sim, sentinel, &event);
}

void node_on_push(struct sim *sim, struct connection *connection,
                  const struct hello *hello)
{
    node_record(sim, client_of(sim, connection),
                &(struct core_event){.type = EV_HELLO,
                                     .link = connection->link,
                                     .hello = hello});
}
