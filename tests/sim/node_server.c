/* A sentinel's own port, as its peers use it: pings are answered at once, a
 * view is read from the model, a hello becomes a fact, and a question waits
 * for the core's answer - and with it everything behind it on the same
 * connection, because replies come in the order of the requests. */
#include "node.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

static void send_reply(struct sim *sim, struct connection *connection,
                       const struct core_event *event)
{
    net_send_to_client(sim, connection, message_new_reply(event));
}

static void send_ack(struct sim *sim, struct connection *connection,
                     const struct core_action *request, enum ack_result result)
{
    send_reply(
        sim, connection,
        &(struct core_event){.type = EV_ACK,
                             .group = request->group,
                             .ack = {.what = request->type, .result = result}});
}

static void answer_identity(struct sim *sim, const struct sentinel *sentinel,
                            struct connection *connection)
{
    struct core_event event = {.type = EV_IDENTITY};
    event.identity.how = PROVEN_ANSWER;
    memcpy(event.identity.run_id, sentinel->run_id, RUN_ID_SIZE);
    send_reply(sim, connection, &event);
}

/* --- Views ---------------------------------------------------------------- */

/* As SENTINEL MASTER has it: a voter says so too, as long as its vote binds. */
static bool shows_failover(const struct sim *sim,
                           const struct sentinel *sentinel,
                           const struct group *group)
{
    const struct ballot *vote = &group->vote;
    return group->failover.state != FAILOVER_NONE ||
           (vote->leader[0] != '\0' && vote->epoch > group->published_epoch &&
            strcmp(vote->leader, sentinel->run_id) != 0 &&
            node_now(sim, sentinel) < group->vote_binds_until);
}

static void answer_view(struct sim *sim, struct sentinel *sentinel,
                        struct connection *connection,
                        const struct core_action *request)
{
    const struct group *group =
        model_find_group(core_model(sentinel->core), request->view.name);
    if (group == NULL) {
        send_ack(sim, connection, request, ACK_REFUSED);
        return;
    }
    struct core_event event = {.type = EV_VIEW, .group = request->group};
    event.view.config_epoch = group->published_epoch;
    event.view.master = *model_current_address(group);
    event.view.failover_in_progress = shows_failover(sim, sentinel, group);
    memcpy(event.view.lineage, group->lineage, sizeof group->lineage);
    event.view.lineage_epoch = group->lineage_epoch;
    event.view.process_gone =
        model_is_master_in_doubt(group) && group->published == group->master;
    if (model_is_first_process(group)) {
        copy_text(event.view.only_process, RUN_ID_SIZE,
                  group->master->report.run_id);
    }
    event.view.is_ours = !sentinel->is_older;
    if (event.view.is_ours) {
        event.view.accepted = model_newest_configuration(group);
    }
    oracle_on_view(sim, sentinel, group->name, event.view.config_epoch);
    send_reply(sim, connection, &event);
}

/* --- Questions ------------------------------------------------------------ */

struct question *node_question(struct sentinel *sentinel, uint64_t client)
{
    for (size_t i = 0; i < MAX_QUESTIONS; i++) {
        if (sentinel->questions[i].client == client) {
            return &sentinel->questions[i];
        }
    }
    return NULL;
}

/* It waits for the core's answer, and all behind it on this connection. */
static struct question *open_question(struct sentinel *sentinel,
                                      struct connection *connection,
                                      const struct core_action *request,
                                      const struct group *group)
{
    struct question *question = node_question(sentinel, 0);
    assert(question != NULL);
    *question = (struct question){.client = ++sentinel->last_client,
                                  .slot = connection->slot,
                                  .serial = connection->serial,
                                  .group = request->group,
                                  .own_group = group == NULL ? 0 : group->id};
    connection->awaiting_answer = true;
    return question;
}

static void offer_to_core(struct sim *sim, struct sentinel *sentinel,
                          struct connection *connection,
                          const struct core_action *request)
{
    const struct group *group =
        model_find_group(core_model(sentinel->core), request->accept.name);
    const struct question *question =
        open_question(sentinel, connection, request, group);
    struct admin admin = {.type = ADMIN_ACCEPT,
                          .client = question->client,
                          .offer = request->accept.offer};
    memcpy(admin.name, request->accept.name, NAME_SIZE);
    memcpy(admin.leader, request->accept.leader, RUN_ID_SIZE);
    node_record(sim, sentinel,
                &(struct core_event){.type = EV_ADMIN, .admin = &admin});
}

static void ask_core(struct sim *sim, struct sentinel *sentinel,
                     struct connection *connection,
                     const struct core_action *request)
{
    const struct group *group =
        model_find_group_at(core_model(sentinel->core), &request->ask.master);
    const struct question *question =
        open_question(sentinel, connection, request, group);
    sentinel->unanswered++;
    struct core_event event = {.type = EV_ASKED};
    event.asked.client = question->client;
    event.asked.master = request->ask.master;
    event.asked.epoch = request->ask.epoch;
    event.asked.reason = request->ask.reason;
    memcpy(event.asked.candidate, request->ask.candidate, RUN_ID_SIZE);
    node_record(sim, sentinel, &event);
}

static void answer_question(struct sim *sim, struct question *question,
                            const struct core_action *action, bool durable)
{
    struct connection *connection =
        net_find(sim, question->slot, question->serial);
    struct core_event event = {.type = EV_ASK_REPLY, .group = question->group};
    if (!action->answer.is_opinion) {
        bool kept = durable && action->answer.result == ADMIN_OK;
        event.type = EV_ACK;
        event.ack.what = ACT_ACCEPT;
        event.ack.result = kept ? ACK_OK : ACK_REFUSED;
    } else if (durable) {
        event.ask_reply.down = action->answer.down;
        event.ask_reply.vote = action->answer.vote;
    } else {
        event.type = EV_ACK;
        event.ack.what = ACT_ASK;
        event.ack.result = ACK_REFUSED;
    }
    question->client = 0;
    if (connection != NULL && connection->server_open) {
        send_reply(sim, connection, &event);
        net_read_on(sim, connection);
    }
}

static const char *result_text(enum admin_result result)
{
    switch (result) {
    case ADMIN_OK:
        return "OK";
    case ADMIN_NO_SUCH_GROUP:
        return "no such group";
    case ADMIN_DUPLICATE_GROUP:
        return "duplicate group";
    case ADMIN_TOO_MANY_GROUPS:
        return "too many groups";
    case ADMIN_IN_PROGRESS:
        return "in progress";
    case ADMIN_NO_GOOD_REPLICA:
        return "no good replica";
    case ADMIN_REFUSED:
        return "refused";
    }
    return "?";
}

void node_answer(struct sim *sim, struct sentinel *sentinel,
                 const struct core_action *action, bool durable)
{
    bool to_peer =
        action->answer.is_opinion || action->answer.asked == ADMIN_ACCEPT;
    if (!to_peer) {
        transcript_say(sim, sentinel->process->name, " answers ",
                       durable ? result_text(action->answer.result)
                               : "not durable");
        return;
    }
    struct question *question = node_question(sentinel, action->answer.client);
    if (question == NULL) {
        oracle_fail(sim, "S7", "%s answers question %" PRIu64 " twice",
                    sentinel->process->name, action->answer.client);
        return;
    }
    answer_question(sim, question, action, durable);
}

/* --- Requests ------------------------------------------------------------- */

void node_on_request(struct sim *sim, struct connection *connection,
                     const struct core_action *request)
{
    struct sentinel *sentinel = sim->processes[connection->server].sentinel;
    if (sentinel->locked && request->type != ACT_PING) {
        send_ack(sim, connection, request, ACK_REFUSED);
        return;
    }
    switch (request->type) {
    case ACT_PING:
        send_reply(sim, connection,
                   &(struct core_event){
                       .type = EV_PONG,
                       .pong = sentinel->locked ? PONG_WRONGPASS : PONG_OK});
        return;
    case ACT_IDENTIFY:
        answer_identity(sim, sentinel, connection);
        return;
    case ACT_VIEW:
    case ACT_VOTER_VIEW:
        answer_view(sim, sentinel, connection, request);
        return;
    case ACT_ASK:
        ask_core(sim, sentinel, connection, request);
        return;
    case ACT_ACCEPT:
        if (sentinel->is_older) {
            oracle_fail(sim, "told", "%s was offered what it cannot keep",
                        sentinel->process->name);
        }
        offer_to_core(sim, sentinel, connection, request);
        return;
    case ACT_HELLO:
        node_record(
            sim, sentinel,
            &(struct core_event){.type = EV_HELLO, .hello = &request->hello});
        send_ack(sim, connection, request, ACK_OK);
        return;
    case ACT_CONNECT:
    case ACT_DISCONNECT:
    case ACT_INFO:
    case ACT_SUBSCRIBE:
    case ACT_SCRIPT_KILL:
    case ACT_EVENT:
    case ACT_LOG:
    case ACT_SCRIPT:
    case ACT_CUT_OFF:
    case ACT_REPLICAOF:
    case ACT_PAUSE:
    case ACT_UNPAUSE:
    case ACT_FENCE_READ:
    case ACT_REHEARSE:
    case ACT_FENCE:
    case ACT_ANSWER:
    case ACT_CRASH:
        break;
    }
    oracle_fail(sim, "S7", "%s was sent a command for a server",
                sentinel->process->name);
}
