/* What Redis' daemon wrote into its sentinel.conf for itself - its id, epochs,
 * the replicas and peers it knew - as rows of our own state, so that a
 * supervisor that takes over from a redis-sentinel goes on where that one
 * stopped.
 *
 * The rows are what the core itself would have saved. That a vote was given
 * in an epoch is known, for whom is not; a vote for nobody still keeps the
 * voter from voting a second time there. */
#include "proto/config/sentinel_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/memory.h"

struct row_list {
    struct record *rows;
    size_t count;
};

struct group_seed {
    uint64_t config_epoch;
    uint64_t leader_epoch;
    uint32_t nodes;
    uint32_t members;
};

struct imported_state {
    bool any;
    uint64_t current_epoch;
    struct group_seed *groups; /* same index as in struct conf */
    size_t group_count;
    struct row_list peers;
    struct row_list nodes;
    struct row_list members;
    struct name_index *known_peers;   /* by run id */
    struct name_index *known_nodes;   /* by group and address */
    struct name_index *known_members; /* by group and run id */
};

enum { PAIR_SIZE = 24 + CONF_ADDRESS_KEY_SIZE };

struct imported_state *imported_state_new(void)
{
    return xcalloc(1, sizeof(struct imported_state));
}

void imported_state_free(struct imported_state *seeds)
{
    name_index_free(&seeds->known_peers);
    name_index_free(&seeds->known_nodes);
    name_index_free(&seeds->known_members);
    free(seeds->groups);
    free(seeds->peers.rows);
    free(seeds->nodes.rows);
    free(seeds->members.rows);
    free(seeds);
}

static struct group_seed *group_at(struct imported_state *seeds, size_t group)
{
    if (group >= seeds->group_count) {
        size_t count = group * 2 + 1;
        seeds->groups = xrealloc(seeds->groups, count * sizeof(*seeds->groups));
        memset(seeds->groups + seeds->group_count, 0,
               (count - seeds->group_count) * sizeof(*seeds->groups));
        seeds->group_count = count;
    }
    return &seeds->groups[group];
}

/* A zeroed row at the end; the capacity is the next power of two. */
static struct record *add_row(struct row_list *list, enum record_kind kind)
{
    if ((list->count & (list->count - 1)) == 0) {
        size_t capacity = list->count == 0 ? 1 : list->count * 2;
        list->rows = xrealloc(list->rows, capacity * sizeof(*list->rows));
    }
    struct record *row = &list->rows[list->count++];
    memset(row, 0, sizeof(*row));
    row->kind = kind;
    return row;
}

void imported_state_note_id(struct imported_state *seeds)
{
    seeds->any = true;
}

void imported_state_note_current_epoch(struct imported_state *seeds,
                                       uint64_t epoch)
{
    seeds->any = true;
    if (epoch > seeds->current_epoch) {
        seeds->current_epoch = epoch;
    }
}

void imported_state_note_config_epoch(struct imported_state *seeds,
                                      size_t group, uint64_t epoch)
{
    group_at(seeds, group)->config_epoch = epoch;
    imported_state_note_current_epoch(seeds, epoch);
}

void imported_state_note_leader_epoch(struct imported_state *seeds,
                                      size_t group, uint64_t epoch)
{
    group_at(seeds, group)->leader_epoch = epoch;
    imported_state_note_current_epoch(seeds, epoch);
}

/* Group names have no blanks, so a pair is unambiguous; an index is shorter. */
static void pair_key(size_t group, const char *other, char key[PAIR_SIZE])
{
    (void)snprintf(key, PAIR_SIZE, "%zu %s", group, other);
}

enum import_result imported_state_add_node(struct imported_state *seeds,
                                           const struct conf *conf,
                                           size_t group,
                                           const struct address *address)
{
    struct name_place place = {.index = group};
    char address_key[CONF_ADDRESS_KEY_SIZE];
    char master_key[CONF_ADDRESS_KEY_SIZE];
    char key[PAIR_SIZE];
    conf_address_key(address, address_key);
    conf_address_key(&conf->groups[group].master, master_key);
    pair_key(group, address_key, key);
    seeds->any = true;
    if (name_index_find(seeds->known_nodes, key, &place)) {
        return IMPORT_DUPLICATE;
    }
    name_index_add(&seeds->known_nodes, key, place);
    if (strcmp(address_key, master_key) == 0) {
        return IMPORT_OK; /* the master is a node already */
    }
    if (group_at(seeds, group)->nodes + 1 >= MAX_NODES_PER_GROUP) {
        return IMPORT_FULL;
    }
    group_at(seeds, group)->nodes++;
    struct record_node *row = &add_row(&seeds->nodes, RECORD_NODE)->node;
    copy_text(row->group, sizeof(row->group), conf->groups[group].name);
    row->address = *address;
    return IMPORT_OK;
}

/* One process may be a peer in many groups; the address given last counts. */
static bool note_peer(struct imported_state *seeds,
                      const struct record_peer *peer)
{
    struct name_place place = {.index = seeds->peers.count};
    if (name_index_find(seeds->known_peers, peer->run_id, &place)) {
        seeds->peers.rows[place.index].peer = *peer;
        return true;
    }
    if (seeds->peers.count >= MAX_PEERS) {
        return false;
    }
    name_index_add(&seeds->known_peers, peer->run_id, place);
    add_row(&seeds->peers, RECORD_PEER)->peer = *peer;
    return true;
}

enum import_result imported_state_add_peer(struct imported_state *seeds,
                                           const struct conf *conf,
                                           size_t group,
                                           const struct record_peer *peer)
{
    struct name_place place = {.index = group};
    char key[PAIR_SIZE];
    pair_key(group, peer->run_id, key);
    seeds->any = true;
    if (name_index_find(seeds->known_members, key, &place)) {
        return IMPORT_DUPLICATE;
    }
    if (group_at(seeds, group)->members >= MAX_VOTERS_PER_GROUP ||
        !note_peer(seeds, peer)) {
        return IMPORT_FULL;
    }
    name_index_add(&seeds->known_members, key, place);
    group_at(seeds, group)->members++;
    struct record_member *row =
        &add_row(&seeds->members, RECORD_MEMBER)->member;
    copy_text(row->group, sizeof(row->group), conf->groups[group].name);
    copy_text(row->run_id, sizeof(row->run_id), peer->run_id);
    return IMPORT_OK;
}

static void fill_group(const struct group_seed *seed,
                       const struct group_conf *group, struct record_group *row)
{
    copy_text(row->name, sizeof(row->name), group->name);
    row->from_file = true;
    row->declared = group->master;
    row->declared_settings = group->settings;
    row->master = group->master;
    row->settings = group->settings;
    row->config_epoch = seed->config_epoch;
    row->vote.epoch = seed->leader_epoch;
}

static void append(struct row_list *all, const struct row_list *more)
{
    for (size_t i = 0; i < more->count; i++) {
        *add_row(all, more->rows[i].kind) = more->rows[i];
    }
}

void imported_state_finish(struct imported_state *seeds, struct conf *conf)
{
    struct row_list all = {0};
    if (!seeds->any) {
        return;
    }
    struct record_self *self = &add_row(&all, RECORD_SELF)->self;
    copy_text(self->run_id, sizeof(self->run_id), conf->myid);
    self->current_epoch = seeds->current_epoch;
    for (size_t i = 0; i < conf->group_count; i++) {
        fill_group(group_at(seeds, i), &conf->groups[i],
                   &add_row(&all, RECORD_GROUP)->group);
    }
    append(&all, &seeds->peers);
    append(&all, &seeds->nodes);
    append(&all, &seeds->members);
    conf->seeds = all.rows;
    conf->seed_count = all.count;
}
