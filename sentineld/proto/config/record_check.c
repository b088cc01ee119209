/* Is a row of the database one that we could have written?
 *
 * The types are checked where rows are read; here it is their meaning. A
 * database that was damaged, or edited by hand, or is somebody else's, must
 * not be acted on: an epoch near the end of its range would win every election
 * for good, and no setting of the core has been tried beyond its range. So the
 * start is refused, and the operator is told which row it is.
 *
 * Nothing may be refused here that others can make us save: they could keep us
 * from starting. What comes in is held to the same limits or to tighter ones,
 * and the fuzz targets hold what the core saves against this. */
#include "sentineld/record_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/config/config.h"
#include "sentineld/info.h"

/* What a row is called in a sentence. */
struct place {
    const char *table;
    const char *row;
};

static bool say(const struct place *place, const char *what,
                struct error *error)
{
    (void)snprintf(error->text, sizeof(error->text),
                   "the database's row '%.127s' of table %s %.200s", place->row,
                   place->table, what);
    return false;
}

static bool check_epoch(const struct place *place, const char *column,
                        uint64_t epoch, struct error *error)
{
    char what[160];
    if (epoch <= EPOCH_MAX) {
        return true;
    }
    (void)snprintf(what, sizeof(what),
                   "has %s %" PRId64 ", which no election can have reached",
                   column, (int64_t)epoch);
    return say(place, what, error);
}

/* As others' ids came in: whoever asks for a vote is taken by any word. */
static bool check_id(const struct place *place, const char *id, bool may_lack,
                     struct error *error)
{
    return (may_lack && id[0] == '\0') || conf_name_fault(id) == NULL ||
           say(place, "has an id that is none", error);
}

static bool check_address(const struct place *place,
                          const struct address *address, bool may_lack,
                          struct error *error)
{
    char host[HOST_SIZE];
    if (may_lack && address->host[0] == '\0') {
        return true;
    }
    return (parse_host(address->host, strlen(address->host), host) &&
            address->port != 0) ||
           say(place, "has an address that is none", error);
}

static bool check_name(const struct place *place, const char *name,
                       struct error *error)
{
    return conf_name_fault(name) == NULL ||
           say(place, "has a group's name that is none", error);
}

static bool fits(const struct setting_row *row, const struct conf_draft *draft)
{
    uint64_t number;
    switch (row->type) {
    case VALUE_NUMBER:
        number = setting_number(row, draft);
        return number >= row->minimum && number <= row->maximum;
    case VALUE_CHOICE:
        number = setting_number(row, draft);
        return number <
               (uint64_t)setting_choice_count((enum choice)row->minimum);
    case VALUE_TEXT:
        return conf_text_fault((const char *)draft + row->offset) == NULL;
    case VALUE_MODE:
    case VALUE_SWITCH:
    case VALUE_NAME:
    case VALUE_HOST:
    case VALUE_BINDS:
    case VALUE_RENAMES:
    case VALUE_GROUPS:
    case VALUE_DEFAULTS:
    case VALUE_USERS:
        return true; /* none of the core's */
    }
    return true;
}

static bool check_settings(const struct place *place,
                           const struct group_settings *settings,
                           struct error *error)
{
    struct conf_draft draft;
    memset(&draft, 0, sizeof(draft));
    draft.group.settings = *settings;
    for (size_t i = 0; i < group_table.count; i++) {
        const struct setting_row *row = &group_table.rows[i];
        enum setting setting;
        char what[160];
        if (setting_is_core(row, &setting) && !fits(row, &draft)) {
            (void)snprintf(what, sizeof(what), "has %s out of its range",
                           row->key);
            return say(place, what, error);
        }
    }
    return true;
}

static bool check_self(const struct record_self *self, struct error *error)
{
    const struct place place = {"self", self->run_id};
    if (self->settings.log_level > (uint32_t)LEVEL_WARNING + 1) {
        return say(&place, "has a log_level that is none", error);
    }
    return check_id(&place, self->run_id, false, error) &&
           check_epoch(&place, "current_epoch", self->current_epoch, error);
}

static bool check_lineage(const struct place *place,
                          const struct record_group *group, struct error *error)
{
    for (size_t i = 0; i < LINEAGE_SIZE; i++) {
        if (!check_id(place, group->lineage[i].replid, true, error)) {
            return false;
        }
    }
    return check_epoch(place, "replid_epoch", group->lineage_epoch, error);
}

static bool check_group(const struct record_group *group, struct error *error)
{
    const struct place place = {"groups", group->name};
    bool may_lack = group->from_file || group->removed;
    return check_name(&place, group->name, error) &&
           check_address(&place, &group->master, may_lack, error) &&
           check_address(&place, &group->declared, true, error) &&
           check_epoch(&place, "config_epoch", group->config_epoch, error) &&
           check_epoch(&place, "vote_epoch", group->vote.epoch, error) &&
           check_id(&place, group->vote.leader, true, error) &&
           check_lineage(&place, group, error) &&
           check_settings(&place, &group->settings, error);
}

static bool check_node(const struct record_node *node, struct error *error)
{
    const struct place place = {"nodes", node->address.host};
    return check_name(&place, node->group, error) &&
           check_address(&place, &node->address, false, error) &&
           check_id(&place, node->fenced_run_id, true, error) &&
           check_id(&place, node->seen.replid, true, error);
}

static bool check_peer(const struct record_peer *peer, struct error *error)
{
    const struct place place = {"peers", peer->run_id};
    return check_id(&place, peer->run_id, false, error) &&
           check_address(&place, &peer->address, false, error);
}

static bool check_member(const struct record_member *member,
                         struct error *error)
{
    const struct place place = {"members", member->run_id};
    return check_name(&place, member->group, error) &&
           check_id(&place, member->run_id, false, error);
}

static bool check_report(const struct record_report *report,
                         struct error *error)
{
    const struct place place = {"failovers", report->group};
    if ((unsigned)report->cause > CAUSE_PLANNED) {
        return say(&place, "has a cause that is none", error);
    }
    return check_name(&place, report->group, error) &&
           check_epoch(&place, "epoch", report->epoch, error) &&
           check_id(&place, report->leader, true, error) &&
           check_id(&place, report->from_run_id, true, error) &&
           check_address(&place, &report->from, true, error) &&
           check_address(&place, &report->to, true, error);
}

bool record_check(const struct record *record, struct error *error)
{
    switch (record->kind) {
    case RECORD_SELF:
        return check_self(&record->self, error);
    case RECORD_GROUP:
        return check_group(&record->group, error);
    case RECORD_NODE:
        return check_node(&record->node, error);
    case RECORD_PEER:
        return check_peer(&record->peer, error);
    case RECORD_MEMBER:
        return check_member(&record->member, error);
    case RECORD_REPORT:
        return check_report(&record->report, error);
    }
    return false;
}
