/* A list that only grows. A writer that goes on where it was makes its last
 * stretch longer, so a quiet hour is one item. */
#include "ledger.h"

#include "sentineld/memory.h"
#include "sim.h"

/* So many of the last items may belong to other writers. */
enum { LOOK_BACK = MAX_WRITERS };

static bool grows(const struct span *last, const struct span *span)
{
    return last->writer == span->writer && last->history == span->history &&
           last->to == span->from && last->server == span->server &&
           last->in_reach_since == span->in_reach_since &&
           last->is_deserted == span->is_deserted;
}

static bool extend(struct ledger *ledger, const struct span *span)
{
    size_t end = ledger->count > LOOK_BACK ? ledger->count - LOOK_BACK : 0;
    end = end < ledger->closed ? ledger->closed : end;
    for (size_t i = ledger->count; i > end; i--) {
        if (grows(&ledger->items[i - 1], span)) {
            ledger->items[i - 1].to = span->to;
            return true;
        }
    }
    return false;
}

void ledger_add(struct sim *sim, const struct span *span)
{
    struct ledger *ledger = &sim->ledger;
    struct span added = *span;
    added.in_reach_since = sim->oracle.reach[span->server].since;
    added.is_deserted = oracle_is_deserted(sim, span->server);
    if (extend(ledger, &added)) {
        return;
    }
    if (ledger->count == ledger->capacity) {
        ledger->capacity = ledger->capacity == 0 ? 256 : ledger->capacity * 2;
        ledger->items =
            xrealloc(ledger->items, ledger->capacity * sizeof *ledger->items);
    }
    ledger->items[ledger->count++] = added;
}

void ledger_close(struct sim *sim)
{
    sim->ledger.closed = sim->ledger.count;
}

void ledger_free(struct ledger *ledger)
{
    free(ledger->items);
}
