/* A peer's connection has ended: what was on its way to it is lost. */
#include "core/elect/elect.h"

void peer_lost(struct peer *peer)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &peer->voters, peer_entry) {
        voter->hello_pending = false;
        voter->ask_pending = false;
        voter->offer_pending = false;
        voter->offered_at = voter->offered_epoch > voter->accepted_epoch
                                ? 0
                                : voter->offered_at;
        voter->view_asked_at =
            voter->view_pending ? NEVER : voter->view_asked_at;
        voter->view_pending = false;
    }
}
