/* Keeps links alive and asks questions on time.
 *
 * Three kinds of link: to a server for commands, to a server for hellos, to
 * a peer. Pings are spaced in proportion to down_after, so that a hang is
 * noticed when down_after is over and not a second later. A ping that is
 * overdue by half of down_after costs the connection - the path may be at
 * fault, not the process - but not the clock: silence is counted over all
 * connections, since the last acceptable reply. At most one PING, INFO and
 * hello wait for their answer at a time (beside the INFO of a cut-off), so
 * queues are bounded by design.
 *
 * Judges nothing: down.c reads these clocks. Whoever has something else on its
 * way over a connection that ends is told by the caller. */
#include "core/links/links.h"

#include <assert.h>

static msec clamp(msec value, msec low, msec high)
{
    if (value < low) {
        return low;
    }
    return value > high ? high : value;
}

bool link_usable(const struct link *link)
{
    return link->state == LINK_UP;
}

bool link_is_read(const struct node *node)
{
    const struct link *link = &node->instance.command;
    return link_usable(link) && node->report.at != NEVER &&
           node->report.at >= link->state_since;
}

static msec ping_interval(const struct core *core, const struct link *link)
{
    msec down_after_ms = link_owner(link)->health.down_after_ms;
    msec longest = core->model.periods.ping_ms;
    msec wanted = clamp(down_after_ms / 10, PING_MIN_MS, NEVER);
    return wanted < longest ? wanted : longest;
}

/* Half of down_after without an answer: the connection is given up. */
static msec ping_patience(const struct link *link)
{
    return clamp(link_owner(link)->health.down_after_ms / 2, PING_MIN_MS,
                 NEVER);
}

msec link_silence(const struct instance *instance, msec now)
{
    const struct health *health = &instance->health;
    bool overdue =
        health->unanswered_since != NEVER || instance->command.state != LINK_UP;
    return overdue && now > health->ok_at ? now - health->ok_at : 0;
}

static void forget_pending(struct link *link)
{
    link->pending_commands = 0;
    link->ping_pending = false;
    link->info_pending = false;
    link->hello_pending = false;
}

static void set_state(struct link *link, enum link_state state, msec now)
{
    link->state = state;
    link->state_since = now;
}

/* Quick with what has just gone down, slower with what stays down; an old
 * master is met soon enough to be demoted within 300 ms of its return. */
static msec reconnect_pause(const struct link *link)
{
    if (link->failed_in_a_row == 0) {
        return 0;
    }
    if (link->kind == LINK_PEER) {
        uint32_t doublings =
            link->failed_in_a_row < 5 ? link->failed_in_a_row : 5;
        return clamp((msec)RECONNECT_MIN_MS << (2 * doublings), 0,
                     RECONNECT_PEER_MAX_MS);
    }
    if (link->node->former_master) {
        return RECONNECT_FORMER_MASTER_MS;
    }
    if (model_is_master_awaited(link->node)) {
        return RECONNECT_VANISHED_MS;
    }
    const struct group_settings *settings = &link->node->group->settings;
    msec patience = settings->down_after_ms;
    if (settings->refused_after_ms != 0 &&
        settings->refused_after_ms < patience) {
        patience = settings->refused_after_ms;
    }
    return clamp(patience / 10, RECONNECT_MIN_MS, RECONNECT_NODE_MS);
}

/* A server that cut our connection is tried again at once, be it only to see
 * whether its process is gone. A failover closes connections, too, twice on
 * the promoted server; only one that goes on like that gets longer pauses. */
static msec farewell_pause(struct link *link, msec now)
{
    msec pause = reconnect_pause(link);
    if (link->node == NULL || link->state != LINK_UP) {
        return pause;
    }
    if (now - link->state_since >= SERVICE_SHORT_MS) {
        link->brief_in_a_row = 0;
    }
    uint32_t brief = link->brief_in_a_row;
    uint32_t doublings = brief < BRIEF_FREE ? 0 : brief - BRIEF_FREE + 1;
    link->brief_in_a_row += doublings < BRIEF_DOUBLINGS ? 1 : 0;
    return clamp(pause, 0, (msec)RECONNECT_MIN_MS << doublings);
}

static void send_ping(struct core *core, struct link *link, msec now)
{
    struct health *health = &link_owner(link)->health;
    link->ping_pending = true;
    link->ping_sent_at = now;
    health->ping_at = now + ping_interval(core, link);
    if (instance_is_locked(link_owner(link)) &&
        health->ping_at > now + LOGIN_AGAIN_MS) {
        health->ping_at = now + LOGIN_AGAIN_MS;
    }
    if (health->unanswered_since == NEVER) {
        health->unanswered_since = now;
    }
    action_simple(core, ACT_PING, link, NULL);
}

/* The kernel repeats a packet that was lost after a second. An old master may
 * be back meanwhile, so a fresh attempt is worth more than patience with one
 * that already takes several times as long as the last that succeeded - but
 * now and then, because the path may be another one. */
static msec connect_patience(const struct link *link)
{
    msec longest = clamp(link_owner(link)->health.down_after_ms / 2,
                         CONNECT_MIN_MS, CONNECT_MAX_MS);
    bool patient = link->failed_in_a_row % FORMER_MASTER_HURRIES ==
                   FORMER_MASTER_HURRIES - 1;
    if (link->node == NULL || !link->node->former_master || patient ||
        link->connected_in_ms == NEVER) {
        return longest;
    }
    return clamp(4 * link->connected_in_ms, CONNECT_MIN_MS, longest);
}

static void due_idle(struct core *core, struct link *link, msec now)
{
    if (link->kind == LINK_NODE_HELLO &&
        !link_usable(&link->node->instance.command)) {
        return; /* woken when the command link is up */
    }
    if (now < link->connect_at) {
        schedule_at(core, &link->timer, link->connect_at);
        return;
    }
    set_state(link, LINK_CONNECTING, now);
    action_connect(core, link, connect_patience(link));
}

/* Hangs up and lets the next settle connect again. */
static void hang_up(struct core *core, struct link *link, msec now)
{
    action_simple(core, ACT_DISCONNECT, link, NULL);
    forget_pending(link);
    set_state(link, LINK_IDLE, now);
    link->connect_at = now + reconnect_pause(link);
    schedule_at(core, &link->timer, link->connect_at);
}

static void stop(struct core *core, struct link *link)
{
    if (link->state != LINK_IDLE) {
        action_simple(core, ACT_DISCONNECT, link, NULL);
        link->state = LINK_IDLE;
    }
    schedule_cancel(core, &link->timer);
}

void link_refuse(struct core *core, struct link *link, msec now)
{
    link->failed_in_a_row++;
    link->failure = FAILURE_PROTOCOL;
    hang_up(core, link, now);
}

void link_hurry(struct core *core, struct link *link, msec now)
{
    msec at = link->state_since + RECONNECT_MIN_MS;
    if (link->state == LINK_IDLE && link->connect_at != NEVER &&
        at < link->connect_at) {
        link->connect_at = at > now ? at : now;
        schedule_at(core, &link->timer, link->connect_at);
    }
}

void link_rest(struct core *core, struct link *link)
{
    stop(core, link);
    forget_pending(link);
    link->connect_at = NEVER;
}

bool link_restart(struct core *core, struct link *link, msec now)
{
    if (link->state == LINK_IDLE) {
        link->connect_at = now;
        schedule_at(core, &link->timer, now);
        return false;
    }
    hang_up(core, link, now);
    return true;
}

/* When it becomes shorter, the last reply may be as old as that already, only
 * because nobody had asked since: then silence counts from the first question
 * that is open, and if there is none, one leaves now. */
void link_set_patience(struct core *core, struct link *link, msec down_after_ms,
                       msec now)
{
    struct health *health = &link_owner(link)->health;
    bool is_shorter = down_after_ms < health->down_after_ms;
    health->down_after_ms = down_after_ms;
    if (!is_shorter || link->state != LINK_UP) {
        return;
    }
    msec asked_at =
        health->unanswered_since == NEVER ? now : health->unanswered_since;
    if (health->ok_at < asked_at) {
        health->ok_at = asked_at;
    }
    health->ping_at = now;
    schedule_sooner(core, &link->timer, now);
}

void link_ping_soon(struct core *core, struct node *node, msec now)
{
    struct link *link = &node->instance.command;
    if (link->state == LINK_UP && !link->ping_pending) {
        node->instance.health.ping_at = now;
        schedule_sooner(core, &link->timer, now);
    }
}

static bool due_command(struct core *core, struct link *link, msec now)
{
    struct health *health = &link_owner(link)->health;
    if (link->ping_pending && now - link->ping_sent_at >= ping_patience(link)) {
        link->failure = FAILURE_TIMED_OUT;
        link->failed_in_a_row = 0; /* it was patient with us for long */
        hang_up(core, link, now);
        return true;
    }
    if (!link->ping_pending && now >= health->ping_at) {
        send_ping(core, link, now);
    }
    schedule_at(core, &link->timer,
                link->ping_pending ? link->ping_sent_at + ping_patience(link)
                                   : health->ping_at);
    return false;
}

/* Our own hellos come back over this link: three periods without anything
 * mean that the subscription is dead. */
static bool due_hello(struct core *core, struct link *link, msec now)
{
    msec patience = 3 * core->model.periods.hello_ms;
    if (now - link->heard_at >= patience) {
        link->failure = FAILURE_TIMED_OUT;
        hang_up(core, link, now);
        return true;
    }
    schedule_at(core, &link->timer, link->heard_at + patience);
    return false;
}

bool link_due(struct core *core, struct link *link, msec now)
{
    switch (link->state) {
    case LINK_IDLE:
        due_idle(core, link, now);
        return false;
    case LINK_CONNECTING:
        return false; /* answered by LINK_UP or LINK_DOWN */
    case LINK_UP:
        return link->kind == LINK_NODE_HELLO ? due_hello(core, link, now)
                                             : due_command(core, link, now);
    }
    return false;
}

bool link_on_up(struct core *core, struct link *link, const char *local_ip,
                msec now)
{
    if (link->state != LINK_CONNECTING) {
        core->model.ignored_facts++;
        return false;
    }
    link->connected_in_ms = now - link->state_since;
    set_state(link, LINK_UP, now);
    forget_pending(link);
    link->heard_at = now;
    link->refused_in_a_row = 0;
    link->refused_since = NEVER;
    link->failure = FAILURE_NONE;
    copy_text(link->local_ip, HOST_SIZE, local_ip);
    if (link->kind == LINK_NODE_HELLO) {
        action_simple(core, ACT_SUBSCRIBE, link, link->node->group);
        schedule_at(core, &link->timer, now + 3 * core->model.periods.hello_ms);
        return true;
    }
    link_owner(link)->health.ping_at = now;
    if (link->peer != NULL) {
        action_simple(core, ACT_IDENTIFY, link, NULL); /* before all else */
    }
    if (link->node != NULL) {
        link->node->info_at = now;
        schedule_sooner(core, &link->node->hello.timer, now);
    }
    schedule_at(core, &link->timer, now);
    return true;
}

static void count_refusal(struct link *link, enum link_failure failure,
                          msec now)
{
    if (failure != FAILURE_REFUSED) {
        link->refused_in_a_row = 0;
        link->refused_since = NEVER;
        return;
    }
    if (link->refused_in_a_row == 0) {
        link->refused_since = now;
    }
    link->refused_in_a_row++;
}

/* Whoever says that he wants no TLS, or not with this certificate, lives: an
 * alarm, as for a wrong password. A supervisor that cannot be talked to is of
 * no use all the same: it can neither agree nor vote. */
static void note_sign_of_life(struct link *link, enum link_failure failure,
                              msec now)
{
    if (failure == FAILURE_TLS && link->kind == LINK_NODE_COMMAND) {
        struct health *health = &link->node->instance.health;
        health->ok_at = now;
        health->reply_at = now;
        health->unanswered_since = NEVER;
    }
}

/* A server that takes no more clients says so and hangs up; what we had sent
 * makes that a reset, and its words are lost now and then. */
static enum link_failure reason_of(struct link *link, enum link_failure failure,
                                   msec now)
{
    if (failure == FAILURE_FULL) {
        link->full_at = now;
    }
    bool hung_up = failure == FAILURE_RESET || failure == FAILURE_CLOSED;
    bool lately = link->full_at != NEVER && now - link->full_at < FULL_MS;
    return hung_up && lately ? FAILURE_FULL : failure;
}

bool link_on_down(struct core *core, struct link *link,
                  enum link_failure failure, msec now)
{
    if (link->state == LINK_IDLE) {
        core->model.ignored_facts++;
        return false;
    }
    link->connect_at = now + farewell_pause(link, now);
    forget_pending(link);
    set_state(link, LINK_IDLE, now);
    link->failure = reason_of(link, failure, now);
    count_refusal(link, failure, now);
    note_sign_of_life(link, failure, now);
    link->failed_in_a_row++;
    schedule_at(core, &link->timer, link->connect_at);
    return true;
}

/* One that answers and hangs up at once is no service: only after a while
 * does it earn an immediate reconnect. */
static void link_serves(struct link *link, msec now)
{
    if (now - link->state_since >= SERVICE_MS) {
        link->failed_in_a_row = 0;
    }
}

void link_heard(struct link *link, msec now)
{
    link->heard_at = now;
    link_serves(link, now);
}

/* Who was let in on no connection is asked on a new one: the password there may
 * be another by now. */
static bool is_locked_out(const struct link *link, msec now)
{
    return instance_is_locked(link_instance(link)) &&
           now - link->state_since >= LOGIN_AGAIN_MS;
}

bool link_on_pong(struct core *core, struct link *link, enum pong pong,
                  bool accepted, msec now)
{
    struct health *health = &link_owner(link)->health;
    link->ping_pending = false;
    link_serves(link, now);
    health->reply_at = now;
    if (health->pong != pong) {
        health->pong = pong;
        health->pong_since = now;
    }
    if (pong == PONG_OK && link->node != NULL) {
        link->node->rebooted_at = NEVER;
    }
    if (accepted) {
        health->ok_at = now;
        health->unanswered_since = NEVER;
    }
    if (is_locked_out(link, now)) {
        hang_up(core, link, now);
        return true;
    }
    schedule_sooner(core, &link->timer, health->ping_at);
    return false;
}

void link_on_ack(struct core *core, struct link *link,
                 enum core_action_type what, msec now)
{
    if (what == ACT_INFO) {
        link->info_pending = false;
    } else if (what == ACT_PING) {
        link->ping_pending = false;
    }
    schedule_sooner(core, &link->timer, now + PING_MIN_MS);
}

/* Adding and dropping. */

static void init(struct link *link, enum link_kind kind, object_id id, msec now)
{
    link->id = id;
    link->kind = kind;
    link->state = LINK_IDLE;
    link->state_since = now;
    link->connect_at = now;
    link->connected_in_ms = NEVER;
    link->heard_at = now;
    link->failure = FAILURE_NONE;
    link->full_at = NEVER;
    link->ping_sent_at = NEVER;
    link->refused_since = NEVER;
    schedule_init(&link->timer, TIMER_LINK, link, id);
}

/* Groups. */
void link_add(struct core *core, struct link *link, enum link_kind kind,
              msec now)
{
    init(link, kind, core_new_id(core), now);
    HASH_ADD(hh, core->model.links_by_id, id, sizeof(link->id), link);
    schedule_at(core, &link->timer, now);
}

void link_drop(struct core *core, struct link *link)
{
    stop(core, link);
    HASH_DELETE(hh, core->model.links_by_id, link);
}

void link_init_health(struct health *health, msec down_after_ms, msec now)
{
    health->unanswered_since = NEVER;
    health->ok_at = now;
    health->reply_at = now;
    health->ping_at = now;
    health->pong = PONG_OK;
    health->pong_since = now;
    health->down_after_ms = down_after_ms;
}
