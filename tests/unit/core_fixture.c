#include "core_fixture.h"

#include "sentineld/memory.h"

#include <assert.h>
#include <stdio.h>

static struct address address(const char *host, uint16_t port)
{
    struct address result = {.port = port};
    copy_text(result.host, HOST_SIZE, host);
    return result;
}

static void prepare(struct fixture *fixture, const char *master)
{
    memset(fixture, 0, sizeof(*fixture));
    struct group_conf *group = &fixture->group;
    copy_text(group->name, NAME_SIZE, "m");
    group->master = address(master, 6379);
    group->settings = (struct group_settings){
        .quorum = 2,
        .parallel_syncs = 1,
        .down_after_ms = 1000,
        .fencing_replicas = 1,
        .fencing_max_lag_s = 2,
        .failover_timeout_ms = 10000,
    };
    fixture->conf = (struct core_conf){
        .groups = group,
        .group_count = 1,
        .port = 26379,
        .vote_lease_ms = 2000,
    };
    fixture->now = 100000;
    fixture->disk_works = true;
}

static void begin(struct fixture *fixture, const struct record *saved,
                  size_t count)
{
    fixture->core =
        core_new(&fixture->conf, SELF, saved, count, 7, fixture->now);
    if (count == 0) {
        /* It has been here for longer than a vote binds. */
        const struct model *model = core_model(fixture->core);
        TAILQ_FIRST(&model->groups)->votes_from = 0;
    }
}

void fixture_start(struct fixture *fixture, const struct record *saved,
                   size_t count)
{
    prepare(fixture, "10.0.0.1");
    begin(fixture, saved, count);
}

void fixture_start_named(struct fixture *fixture, const char *master,
                         const struct daemon_settings *settings)
{
    prepare(fixture, master);
    fixture->conf.settings = *settings;
    begin(fixture, NULL, 0);
}

void fixture_stop(struct fixture *fixture)
{
    core_free(fixture->core);
    free(fixture->actions);
    free(fixture->records);
}

void fixture_forget(struct fixture *fixture)
{
    fixture->action_count = 0;
    fixture->record_count = 0;
}

static void keep(struct fixture *fixture)
{
    const struct core_output *output = &fixture->output;
    size_t count = fixture->action_count + output->count;
    if (count > fixture->action_capacity) {
        fixture->action_capacity = 2 * count;
        fixture->actions =
            xrealloc(fixture->actions, 2 * count * sizeof(*fixture->actions));
    }
    if (output->count > 0) {
        memcpy(fixture->actions + fixture->action_count, output->actions,
               output->count * sizeof(*output->actions));
    }
    fixture->action_count = count;
    count = fixture->record_count + output->record_count;
    if (count > fixture->record_capacity) {
        fixture->record_capacity = 2 * count;
        fixture->records =
            xrealloc(fixture->records, 2 * count * sizeof(*fixture->records));
    }
    if (output->record_count > 0) {
        memcpy(fixture->records + fixture->record_count, output->records,
               output->record_count * sizeof(*output->records));
    }
    fixture->record_count = count;
}

void fixture_settle(struct fixture *fixture)
{
    for (;;) {
        core_settle(fixture->core, fixture->now, &fixture->output);
        keep(fixture);
        if (fixture->output.save_version == 0) {
            return;
        }
        fixture->version = fixture->output.save_version;
        if (!fixture->disk_works) {
            return;
        }
        struct core_event event = {.type = EV_SAVED,
                                   .saved_version = fixture->version};
        core_record(fixture->core, fixture->now, &event);
    }
}

const struct group *fixture_group(const struct fixture *fixture)
{
    return model_find_group(core_model(fixture->core), "m");
}

const struct node *fixture_node(const struct fixture *fixture, const char *host)
{
    const struct node *node;
    TAILQ_FOREACH (node, &fixture_group(fixture)->nodes, entry) {
        if (strcmp(node->instance.address.host, host) == 0) {
            return node;
        }
    }
    return NULL;
}

const struct voter *fixture_voter(const struct fixture *fixture,
                                  const char *run_id)
{
    const struct voter *voter;
    TAILQ_FOREACH (voter, &fixture_group(fixture)->voters, group_entry) {
        if (strcmp(voter->peer->run_id, run_id) == 0) {
            return voter;
        }
    }
    return NULL;
}

object_id fixture_link_of(const struct fixture *fixture, const char *host)
{
    const struct node *node = fixture_node(fixture, host);
    assert(node != NULL);
    return node->instance.command.id;
}

object_id fixture_peer_link(const struct fixture *fixture, const char *run_id)
{
    const struct peer *peer =
        model_find_peer(core_model(fixture->core), run_id);
    assert(peer != NULL);
    return peer->instance.command.id;
}

static void record(struct fixture *fixture, struct core_event *event)
{
    core_record(fixture->core, fixture->now, event);
    fixture_settle(fixture);
}

void fixture_resolved(struct fixture *fixture, object_id link, const char *ip)
{
    struct core_event event = {.type = EV_RESOLVED, .link = link};
    copy_text(event.resolved.ip, IP_SIZE, ip);
    record(fixture, &event);
}

void fixture_up(struct fixture *fixture, object_id link)
{
    struct core_event event = {.type = EV_LINK_UP, .link = link};
    copy_text(event.link_up.local_ip, HOST_SIZE, "10.0.0.99");
    record(fixture, &event);
}

void fixture_down(struct fixture *fixture, object_id link,
                  enum link_failure failure)
{
    struct core_event event = {
        .type = EV_LINK_DOWN, .link = link, .failure = failure};
    record(fixture, &event);
}

void fixture_pong(struct fixture *fixture, object_id link, enum pong pong)
{
    struct core_event event = {.type = EV_PONG, .link = link, .pong = pong};
    record(fixture, &event);
}

void fixture_info(struct fixture *fixture, const char *host, struct info *info)
{
    if (info->run_id[0] == '\0') {
        (void)snprintf(info->run_id, RUN_ID_SIZE, "%-40s", host);
    }
    if (info->replid[0] == '\0') {
        copy_text(info->replid, RUN_ID_SIZE, HISTORY);
    }
    info->priority = 100;
    info->announced = true;
    if (info->backlog_from == 0) {
        info->backlog_from = NO_OFFSET;
    }
    if (info->keys == 0) {
        info->keys = info->offset; /* whoever has a stream has keys */
    }
    info->known_engine = true;
    struct core_event event = {
        .type = EV_INFO, .link = fixture_link_of(fixture, host), .info = info};
    record(fixture, &event);
}

void fixture_info_master(struct fixture *fixture, const char *host,
                         unsigned replicas)
{
    struct info *said = xcalloc(1, sizeof(*said));
    said->role = ROLE_MASTER;
    for (unsigned i = 0; i < replicas; i++) {
        char replica[32];
        (void)snprintf(replica, sizeof(replica), "10.0.0.%u", i + 2);
        said->replicas[said->replica_count++].address = address(replica, 6379);
    }
    fixture_info(fixture, host, said);
    free(said);
}

void fixture_info_replica(struct fixture *fixture, const char *host,
                          const char *master_host, uint64_t offset)
{
    struct info *said = xcalloc(1, sizeof(*said));
    said->role = ROLE_REPLICA;
    said->master = address(master_host, 6379);
    said->master_link_up = true;
    said->master_last_io_s = -1;
    said->offset = offset;
    fixture_info(fixture, host, said);
    free(said);
}

static void send_hello(struct fixture *fixture, const char *run_id,
                       const char *sentinel_host, const char *master_host,
                       uint64_t epoch)
{
    struct hello hello = {.current_epoch = epoch, .config_epoch = epoch};
    hello.sentinel = address(sentinel_host, 26379);
    copy_text(hello.run_id, RUN_ID_SIZE, run_id);
    copy_text(hello.group, NAME_SIZE, "m");
    hello.master = address(master_host, 6379);
    struct core_event event = {.type = EV_HELLO, .hello = &hello};
    record(fixture, &event);
}

const struct peer *fixture_newcomer(const struct fixture *fixture,
                                    const char *run_id)
{
    const struct peer *peer;
    TAILQ_FOREACH (peer, &core_model(fixture->core)->newcomers, entry) {
        if (strcmp(peer->run_id, run_id) == 0 && !peer->refuted) {
            return peer;
        }
    }
    return NULL;
}

void fixture_identity(struct fixture *fixture, object_id link,
                      const char *run_id)
{
    struct core_event event = {.type = EV_IDENTITY, .link = link};
    event.identity.how = PROVEN_ANSWER;
    copy_text(event.identity.run_id, RUN_ID_SIZE, run_id);
    record(fixture, &event);
}

static void tell_view(struct fixture *fixture, object_id link)
{
    struct core_event event = {
        .type = EV_VIEW, .link = link, .group = fixture_group(fixture)->id};
    event.view.config_epoch = fixture_group(fixture)->config_epoch;
    event.view.is_ours = true;
    record(fixture, &event);
}

/* A supervisor that answers at its address. */
static void prove(struct fixture *fixture, const char *run_id)
{
    const struct peer *peer = fixture_newcomer(fixture, run_id);
    object_id link;
    if (peer == NULL) {
        return;
    }
    link = peer->instance.command.id;
    fixture_up(fixture, link);
    fixture_identity(fixture, link, run_id);
    if (model_find_link(core_model(fixture->core), link) != NULL) {
        tell_view(fixture, link);
        fixture_pong(fixture, link, PONG_OK);
        fixture_pong(fixture, link, PONG_OK); /* a voter is asked anew */
    }
}

/* It wants to know what the others say. */
static bool adopts(const struct fixture *fixture,
                   const struct configuration *told)
{
    const struct voter *voter;
    (void)told;
    TAILQ_FOREACH (voter, &fixture_group(fixture)->voters, group_entry) {
        if (voter->view_due || voter->view_pending) {
            return true;
        }
    }
    return false;
}

/* All voters say the same. */
static void confirm(struct fixture *fixture, const struct configuration *told)
{
    const struct voter *voter;
    fixture_run_until(fixture, fixture->now + 5, NULL, 0);
    TAILQ_FOREACH (voter, &fixture_group(fixture)->voters, group_entry) {
        struct core_event event = {.type = EV_VIEW,
                                   .link = voter->peer->instance.command.id,
                                   .group = fixture_group(fixture)->id};
        event.view.config_epoch = told->epoch;
        event.view.master = told->master;
        event.view.is_ours = true;
        event.view.accepted = *told;
        if (voter->view_pending) {
            core_record(fixture->core, fixture->now, &event);
        }
    }
    fixture_settle(fixture);
}

void fixture_hello(struct fixture *fixture, const char *run_id,
                   const char *sentinel_host, const char *master_host,
                   uint64_t epoch)
{
    send_hello(fixture, run_id, sentinel_host, master_host, epoch);
    if (fixture_newcomer(fixture, run_id) != NULL) {
        prove(fixture, run_id);
        send_hello(fixture, run_id, sentinel_host, master_host, epoch);
    }
    struct configuration told = {.epoch = epoch,
                                 .master = address(master_host, 6379)};
    if (adopts(fixture, &told)) {
        confirm(fixture, &told);
    }
}

void fixture_bare_hello(struct fixture *fixture, const char *run_id,
                        const char *sentinel_host, const char *master_host,
                        uint64_t epoch)
{
    send_hello(fixture, run_id, sentinel_host, master_host, epoch);
}

/* A voter's view comes right behind its vote. */
static void answer_view(struct fixture *fixture, const char *run_id)
{
    const struct voter *voter = fixture_voter(fixture, run_id);
    if (voter->view_pending) {
        tell_view(fixture, fixture_peer_link(fixture, run_id));
    }
}

void fixture_opinion(struct fixture *fixture, const char *run_id, bool down,
                     const char *leader, uint64_t epoch)
{
    struct core_event event = {.type = EV_ASK_REPLY,
                               .link = fixture_peer_link(fixture, run_id),
                               .group = fixture_group(fixture)->id};
    event.ask_reply.down = down;
    event.ask_reply.vote.epoch = epoch;
    copy_text(event.ask_reply.vote.leader, RUN_ID_SIZE, leader);
    record(fixture, &event);
    if (strcmp(leader, SELF) == 0) {
        answer_view(fixture, run_id);
        answer_view(fixture, run_id); /* the first may have been from before */
    }
}

void fixture_ack(struct fixture *fixture, object_id link,
                 enum core_action_type what, enum ack_result result,
                 enum role role)
{
    struct core_event event = {
        .type = EV_ACK, .link = link, .group = fixture_group(fixture)->id};
    event.ack.what = what;
    event.ack.result = result;
    event.ack.role = role;
    record(fixture, &event);
}

void fixture_asked(struct fixture *fixture, const char *candidate,
                   uint64_t epoch)
{
    struct core_event event = {.type = EV_ASKED};
    event.asked.client = 77;
    event.asked.master = *model_current_address(fixture_group(fixture));
    event.asked.epoch = epoch;
    copy_text(event.asked.candidate, RUN_ID_SIZE, candidate);
    record(fixture, &event);
}

void fixture_keep_offer(struct fixture *fixture)
{
    object_id link = fixture_peer_link(fixture, PEER_A);
    fixture_ack(fixture, link, ACT_HELLO, ACK_OK, ROLE_UNKNOWN);
    fixture_ack(fixture, link, ACT_ACCEPT, ACK_OK, ROLE_UNKNOWN);
}

void fixture_complete(struct fixture *fixture)
{
    fixture_settle(fixture);
    fixture_up(fixture, fixture_link_of(fixture, "10.0.0.1"));
    fixture_pong(fixture, fixture_link_of(fixture, "10.0.0.1"), PONG_OK);
    fixture_info_master(fixture, "10.0.0.1", 2);
    static const char *const replicas[] = {"10.0.0.2", "10.0.0.3"};
    for (int i = 0; i < 2; i++) {
        object_id link = fixture_link_of(fixture, replicas[i]);
        fixture_up(fixture, link);
        fixture_pong(fixture, link, PONG_OK);
        fixture_info_replica(fixture, replicas[i], "10.0.0.1",
                             100 + (uint64_t)i);
    }
    fixture_hello(fixture, PEER_A, "10.0.1.1", "10.0.0.1", 0);
    fixture_hello(fixture, PEER_B, "10.0.1.2", "10.0.0.1", 0);
    fixture_forget(fixture);
}

static bool is_listed(object_id id, const object_id *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == id) {
            return true;
        }
    }
    return false;
}

/* Answers the PINGs since the action with this index. */
static size_t answer_pings(struct fixture *fixture, size_t from,
                           const object_id *quiet, size_t quiet_count)
{
    size_t count = fixture->action_count;
    object_id *links = xcalloc(count, sizeof(*links));
    size_t pings = 0;
    for (size_t i = from; i < count; i++) {
        const struct core_action *action = &fixture->actions[i];
        if (action->type == ACT_PING &&
            !is_listed(action->link, quiet, quiet_count)) {
            links[pings++] = action->link;
        }
    }
    for (size_t i = 0; i < pings; i++) {
        struct core_event event = {
            .type = EV_PONG, .link = links[i], .pong = PONG_OK};
        core_record(fixture->core, fixture->now, &event);
    }
    free(links);
    return pings;
}

void fixture_run_until(struct fixture *fixture, msec at, const object_id *quiet,
                       size_t quiet_count)
{
    for (;;) {
        msec deadline = core_deadline(fixture->core);
        if (deadline > at) {
            break;
        }
        fixture->now = deadline > fixture->now ? deadline : fixture->now;
        size_t from;
        do {
            from = fixture->action_count;
            fixture_settle(fixture);
        } while (answer_pings(fixture, from, quiet, quiet_count) > 0);
    }
    fixture->now = at;
}

const struct core_action *fixture_action(const struct fixture *fixture,
                                         enum core_action_type type,
                                         object_id link)
{
    for (size_t i = fixture->action_count; i > 0; i--) {
        const struct core_action *action = &fixture->actions[i - 1];
        if (action->type == type && (link == 0 || action->link == link)) {
            return action;
        }
    }
    return NULL;
}

size_t fixture_count(const struct fixture *fixture, enum core_action_type type,
                     object_id link)
{
    size_t count = 0;
    for (size_t i = 0; i < fixture->action_count; i++) {
        const struct core_action *action = &fixture->actions[i];
        if (action->type == type && (link == 0 || action->link == link)) {
            count++;
        }
    }
    return count;
}

const char *fixture_event(const struct fixture *fixture, const char *channel)
{
    for (size_t i = fixture->action_count; i > 0; i--) {
        const struct core_action *action = &fixture->actions[i - 1];
        if (action->type == ACT_EVENT &&
            strcmp(action->event.channel, channel) == 0) {
            return action->event.text;
        }
    }
    return NULL;
}

const struct record *fixture_record(const struct fixture *fixture,
                                    enum record_kind kind)
{
    for (size_t i = fixture->record_count; i > 0; i--) {
        if (fixture->records[i - 1].kind == kind) {
            return &fixture->records[i - 1];
        }
    }
    return NULL;
}
