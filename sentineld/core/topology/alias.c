/* Servers that are known by name, and the ips that their names lead to.
 *
 * A name stays what a server is known by, here and on disk, wherever it leads.
 * Others may speak of the same server by its ip: a master lists its replicas
 * so, and a peer that announces ips says so in its hellos. Each lookup that a
 * connection begins with is a fact that teaches the ip; by it such an address
 * is recognised. When it comes too late, and the server is here under its ip
 * already, the two become one, which keeps the name and the later news.
 *
 * What clients, peers and servers are shown follows from the same: the name,
 * or with announce-hostnames off the ip - and the name again while no ip of it
 * is known. Nothing is ever resolved here, and no ip is saved: where a name
 * leads is asked anew after a start. */
#include "core/topology/topology.h"

static bool is_name(const struct instance *instance)
{
    return !host_is_ip(instance->address.host);
}

void alias_show(const struct model *model, struct instance *instance)
{
    instance->shown = instance->address;
    if (!model->settings.announce_hostnames && instance->ip[0] != '\0') {
        copy_text(instance->shown.host, HOST_SIZE, instance->ip);
    }
}

void alias_show_all(struct core *core)
{
    struct group *group;
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        struct node *node;
        TAILQ_FOREACH (node, &group->nodes, entry) {
            alias_show(&core->model, &node->instance);
        }
    }
    struct peer *peer;
    TAILQ_FOREACH (peer, &core->model.peers, entry) {
        alias_show(&core->model, &peer->instance);
    }
}

/* Facts. */

static void move(struct core *core, struct instance *instance, const char *ip)
{
    copy_text(instance->ip, IP_SIZE, ip);
    alias_show(&core->model, instance);
}

void alias_on_resolved(struct core *core, struct link *link, const char *ip)
{
    struct instance *instance =
        link->node != NULL ? &link->node->instance : &link->peer->instance;
    if (!is_name(instance) || !host_is_ip(ip)) {
        core->model.ignored_facts++;
        return;
    }
    bool news = strcmp(instance->ip, ip) != 0;
    move(core, instance, ip);
    if (link->node == NULL) {
        return;
    }
    struct group *group = link->node->group;
    if (news && link->node == group->published) {
        groups_index_master_ip(core, group);
    }
    group->alias_due = true;
    core_touch(core, group);
}

/* Clients that were given an ip do not learn that the name leads elsewhere
 * unless they are told as of any new master. Only where it answers: a name may
 * lead to one ip and then to another while there is no server at either. */
bool alias_on_up(struct core *core, const struct link *link)
{
    struct group *group = link->node->group;
    const struct instance *master = &group->published->instance;
    if (link->node != group->published ||
        strcmp(group->published_ip, master->ip) == 0) {
        return false;
    }
    struct address before = master->shown;
    copy_text(before.host, HOST_SIZE, group->published_ip);
    copy_text(group->published_ip, IP_SIZE, master->ip);
    if (before.host[0] == '\0' || core->model.settings.announce_hostnames) {
        return false;
    }
    event_about(core, group, "+switch-master", "%s %s %u %s %u", group->name,
                before.host, before.port, master->shown.host,
                master->shown.port);
    event_client_reconfig(core, group, &before, false);
    return true;
}

/* One server under two addresses. */

/* Nothing points at any of its servers but the one that is its master. */
static bool is_at_rest(const struct group *group)
{
    return group->failover.state == FAILOVER_NONE &&
           group->unpublished_version == 0 && group->master == group->published;
}

/* Until its own connection is up the name knows nothing. A replica must not
 * fall silent for that: it may hear a master which we do not reach. A master
 * is met anew, and judged. */
static void inherit(struct node *by_name, const struct node *by_ip)
{
    msec told_at = by_name->report.at;
    if (by_name != by_name->group->master && by_ip->report.at != NEVER &&
        (told_at == NEVER || told_at < by_ip->report.at)) {
        by_name->report = by_ip->report;
        by_name->evidence = by_ip->evidence;
        by_name->last_offset.in_step_at = by_ip->last_offset.in_step_at;
    }
}

static void unite(struct core *core, struct node *by_ip, struct node *by_name)
{
    struct group *group = by_ip->group;
    const struct address name = by_name->instance.address;
    event_log(core, LEVEL_NOTICE, "%s: %s:%u and %s:%u are one server",
              group->name, by_ip->instance.address.host, name.port, name.host,
              name.port);
    if (by_ip != group->master) {
        inherit(by_name, by_ip);
        servers_drop(core, by_ip);
        return;
    }
    char ip[IP_SIZE];
    copy_text(ip, IP_SIZE, by_name->instance.ip);
    servers_drop(core, by_name);
    servers_rename(core, by_ip, &name);
    move(core, &by_ip->instance, ip);
    groups_index_master_ip(core, group);
    copy_text(group->published_ip, IP_SIZE, ip);
}

static struct node *find_twin(const struct group *group,
                              const struct node *node)
{
    struct address at = {.port = node->instance.address.port};
    copy_text(at.host, HOST_SIZE, node->instance.ip);
    return at.host[0] == '\0' ? NULL : model_node_known_as(group, &at);
}

void alias_settle(struct core *core, struct group *group)
{
    if (!group->alias_due || !is_at_rest(group)) {
        return;
    }
    group->alias_due = false;
    struct node *node;
    struct node *next;
    for (node = TAILQ_FIRST(&group->nodes); node != NULL; node = next) {
        struct node *twin = find_twin(group, node);
        next = TAILQ_NEXT(node, entry);
        if (twin != NULL) {
            next = next == twin ? TAILQ_NEXT(twin, entry) : next;
            unite(core, twin, node);
        }
    }
}

/* What others tell us. */

bool alias_allows(const struct core *core, const char *host)
{
    return core->model.settings.resolve_hostnames || host_is_ip(host);
}

void alias_say_refused(struct core *core, struct group *group,
                       const struct address *address)
{
    core->model.ignored_facts++;
    if (group->alias_told) {
        return;
    }
    group->alias_told = true;
    event_log(core, LEVEL_WARNING,
              "%s: %s:%u is left out: it is told by name, and "
              "resolve-hostnames is no",
              group->name, address->host, address->port);
}

/* Where its name leads is being asked: the answer is there in a moment. */
static bool is_being_looked_up(const struct node *node)
{
    const struct link *link = &node->instance.command;
    return is_name(&node->instance) && node->instance.ip[0] == '\0' &&
           link->state != LINK_UP && link->failure == FAILURE_NONE;
}

/* Adding it now could add a server that we have. */
static bool is_too_early(const struct group *group,
                         const struct address *address)
{
    const struct node *node;
    if (!host_is_ip(address->host)) {
        return false;
    }
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node->instance.address.port == address->port &&
            is_being_looked_up(node)) {
            return true;
        }
    }
    return false;
}

struct node *alias_obtain_node(struct core *core, struct group *group,
                               const struct address *address, msec now)
{
    struct node *node = model_find_node(group, address);
    if (node != NULL) {
        return node;
    }
    if (!alias_allows(core, address->host)) {
        alias_say_refused(core, group, address);
        return NULL;
    }
    return is_too_early(group, address)
               ? NULL
               : servers_add(core, group, address, now);
}

struct address alias_best_known(const struct group *group,
                                const struct address *address)
{
    const struct node *node = model_find_node(group, address);
    struct address known = *address;
    if (node != NULL && node->instance.ip[0] != '\0') {
        copy_text(known.host, HOST_SIZE, node->instance.ip);
    }
    return known;
}

/* One is a name and the other an ip. */
static bool is_other_kind(const struct address *a, const struct address *b)
{
    return a->port == b->port && host_is_ip(a->host) != host_is_ip(b->host);
}

bool alias_may_be_same(const struct node *a, const struct node *b)
{
    return is_other_kind(&a->instance.address, &b->instance.address) &&
           a->instance.ip[0] == '\0' && b->instance.ip[0] == '\0';
}

bool alias_may_be_master(const struct group *group,
                         const struct address *address)
{
    const struct node *node = model_find_node(group, address);
    return node == NULL
               ? is_other_kind(&group->master->instance.address, address)
               : node == group->master ||
                     alias_may_be_same(node, group->master);
}
