/* Statements about the network: paths that are cut in one way or both, refused,
 * slow, or broken once. */
#include <stdio.h>
#include <string.h>

#include "script.h"
#include "sim.h"

/* --- Cuts ------------------------------------------------------------------
 */

/* The words of cut and heal: A B ..., A > B ..., A < B ..., A all. */
struct ends {
    const struct process *one;
    bool outwards, inwards;
    size_t first_word; /* of the others */
};

static bool read_ends(struct script *script, struct ends *ends)
{
    char way = script->words[2][0];
    bool one_way = (way == '>' || way == '<') && script->words[2][1] == '\0';
    *ends = (struct ends){.one = script_find(script, script->words[1]),
                          .outwards = !one_way || way == '>',
                          .inwards = !one_way || way == '<',
                          .first_word = one_way ? 3 : 2};
    return ends->one != NULL &&
           (script->word_count > ends->first_word ||
            script_fail(script, "%s: from whom?", script->words[0]));
}

static void block(struct sim *sim, const struct ends *ends, uint32_t other,
                  bool blocked)
{
    if (ends->outwards) {
        net_block(sim, ends->one->number, other, blocked);
    }
    if (ends->inwards) {
        net_block(sim, other, ends->one->number, blocked);
    }
}

static bool cut_or_heal(struct script *script, bool blocked)
{
    struct sim *sim = script->sim;
    struct ends ends;
    if (!read_ends(script, &ends)) {
        return false;
    }
    const char *way = ends.first_word == 2 ? "" : ends.outwards ? "> " : "< ";
    for (size_t i = ends.first_word; i < script->word_count; i++) {
        if (strcmp(script->words[i], "all") == 0) {
            transcript_note(sim, "%s %s all", script->words[0], ends.one->name);
            for (uint32_t j = 1; j < sim->process_count; j++) {
                if (j != ends.one->number) {
                    block(sim, &ends, j, blocked);
                }
            }
            continue;
        }
        const struct process *other = script_find(script, script->words[i]);
        if (other == NULL) {
            return false;
        }
        transcript_note(sim, "%s %s %s%s", script->words[0], ends.one->name,
                        way, other->name);
        block(sim, &ends, other->number, blocked);
    }
    return true;
}

bool script_cut(struct script *script)
{
    return cut_or_heal(script, true);
}

bool script_heal(struct script *script)
{
    if (script->word_count == 1) {
        transcript_note(script->sim, "heal");
        net_heal(script->sim);
        return true;
    }
    return script->word_count > 2
               ? cut_or_heal(script, false)
               : script_fail(script, "usage: heal [A B ...]");
}

/* These on one side, all others on the other. */
bool script_split(struct script *script)
{
    struct sim *sim = script->sim;
    bool blocked = strcmp(script->words[0], "split") == 0;
    bool inside[MAX_PROCESSES] = {false};
    for (size_t i = 1; i < script->word_count; i++) {
        const struct process *one = script_find(script, script->words[i]);
        if (one == NULL) {
            return false;
        }
        transcript_note(sim, "%s %s", script->words[0], one->name);
        inside[one->number] = true;
    }
    for (uint32_t a = 1; a < sim->process_count; a++) {
        for (uint32_t b = 1; b < sim->process_count; b++) {
            if (inside[a] != inside[b]) {
                net_block(sim, a, b, blocked);
            }
        }
    }
    return true;
}

/* --- Refusal ---------------------------------------------------------------
 */

/* Several clients, then the server. */
bool script_reject(struct script *script)
{
    bool rejects = strcmp(script->words[0], "reject") == 0;
    size_t last = script->word_count - 1;
    const struct process *server = script_find(script, script->words[last]);
    for (size_t i = 1; server != NULL && i < last; i++) {
        const struct process *client = script_find(script, script->words[i]);
        if (client == NULL) {
            return false;
        }
        transcript_note(script->sim, "%s %s %s", script->words[0], client->name,
                        server->name);
        sim_reject(script->sim, client->number, server->number, rejects);
    }
    return server != NULL;
}

bool script_for_ever(struct script *script)
{
    const struct process *a = script_find(script, script->words[2]);
    const struct process *b = script_find(script, script->words[3]);
    if (a == NULL || b == NULL) {
        return false;
    }
    transcript_note(script->sim, "for ever %s %s %s", script->words[1], a->name,
                    b->name);
    net_break_for_ever(script->sim, a->number, b->number,
                       strcmp(script->words[1], "reject") == 0);
    return true;
}

/* --- Others ----------------------------------------------------------------
 */

bool script_slow(struct script *script)
{
    const struct process *one = script_find(script, script->words[1]);
    uint64_t delay;
    if (one == NULL || !script_number(script->words[2], &delay)) {
        return script_fail(script, "usage: slow NAME T");
    }
    transcript_note(script->sim, "slow %s by %s ms", one->name,
                    script->words[2]);
    script->sim->net.extra_ms[one->number] = delay;
    return true;
}

/* All connections of the one to the other are reset, once. */
bool script_break(struct script *script)
{
    struct sim *sim = script->sim;
    const struct process *client = script_find(script, script->words[1]);
    const struct process *server = script_find(script, script->words[2]);
    if (client == NULL || server == NULL) {
        return false;
    }
    transcript_note(sim, "reset %s - %s", client->name, server->name);
    for (uint32_t slot = 0; slot < sim->net.count; slot++) {
        struct connection *connection = sim->net.connections[slot];
        if (connection != NULL && connection->client == client->number &&
            connection->server == server->number) {
            net_break(sim, connection);
        }
    }
    return true;
}
