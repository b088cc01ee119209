/* Names, ips and lookups; see the header. */
#include "names.h"

#include <stdio.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

void names_begin(struct sim *sim)
{
    sim->names = true;
}

void names_give_ip(const struct sim *sim, struct process *process)
{
    if (sim->names) {
        (void)snprintf(process->ip, IP_SIZE, "10.%u.0.%u", process->moves,
                       process->number);
    }
}

void names_move(struct sim *sim, struct process *process)
{
    process->moves++;
    names_give_ip(sim, process);
    sim_forget_addresses(sim);
    transcript_note(sim, "%s is at %s now", process->name, process->ip);
}

struct address alias_told(const struct process *process)
{
    struct address told = process->address;
    if (process->ip[0] != '\0') {
        copy_text(told.host, HOST_SIZE, process->ip);
    }
    return told;
}

bool names_mean_same(const struct sim *sim, const struct address *a,
                     const struct address *b)
{
    uint32_t number = sim_process_at(sim, a);
    return address_equal(a, b) ||
           (number != 0 && number == sim_process_at(sim, b));
}

bool names_look_up(struct sim *sim, struct sentinel *sentinel,
                   const struct core_action *connect)
{
    const struct address *address = &connect->connect.address;
    struct core_event event = {.link = connect->link};
    if (!sim->names || host_is_ip(address->host)) {
        return true;
    }
    uint32_t number = sim_process_at(sim, address);
    if (number == 0 || sentinel->looks_up_nothing) {
        event.type = EV_LINK_DOWN;
        event.failure = FAILURE_UNRESOLVABLE;
        node_record(sim, sentinel, &event);
        return false;
    }
    event.type = EV_RESOLVED;
    copy_text(event.resolved.ip, IP_SIZE, sim->processes[number].ip);
    node_record(sim, sentinel, &event);
    return true;
}

void names_heal(struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        if (sim->processes[i].kind == PROCESS_SENTINEL) {
            sim->processes[i].sentinel->looks_up_nothing = false;
        }
    }
}

struct daemon_settings names_settings(const struct sentinel *sentinel)
{
    return (struct daemon_settings){
        .resolve_hostnames = true,
        .announce_hostnames = !sentinel->announces_ips,
    };
}
