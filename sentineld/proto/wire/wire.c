/* Actions to commands.
 *
 * Each command that is written is also noted in a queue, because RESP pairs
 * replies with commands by order alone. An action may be several commands: a
 * change of role is a transaction, so that a server is never left between
 * two masters, and its clients are cut loose in the same moment.
 *
 * The queue grows with what is out. That is bounded by the core, which never
 * asks the same thing twice before it was answered.
 *
 * The spellings are those of the oldest servers: SLAVEOF, not REPLICAOF, is
 * what users' access rules name. */
#include "sentineld/wire.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "proto/wire/wire.h"
#include "proto/wire/wire_private.h"
#include "sentineld/memory.h"
#include "sentineld/resp.h"

enum { FIRST_ROOM = 8, PORT_SIZE = 8, EPOCH_SIZE = 24, COMMAND_WORDS_MAX = 7 };

/* A closed port of the replica's own host: it refuses at once, and the
 * replica keeps its data, its history and its offset. */
static const char nowhere_host[] = "127.0.0.1";
static const char nowhere_port[] = "1";

struct wire *wire_new(enum link_kind kind, object_id link)
{
    struct wire *wire = xcalloc(1, sizeof *wire);
    wire->kind = kind;
    wire->link = link;
    return wire;
}

void wire_free(struct wire *wire)
{
    if (wire == NULL) {
        return;
    }
    free(wire->queue);
    renames_clear(&wire->renames);
    free(wire);
}

void wire_rename(struct wire *wire, struct renames renames)
{
    renames_clear(&wire->renames);
    wire->renames = renames;
}

size_t wire_pending(const struct wire *wire)
{
    return wire->count;
}

static void grow_queue(struct wire *wire)
{
    size_t room = wire->room == 0 ? FIRST_ROOM : 2 * wire->room;
    struct expected *queue = xmalloc(room * sizeof *queue);
    for (size_t i = 0; i < wire->count; i++) {
        queue[i] = wire->queue[(wire->first + i) % wire->room];
    }
    free(wire->queue);
    wire->queue = queue;
    wire->first = 0;
    wire->room = room;
}

void wire_expect(struct wire *wire, enum sent_command command,
                 const struct core_action *action)
{
    if (wire->count == wire->room) {
        grow_queue(wire);
    }
    struct expected expected = {.command = command};
    if (action != NULL) {
        expected.action = action->type;
        expected.group = action->group;
    }
    wire->queue[(wire->first + wire->count) % wire->room] = expected;
    wire->count++;
}

/* Every command goes out here: the first word is the one that a server may
 * know under another name. */
void wire_put(const struct wire *wire, size_t count, const char *const *words,
              struct buffer *out)
{
    const char *renamed[COMMAND_WORDS_MAX];
    assert(count >= 1 && count <= COMMAND_WORDS_MAX);
    for (size_t i = 0; i < count; i++) {
        renamed[i] = words[i];
    }
    renamed[0] = renames_find(&wire->renames, words[0]);
    resp_command(out, count, renamed);
}

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

void wire_greeting(struct wire *wire, const struct wire_login *login,
                   struct buffer *out)
{
    if (is_given(login->password)) {
        const char *both[] = {"AUTH", login->user, login->password};
        const char *alone[] = {"AUTH", login->password};
        if (is_given(login->user)) {
            wire_put(wire, 3, both, out);
        } else {
            wire_put(wire, 2, alone, out);
        }
        wire_expect(wire, SENT_AUTH, NULL);
    }
    char name[32];
    (void)snprintf(name, sizeof name, "sentinel-%.8s-%s", login->self,
                   wire->kind == LINK_NODE_HELLO ? "pubsub" : "cmd");
    const char *setname[] = {"CLIENT", "SETNAME", name};
    wire_put(wire, 3, setname, out);
    wire_expect(wire, SENT_SETNAME, NULL);
}

static void send_view(struct wire *wire, const struct core_action *action,
                      struct buffer *out)
{
    const char *command[] = {"SENTINEL", "MASTER", action->view.name};
    wire_put(wire, 3, command, out);
    wire_expect(wire, SENT_MASTER, action);
}

static void encode_hello(const struct wire *wire,
                         const struct core_action *action, struct buffer *out)
{
    char text[HELLO_TEXT_SIZE];
    (void)hello_format(&action->hello, text);
    const char *command[] = {"PUBLISH", HELLO_CHANNEL, text};
    wire_put(wire, 3, command, out);
}

static void encode_ask(const struct wire *wire,
                       const struct core_action *action, struct buffer *out)
{
    char port[PORT_SIZE];
    char epoch[EPOCH_SIZE];
    (void)snprintf(port, sizeof port, "%u", (unsigned)action->ask.master.port);
    (void)snprintf(epoch, sizeof epoch, "%" PRIu64, action->ask.epoch);
    const char *candidate = action->ask.candidate;
    const char *reason = vote_reason_name(action->ask.reason);
    char word[RUN_ID_SIZE + VOTE_REASON_SIZE];
    (void)snprintf(word, sizeof word, "%s%s%s", candidate,
                   is_given(reason) ? "," : "", reason);
    const char *command[] = {"SENTINEL",
                             "is-master-down-by-addr",
                             action->ask.master.host,
                             port,
                             epoch,
                             is_given(candidate) ? word : "*"};
    wire_put(wire, 6, command, out);
}

static void encode_accept(const struct wire *wire,
                          const struct core_action *action, struct buffer *out)
{
    const struct configuration *offer = &action->accept.offer;
    char port[PORT_SIZE];
    char epoch[EPOCH_SIZE];
    (void)snprintf(port, sizeof port, "%u", (unsigned)offer->master.port);
    (void)snprintf(epoch, sizeof epoch, "%" PRIu64, offer->epoch);
    const char *command[] = {"SENTINEL",
                             "ACCEPT",
                             action->accept.name,
                             epoch,
                             action->accept.leader,
                             offer->master.host,
                             port};
    wire_put(wire, 7, command, out);
}

/* The words of a command that is always the same, up to a NULL. */
static const char *const *fixed_words(enum sent_command command)
{
    static const char *const words[][5] = {
        [SENT_PING] = {"PING"},
        [SENT_INFO] = {"INFO"},
        [SENT_SUBSCRIBE] = {"SUBSCRIBE", HELLO_CHANNEL},
        [SENT_MYID] = {"SENTINEL", "MYID"},
        [SENT_SCRIPT_KILL] = {"SCRIPT", "KILL"},
        [SENT_MULTI] = {"MULTI"},
        [SENT_REWRITE] = {"CONFIG", "REWRITE"},
        [SENT_KILL_NORMAL] = {"CLIENT", "KILL", "TYPE", "normal"},
        [SENT_KILL_PUBSUB] = {"CLIENT", "KILL", "TYPE", "pubsub"},
        [SENT_EXEC] = {"EXEC"},
        [SENT_ROLE] = {"ROLE"},
        [SENT_UNPAUSE] = {"CLIENT", "UNPAUSE"},
    };
    assert(words[command][0] != NULL);
    return words[command];
}

void wire_send_fixed(struct wire *wire, enum sent_command command,
                     const struct core_action *action, struct buffer *out)
{
    const char *const *words = fixed_words(command);
    size_t count = 0;
    while (words[count] != NULL) {
        count++;
    }
    wire_put(wire, count, words, out);
    wire_expect(wire, command, action);
}

static void send_slaveof(struct wire *wire, const struct core_action *action,
                         struct buffer *out)
{
    char port[PORT_SIZE];
    const char *command[] = {"SLAVEOF", nowhere_host, nowhere_port};
    if (action->type == ACT_REPLICAOF) {
        const struct address *master = &action->replicaof.master;
        bool is_promotion = master->host[0] == '\0';
        (void)snprintf(port, sizeof port, "%u", (unsigned)master->port);
        command[1] = is_promotion ? "NO" : master->host;
        command[2] = is_promotion ? "ONE" : port;
    }
    bool alone = action->type == ACT_CUT_OFF || action->replicaof.bare;
    wire_put(wire, 3, command, out);
    wire_expect(wire, alone ? SENT_SLAVEOF_ALONE : SENT_SLAVEOF, action);
}

/* Reads go on; whoever writes waits until it is over. */
static void send_pause(struct wire *wire, const struct core_action *action,
                       struct buffer *out)
{
    char duration[EPOCH_SIZE];
    (void)snprintf(duration, sizeof duration, "%" PRIu64,
                   action->pause.duration_ms);
    const char *command[] = {"CLIENT", "PAUSE", duration, "WRITE"};
    wire_put(wire, 4, command, out);
    wire_expect(wire, SENT_PAUSE, action);
}

/* Whoever reads there goes on reading: its role does not change. Nor does its
 * file: restarted, it follows as before. */
static void encode_cut_off(struct wire *wire, const struct core_action *action,
                           struct buffer *out)
{
    struct core_action info = {.type = ACT_INFO, .group = action->group};
    send_slaveof(wire, action, out);
    wire_send_fixed(wire, SENT_INFO, &info, out);
}

/* Clients that do not listen to us find the new master when their connection
 * breaks; hence the kills. */
static void encode_replicaof(struct wire *wire,
                             const struct core_action *action,
                             struct buffer *out)
{
    if (action->replicaof.bare) {
        send_slaveof(wire, action, out);
        wire_send_fixed(wire, SENT_ROLE, action, out);
        return;
    }
    wire_send_fixed(wire, SENT_MULTI, action, out);
    send_slaveof(wire, action, out);
    wire_send_fixed(wire, SENT_REWRITE, action, out);
    if (!action->replicaof.keep_clients) {
        wire_send_fixed(wire, SENT_KILL_NORMAL, action, out);
        wire_send_fixed(wire, SENT_KILL_PUBSUB, action, out);
    }
    if (action->replicaof.unpause) {
        wire_send_fixed(wire, SENT_UNPAUSE, action, out);
    }
    wire_send_fixed(wire, SENT_EXEC, action, out);
    wire_send_fixed(wire, SENT_ROLE, action, out);
}

/* Actions that are one command without words of their own. */
static enum sent_command fixed_command(enum core_action_type type)
{
    return type == ACT_PING          ? SENT_PING
           : type == ACT_INFO        ? SENT_INFO
           : type == ACT_SUBSCRIBE   ? SENT_SUBSCRIBE
           : type == ACT_IDENTIFY    ? SENT_MYID
           : type == ACT_SCRIPT_KILL ? SENT_SCRIPT_KILL
                                     : SENT_UNPAUSE;
}

static void encode_follow(struct wire *wire, const struct core_action *action,
                          struct buffer *out)
{
    if (action->type == ACT_CUT_OFF) {
        encode_cut_off(wire, action, out);
    } else {
        encode_replicaof(wire, action, out);
    }
}

void wire_encode(struct wire *wire, const struct core_action *action,
                 struct buffer *out)
{
    switch (action->type) {
    case ACT_PING:
    case ACT_INFO:
    case ACT_SUBSCRIBE:
    case ACT_IDENTIFY:
    case ACT_SCRIPT_KILL:
    case ACT_UNPAUSE:
        wire_send_fixed(wire, fixed_command(action->type), action, out);
        return;
    case ACT_VIEW:
    case ACT_VOTER_VIEW:
        send_view(wire, action, out);
        return;
    case ACT_HELLO:
        encode_hello(wire, action, out);
        wire_expect(wire, SENT_PUBLISH, action);
        return;
    case ACT_ASK:
        encode_ask(wire, action, out);
        wire_expect(wire, SENT_ASK, action);
        return;
    case ACT_ACCEPT:
        encode_accept(wire, action, out);
        wire_expect(wire, SENT_ACCEPT, action);
        return;
    case ACT_CUT_OFF:
    case ACT_REPLICAOF:
        encode_follow(wire, action, out);
        return;
    case ACT_PAUSE:
        send_pause(wire, action, out);
        return;
    case ACT_FENCE_READ:
        wire_encode_fence_read(wire, out);
        wire_expect(wire, SENT_CONFIG_GET, action);
        return;
    case ACT_REHEARSE:
        wire_encode_rehearsal(wire, action, out);
        return;
    case ACT_FENCE:
        wire_encode_fence(wire, action, out);
        return;
    case ACT_CONNECT:
    case ACT_DISCONNECT:
    case ACT_EVENT:
    case ACT_LOG:
    case ACT_SCRIPT:
    case ACT_ANSWER:
    case ACT_CRASH:
        assert(false && "an action that is not sent to a server");
        return;
    }
}
