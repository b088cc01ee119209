/* Statements about clients that write: who they are, and what became of what
 * they were told is done. */
#include <inttypes.h>
#include <stdio.h>

#include "script.h"
#include "sentineld/memory.h"
#include "sim.h"

bool script_writer(struct script *script)
{
    struct sim *sim = script->sim;
    struct writer writer = {.group = script->group,
                            .pooled = script_has(script, "pooled")};
    const char *beside = script_option(script, "beside");
    const struct process *neighbour =
        beside == NULL ? NULL : sim_find_process(sim, beside);
    uint64_t wait_for = 0;
    const char *wait = script_option(script, "wait");
    if (neighbour == NULL ||
        (wait != NULL && !script_number(wait, &wait_for))) {
        return script_fail(script, "usage: writer NAME beside=P [wait=K]");
    }
    copy_text(writer.name, sizeof writer.name, script->words[1]);
    writer.beside = neighbour->number;
    writer.wait_for = (uint32_t)wait_for;
    return writers_add(sim, &writer) || script_fail(script, "too many writers");
}

static void tell(struct sim *sim, uint32_t number)
{
    struct write_count count = {0};
    oracle_count_writes(sim, number, &count);
    const char *name = sim->writers.items[number].name;
    bool any = false;
    transcript_note(sim, "%s: %" PRIu64 " writes acknowledged", name,
                    count.acknowledged);
    for (size_t loss = 0; loss < LOSS_COUNT; loss++) {
        if (count.lost[loss] > 0) {
            transcript_note(sim, "%s: %" PRIu64 " lost, %s", name,
                            count.lost[loss],
                            oracle_loss_name((enum loss)loss));
            any = true;
        }
    }
    if (!any) {
        transcript_note(sim, "%s: none lost", name);
    }
}

bool script_account(struct script *script)
{
    oracle_judge_writes(script->sim);
    for (uint32_t i = 0; i < script->sim->writers.count; i++) {
        tell(script->sim, i);
    }
    return true;
}
