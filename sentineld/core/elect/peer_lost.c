/* A peer's connection has ended: what was on its way to it is lost. */
#include "core/elect/elect.h"

void peer_lost(struct peer *peer)
{
    struct member *member;
    TAILQ_FOREACH (member, &peer->members, peer_entry) {
        member->hello_pending = false;
        member->ask_pending = false;
        member->offer_pending = false;
        member->offered_at = member->offered_epoch > member->accepted_epoch
                                 ? 0
                                 : member->offered_at;
        member->view_asked_at =
            member->view_pending ? NEVER : member->view_asked_at;
        member->view_pending = false;
    }
}
