/* Periods and patience of the core, in milliseconds. Those that an operator
 * can change are in the model (settings.c). */
#ifndef SENTINELD_CORE_PERIODS_H
#define SENTINELD_CORE_PERIODS_H

enum { EPOCH_JUMP_MAX = 65536 }; /* no pool counts so far without us */

enum {
    FULL_MS =
        5000, /* a server hangs up for want of room, and so lately said it */
    TWIN_MS = 10000, /* a shared id is forgotten so long after it was seen */
    INFO_FAST_MS = 1000,    /* while something is wrong or just begun */
    INFO_RECONF_MS = 100,   /* while a replica is being moved */
    INFO_MOVING_MS = 10000, /* ... or was, so lately */
    INFO_YOUNG_MS = 10000,  /* a group is new for so long */
    INFO_QUIET_MS = 10000,  /* the longest, unless an operator says another */
    INFO_GROUP_MS = 10,     /* a quiet server is asked every second, and so much
                               later for each group, up to the period that is
                               set */
    NO_MASTER_MS = 500, /* our master says it is a replica, nobody is master */
    PING_MIN_MS = 10,
    RECONNECT_MIN_MS = 10,
    LOGIN_AGAIN_MS = 500,  /* our login was refused: on a new connection */
    SERVICE_MS = 1000,     /* a connection that lives so long has served */
    SERVICE_SHORT_MS = 50, /* ... or for a moment at least */
    BRIEF_FREE = 3,        /* so many that did not: the pause behind them ... */
    BRIEF_DOUBLINGS = 5,   /* ... is short, then doubled so often */
    RECONNECT_NODE_MS = 200,
    RECONNECT_FORMER_MASTER_MS = 150,
    RECONNECT_PEER_MAX_MS = 1000,
    CONNECT_MIN_MS = 200,
    CONNECT_MAX_MS = 5000,
    FORMER_MASTER_HURRIES = 64, /* one connect in so many is patient */
    REFUSALS_NEEDED = 3,
    WITNESS_MIN_MS = 25,   /* between two INFO to the replicas of a silent
                               master: down_after / 8, but no less and ... */
    WITNESS_MAX_MS = 1000, /* ... no more */
    ASK_MIN_MS = 100,
    OPINION_MS = 5000,   /* older opinions are forgotten */
    REACHABLE_MS = 2000, /* a peer that answered so lately is there */
    LEAVE_MS = 1000,     /* for servers to get back what we took */
    LEAVE_LOOK_MS = 20,
    DENIAL_MS = 300,     /* a voter knows by then if it hears the master */
    VOTE_RETRY_MS = 100, /* repeat a vote request that got no vote */
    /* Each rank stands so much later: three times what an answer takes. */
    RANK_MIN_MS = 8,
    RANK_MAX_MS = 300,
    /* A peer's question makes us ask again, at most so often. */
    NUDGE_MS = 20,
    RIVALS_AGAIN = 5, /* so often an order stands again because of others */
    FORCED_ELECTION_MS = 300,   /* then an operator's order goes on without */
    LOST_PAUSE_MS = 150,        /* after a lost election: this ... */
    LOST_PAUSE_RANDOM_MS = 450, /* ... and up to this, doubled each time */
    LOST_PAUSE_DOUBLINGS = 4,
    STAND_WINDOW_MS = 60000,   /* at most STAND_HISTORY epochs in this */
    FLAPPING_FREE = 2,         /* failovers without a pause; before the next: */
    FLAPPING_PAUSE_MS = 10000, /* this, doubled each time */
    FLAPPING_QUIET_MS = 600000, /* after this it is the first one again */
    GATE_LOOK_MS = 250,         /* nobody can be promoted: look again */
    GATE_PASSING_MS = 500,  /* a reason not to act is said when it lasts ... */
    GATE_TURNS_MS = 3000,   /* ... or so long: others may be at it */
    GATE_CHANGED_MS = 5000, /* another sentence about the same */
    GATE_REPEAT_MS = 60000, /* the same again */
    MORE_MS = 5000,         /* one that was seen with more: at most */
    SELECT_MS = 400,        /* candidates must have answered by then */
    SWITCHOVER_MS = 1000,   /* a planned one: to catch up */
    PAUSE_SLICE_MS = 3000,  /* a pause of writes lasts so long after us ... */
    PAUSE_LEFT_MS = 2000,   /* ... and is renewed when so little is left */
    HANDOVER_MS = 1000,     /* the old master must have let go by then */
    PROMOTE_MS = 1000,      /* one candidate's time to say it is master */
    MUTE_MS = 200, /* a save that takes so long: we had better not stand */
    OFFER_RETRY_MS = 100, /* a peer did not keep a configuration: once more */
    VIEW_RETRY_MS = 100,
    VIEW_RETRY_URGENT_MS = 3, /* and 1 more for ... */
    VIEW_URGENT_GROUPS = 50,  /* ... each of so many groups */
    RESTART_TRIES = 50,       /* so often in a hurry, without proof of an end */
    VANISHED_LOOK_MS = 10,    /* between two looks at its replicas */
    VANISHED_URGENT_MS = 200, /* a process that has just gone may be back */
    RECONNECT_VANISHED_MS = 20, /* to one whose process is gone */
    VIEW_FRESH_MS = 2000,
    PROOF_FRESH_MS = 200,   /* ... that a process is gone */
    FOLLOW_LOOK_MS = 20,    /* it was told to follow: does it? */
    REPAIR_OTHERS_MS = 500, /* so new is what the other replicas do; one that
                             * is silent for longer holds up nobody */
    REPAIR_FRESH_MS = 40,   /* news older than this are not acted on */
    NEWCOMER_MIN_MS = 100,  /* none makes room for another before this */
    KIND_RETRY_MS = 1000,   /* a peer that did not say of which make it is */
    REPAIR_STAGGER_MS = 50, /* the leader of the epoch repairs first */
    REPAIR_CUT_OFF_MS = 1000,
    REPAIR_REPLICA_MS = 700,
    REPAIR_MASTER_MS = 8000,
    QUARANTINE_MS = 2000, /* a server has seemed foreign for so long ... */
    QUARANTINE_UNSYNCED_MS = 60000, /* ... though it tries to follow us */
    REPAIR_RETRY_MS = 1000,
    REHEARSAL_MS = 1000, /* so long after it was connected, and spread ... */
    REHEARSAL_SPREAD_MS = 1000, /* ... over this */
    REHEARSAL_AGAIN_MS = 60000, /* something was missing: look again */
    FENCE_CHECK_MS = 2000,  /* a server counts lags in seconds, once a second */
    FENCE_MARGIN_MS = 500,  /* and a promotion waits so much longer */
    REFUSAL_FRESH_MS = 100, /* an attempt to connect without an answer */
    FENCE_STAGGER_MS = 300, /* each rank changes what is demanded so later */
    FENCE_SEND_MS = 1000,
    FENCE_PATIENCE_MS = 10000, /* CONFIG was refused: try again */
    FENCE_RESTORE_MS = 5000,   /* replicas are back for so long: ask again */
    FENCE_SHORT_MS = 30000,    /* a peer may have seen too few replicas */
    FENCE_LOOK_MS = 20,        /* a master has noticed a loss by then */
    LAST_RESORT_MS = 30000,    /* unless the group says another */
    POSITIONS_MS = 60000,     /* between two savings of where servers are ... */
    POSITIONS_DOWN_MS = 1000, /* one that went down: so much later */
    POSITIONS_GROUP_MS = 30,  /* ... and so much more for each group */
    STALL_MS = 20,            /* a settle so late may discard what it missed */
    LATE_MS = 100,            /* ... and so late starts no failover at once */
    STALL_CHECK_MS = 50,
};

#endif
