/* What every room uses of the core itself: chance, ids, and the groups that the
 * next settle is to visit. */
#include "core/model/model.h"

/* xorshift64*: small, seeded, the same everywhere. */
uint32_t core_random(struct core *core, uint32_t below)
{
    uint64_t x = core->random_state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    core->random_state = x;
    uint32_t drawn = (uint32_t)((x * UINT64_C(2685821657736338717)) >> 32);
    return below == 0 ? 0 : drawn % below;
}

void core_touch(struct core *core, struct group *group)
{
    if (!group->touched && !group->dead) {
        group->touched = true;
        TAILQ_INSERT_TAIL(&core->touched, group, touched_entry);
    }
}

object_id core_new_id(struct core *core)
{
    return ++core->last_id;
}
