/* The imitated world's names, its input, and the facts that go to the core. */
#include "core_world.h"

#include <assert.h>
#include <stdio.h>

const char *const world_self = "5e1f000000000000000000000000000000000000";
const char *const world_group_names[2] = {"m", "n"};

uint8_t world_take(struct world *world)
{
    if (world->input.size == 0) {
        return 0;
    }
    world->input.size--;
    return *world->input.data++;
}

struct address world_server_address(int index)
{
    struct address address = {.port = 6379};
    if (index == NOWHERE) {
        copy_text(address.host, HOST_SIZE, "127.0.0.1");
        address.port = 1;
    } else {
        (void)snprintf(address.host, HOST_SIZE, "10.0.0.%d", index + 1);
    }
    return address;
}

int world_server_at(const struct address *address)
{
    for (int i = 0; i < SERVERS; i++) {
        struct address own = world_server_address(i);
        if (address_equal(&own, address)) {
            return i;
        }
    }
    return NOWHERE;
}

void world_peer_run_id(unsigned index, char run_id[RUN_ID_SIZE])
{
    memset(run_id, "abcd"[index % PEERS], RUN_ID_LEN);
    run_id[RUN_ID_LEN] = '\0';
}

void world_record(struct world *world, const struct core_event *event)
{
    core_record(world->core, world->now, event);
}

void world_drop_sent(struct world *world, size_t index)
{
    world->sent_count--;
    memmove(&world->sent[index], &world->sent[index + 1],
            (world->sent_count - index) * sizeof(world->sent[0]));
}

void world_drop_sent_on(struct world *world, object_id link)
{
    size_t kept = 0;
    for (size_t i = 0; i < world->sent_count; i++) {
        if (world->sent[i].action.link != link || link == 0) {
            world->sent[kept++] = world->sent[i];
        }
    }
    world->sent_count = kept;
}

void world_link_down(struct world *world, object_id link,
                     enum link_failure failure)
{
    assert(world->connections[link].state != LINK_IDLE);
    world->connections[link].state = LINK_IDLE;
    world_drop_sent_on(world, link);
    world_record(world, &(struct core_event){.type = EV_LINK_DOWN,
                                             .link = link,
                                             .failure = failure});
}

void world_link_up(struct world *world, object_id link)
{
    world->connections[link].state = LINK_UP;
    struct core_event event = {.type = EV_LINK_UP, .link = link};
    copy_text(event.link_up.local_ip, HOST_SIZE, "10.0.0.99");
    world_record(world, &event);
}

void world_acknowledge(struct world *world, const struct core_action *action,
                       enum ack_result result, enum role role)
{
    world_record(world, &(struct core_event){.type = EV_ACK,
                                             .link = action->link,
                                             .group = action->group,
                                             .ack = {.what = action->type,
                                                     .result = result,
                                                     .role = role}});
}
