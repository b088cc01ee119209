/* The core under random facts: one daemon with two groups of three servers
 * and up to four peers, all imitated here.
 *
 * The input is a program of small steps: let time pass (also too late), let
 * everybody answer, kill a server, say something absurd, ask, vote, command,
 * let the disk work, stall or fail, restart from what is durable. This file
 * keeps the caller's promises of core.h - what waits is held, what failed is
 * refused, one answer for each connect - and after every settle asserts what
 * must be true of output and model, and of what left for the world: nothing
 * leaves before it is durable, no two votes, no epoch backwards.
 *
 * It judges no decisions: that is the simulator's part, with several daemons
 * and a network. */
#include "core_world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_for(struct world *world, msec span)
{
    msec end = world->now + span;
    for (int i = 0; i < 100 && world->now < end; i++) {
        msec next = core_deadline(world->core);
        world->now = next < end ? next : end;
        caller_settle(world);
        servers_answer_all(world);
        caller_settle(world);
    }
}

static object_id some_link(struct world *world)
{
    return world->last_link == 0 ? 0 : 1 + world_take(world) % world->last_link;
}

static uint64_t some_epoch(struct world *world)
{
    uint64_t current = core_model(world->core)->current_epoch;
    uint8_t choice = world_take(world);
    switch (choice % 8) {
    case 0:
        return 0;
    case 1:
        return current;
    case 2:
        return EPOCH_MAX + 1;
    case 3:
        return UINT64_MAX;
    case 5:
        return current - choice / 64;
    default:
        return current + choice / 64 + 1;
    }
}

static void say_hello(struct world *world)
{
    struct hello hello = {.current_epoch = some_epoch(world)};
    uint8_t who = world_take(world);
    world_peer_run_id(who, hello.run_id);
    (void)snprintf(hello.sentinel.host, HOST_SIZE, "10.0.1.%u",
                   who / PEERS % 8);
    hello.sentinel.port = 26379;
    copy_text(hello.group, NAME_SIZE, world_group_names[who / 64 % 2]);
    uint8_t what = world_take(world);
    hello.master = world_server_address(what % SERVERS);
    uint64_t config_epoch = some_epoch(world);
    hello.config_epoch = what < 128 ? 0 : config_epoch;
    world_record(world,
                 &(struct core_event){.type = EV_HELLO, .hello = &hello});
}

/* A peer that only tells us that it is there. */
static void meet_peer(struct world *world)
{
    uint8_t who = world_take(world);
    struct hello hello = {.sentinel.port = 26379};
    world_peer_run_id(who, hello.run_id);
    (void)snprintf(hello.sentinel.host, HOST_SIZE, "10.0.1.%u", who % PEERS);
    const struct group *group = model_find_group(
        core_model(world->core), world_group_names[who / 64 % 2]);
    if (group != NULL) {
        copy_text(hello.group, NAME_SIZE, group->name);
        hello.master = *model_current_address(group);
        hello.config_epoch = group->published_epoch;
        hello.current_epoch = group->published_epoch;
        world_record(world,
                     &(struct core_event){.type = EV_HELLO, .hello = &hello});
    }
}

static void ask_us(struct world *world)
{
    uint8_t who = world_take(world);
    struct core_event event = {.type = EV_ASKED};
    event.asked.master = world_server_address(world_take(world) % SERVERS);
    event.asked.epoch = some_epoch(world);
    if (who < 192) {
        world_peer_run_id(who, event.asked.candidate);
    }
    const struct group *group =
        model_find_group_at(core_model(world->core), &event.asked.master);
    struct question *question =
        &world->questions[world->question_count % MAX_QUESTIONS];
    event.asked.client = world->question_count++ % MAX_QUESTIONS;
    question->group = group == NULL ? 0 : group->id;
    question->wanted.epoch = event.asked.epoch;
    copy_text(question->wanted.leader, RUN_ID_SIZE, event.asked.candidate);
    question->asked_at = world->now;
    world_record(world, &event);
}

static void command_options(struct world *world, struct admin *admin)
{
    static const uint64_t values[] = {1, 2, 5, 100, 1000, 60000};
    admin->option_count = 1;
    admin->options[0].setting =
        (enum setting)(world_take(world) % SETTING_COUNT);
    admin->options[0].value = values[world_take(world) % 6];
    if (admin->options[0].setting == SETTING_DOWN_AFTER_MS &&
        admin->options[0].value < 100) {
        admin->options[0].value = 100;
    }
}

static void command_switchover(struct world *world, struct admin *admin)
{
    uint8_t how = world_take(world);
    admin->mode = (enum failover_mode)(how % (FAILOVER_MODE_FORCE + 1));
    admin->dry_run = how / 3 % 4 == 3;
    admin->timeout_ms = how / 12 % 2 == 0 ? 0 : 10000;
    if (how / 24 % 3 == 1) {
        admin->target = world_server_address(world_take(world) % SERVERS);
    }
}

static void command_periods(struct world *world, struct admin *admin)
{
    admin->periods = core_model(world->core)->periods;
    msec *const changeable[] = {
        &admin->periods.info_ms,   &admin->periods.ping_ms,
        &admin->periods.ask_ms,    &admin->periods.hello_ms,
        &admin->periods.reconf_ms, &admin->periods.election_ms,
        &admin->periods.tilt_ms,   &admin->periods.tilt_trigger_ms};
    uint8_t how = world_take(world);
    *changeable[how % 8] = (msec)1 << (how / 8 % 14);
}

static void command(struct world *world)
{
    uint8_t what = world_take(world);
    const char *name = world_group_names[what / 64 % 2];
    const struct group *group = model_find_group(core_model(world->core), name);
    struct admin admin = {
        .type = (enum admin_type)(what % 9),
    };
    if (world->commands < MAX_COMMANDS) {
        world->unanswered[world->commands] = true;
        admin.client = FIRST_CLIENT + world->commands++;
    }
    copy_text(admin.name, NAME_SIZE, name);
    object_id ids[2] = {group != NULL ? group->id : 12345, 54321};
    admin.groups = ids;
    admin.group_count = 2;
    admin.master = world_server_address(world_take(world) % SERVERS);
    admin.settings = world->groups[0].settings;
    if (admin.type == ADMIN_SET) {
        command_options(world, &admin);
    }
    if (admin.type == ADMIN_PERIODS) {
        command_periods(world, &admin);
    }
    if (admin.type == ADMIN_FAILOVER) {
        command_switchover(world, &admin);
    }
    if (admin.type == ADMIN_REMOVE) {
        leaving_forget_votes(world, name);
    }
    world_record(world,
                 &(struct core_event){.type = EV_ADMIN, .admin = &admin});
}

/* Answers of the wrong kind, or what nobody asked for, on a link that is up. */
static void lie(struct world *world)
{
    object_id id = some_link(world);
    const struct link *link = model_find_link(core_model(world->core), id);
    if (link == NULL || world->connections[id].state != LINK_UP) {
        return;
    }
    struct core_event event = {.link = id};
    uint8_t what = world_take(world);
    const struct voter *voter =
        link->peer != NULL ? TAILQ_FIRST(&link->peer->voters) : NULL;
    event.group = what >= 128          ? what
                  : link->node != NULL ? link->node->group->id
                  : voter != NULL      ? voter->group->id
                                       : 0;
    switch (what % 5) {
    case 0:
        event.type = EV_PONG;
        event.pong = (enum pong)(world_take(world) % (PONG_ERROR + 1));
        break;
    case 1:
        servers_say_info(world, id, world_take(world) % SERVERS);
        return;
    case 2:
        event.type = EV_VIEW;
        event.view.config_epoch = some_epoch(world);
        event.view.failover_in_progress = world_take(world) % 2 == 0;
        break;
    case 3:
        event.type = EV_ASK_REPLY;
        event.ask_reply.down = world_take(world) % 2 == 0;
        event.ask_reply.vote.epoch = some_epoch(world);
        copy_text(event.ask_reply.vote.leader, RUN_ID_SIZE, world_self);
        break;
    case 4:
        event.type = EV_ACK;
        event.ack.what =
            (enum core_action_type)(world_take(world) % (ACT_ANSWER + 1));
        event.ack.result = (enum ack_result)(world_take(world) % 3);
        event.ack.role = (enum role)(world_take(world) % 3);
        break;
    }
    world_record(world, &event);
}

static void refuse_one(struct world *world)
{
    if (world->sent_count == 0) {
        return;
    }
    size_t i = world_take(world) % world->sent_count;
    struct core_action action = world->sent[i].action;
    if (world->sent[i].version == 0) {
        world_drop_sent(world, i);
        world_acknowledge(world, &action, ACK_REFUSED, ROLE_UNKNOWN);
    }
}

static void break_link(struct world *world)
{
    object_id id = some_link(world);
    uint8_t how = world_take(world);
    if (id != 0 && world->connections[id].state != LINK_IDLE) {
        world_link_down(world, id,
                        (enum link_failure)(how % (FAILURE_LOCAL + 1)));
    }
}

static void change_server(struct world *world)
{
    uint8_t what = world_take(world);
    struct server *server = &world->servers[what % SERVERS];
    switch (what / SERVERS % 6) {
    case 0:
        server->dead = !server->dead;
        break;
    case 1:
        server->offset += world_take(world);
        break;
    case 2:
        server->lives++;
        server->offset = 0;
        server->history = world_take(world);
        server->history_before = server->history;
        break;
    case 3:
        server->role = (enum role)(world_take(world) % 3);
        break;
    case 4:
        server->master = world_take(world) % SERVERS;
        break;
    case 5:
        server->dead = false;
        break;
    }
}

static void change_disk(struct world *world)
{
    uint8_t mode = world_take(world) % 4;
    if (mode == 3) { /* one try that fails, whatever comes next */
        caller_release(world, false);
        return;
    }
    world->disk = (enum disk_mode)mode;
    if (world->disk == DISK_FAILS) {
        caller_release(world, false);
    } else if (world->disk == DISK_WORKS &&
               world->version > world->durable_version) {
        caller_save(world);
    }
}

static void start(struct world *world)
{
    world->core = core_new(&world->conf, world_self, world->durable,
                           world->durable_count, world->version, world->now);
    world->version = 0;
    world->durable_version = 0;
    world->epoch_seen = 0;
    world->last_link = 0;
    caller_settle(world);
}

static void restart(struct world *world)
{
    core_free(world->core);
    world->sent_count = 0;
    world->waiting_count = 0;
    memset(world->unanswered, 0, sizeof(world->unanswered));
    memset(world->connections, 0, sizeof(world->connections));
    world->now += world_take(world);
    start(world);
}

/* One step; batches of facts end with a settle. */
static void step(struct world *world)
{
    uint8_t what = world_take(world);
    switch (what % 16) {
    case 0:
        run_for(world, world_take(world));
        break;
    case 1:
        run_for(world, (msec)world_take(world) * 20);
        break;
    case 2: /* much too late, or in time with nobody answering */
        world->now += (msec)world_take(world) * 10;
        break;
    case 3:
        servers_answer_all(world);
        break;
    case 4:
        say_hello(world);
        break;
    case 5:
        meet_peer(world);
        break;
    case 6:
        ask_us(world);
        break;
    case 7:
        command(world);
        break;
    case 8:
        lie(world);
        break;
    case 9:
        refuse_one(world);
        break;
    case 10:
        break_link(world);
        break;
    case 11:
        change_server(world);
        break;
    case 12:
        change_disk(world);
        break;
    case 13:
        restart(world);
        break;
    case 14:
        caller_release(world, false);
        break;
    case 15:
        world->now++;
        break;
    }
    if (what < 128) { /* else more facts join this batch */
        caller_settle(world);
    }
}

static void prepare(struct world *world)
{
    static const struct group_settings settings = {.quorum = 2,
                                                   .fencing_replicas = 1,
                                                   .fencing_max_lag_s = 10,
                                                   .parallel_syncs = 1,
                                                   .down_after_ms = 1000,
                                                   .refused_after_ms = 200,
                                                   .failover_timeout_ms = 5000};
    for (int i = 0; i < 2; i++) {
        copy_text(world->groups[i].name, NAME_SIZE, world_group_names[i]);
        world->groups[i].master = world_server_address(i * 3);
        world->groups[i].settings = settings;
    }
    for (int i = 0; i < SERVERS; i++) {
        world->servers[i] =
            (struct server){.role = i % 3 == 0 ? ROLE_MASTER : ROLE_REPLICA,
                            .master = i % 3 == 0 ? NOWHERE : i / 3 * 3,
                            .offset = 100,
                            .history = (uint8_t)(i / 3),
                            .history_before = (uint8_t)(i / 3)};
    }
    world->conf = (struct core_conf){.groups = world->groups,
                                     .group_count = 2,
                                     .port = 26379,
                                     .vote_lease_ms = LEASE_MS};
    world->now = 100000;
    world->durable = xcalloc(MAX_ROWS, sizeof(*world->durable));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *world = xcalloc(1, sizeof(*world));
    world->input = (struct input){data, size};
    prepare(world);
    start(world);
    for (int i = 0; i < MAX_STEPS && world->input.size > 0; i++) {
        step(world);
    }
    caller_settle(world);
    core_free(world->core);
    free(world->durable);
    free(world->waiting);
    free(world);
    return 0;
}
