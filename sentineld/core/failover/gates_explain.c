/* What each closed gate is told as: one sentence, with the names in it. The
 * switch has no default, so that a new gate must be explained here. */
#include "core/failover/failover.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

struct sentence {
    char *text;
    size_t used;
};

static void write(struct sentence *sentence, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* What does not fit is left out. */
static void write(struct sentence *sentence, const char *format, ...)
{
    size_t room = GATE_TEXT_SIZE - sentence->used;
    va_list arguments;
    va_start(arguments, format);
    int length =
        vsnprintf(sentence->text + sentence->used, room, format, arguments);
    va_end(arguments);
    if (length > 0) {
        sentence->used += (size_t)length < room ? (size_t)length : room - 1;
    }
}

static void write_peer(struct sentence *sentence, const struct voter *voter,
                       const char *what)
{
    const struct address *at = &voter->peer->instance.shown;
    write(sentence, ", %.80s:%u %s", at->host, at->port, what);
}

static bool is_answering(const struct voter *voter, msec now)
{
    return voter->answered_at != NEVER &&
           now - voter->answered_at < REACHABLE_MS;
}

static void explain_majority(const struct group *group, msec now,
                             struct sentence *why)
{
    write(why, "a majority of %u supervisors does not answer",
          model_voters(group));
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (!is_answering(voter, now)) {
            const char *trouble = instance_trouble(&voter->peer->instance);
            write_peer(why, voter,
                       trouble[0] != '\0' ? trouble : "does not answer");
        }
    }
}

static void explain_opinions(const struct group *group, msec now,
                             struct sentence *why)
{
    uint32_t agreeing = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        agreeing += voter->says_down && is_answering(voter, now) ? 1 : 0;
    }
    write(why, "%u of the %u supervisors needed say that it is down", agreeing,
          model_quorum(group));
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (!is_answering(voter, now)) {
            write_peer(why, voter, "does not answer");
        } else if (!voter->says_down) {
            write_peer(why, voter, "does not find it down");
        }
    }
}

static void explain_hearing(const struct group *group, struct sentence *why)
{
    write(why, "it is silent to this supervisor alone, and a majority has to "
               "find it down");
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (voter->denies) {
            write_peer(why, voter, "hears it");
        }
    }
}

static void explain_waiting(const struct group *group, struct sentence *why)
{
    struct candidate candidates[MAX_NODES_PER_GROUP];
    size_t count = select_collect(group, false, candidates);
    int best = select_best(candidates, count);
    char text[160] = "";
    if (best >= 0) {
        (void)last_resort_waits(group, &candidates[best], text);
    }
    write(why, "%s", text);
}

static void explain_witnesses(const struct group *group, struct sentence *why)
{
    write(why,
          group->master->instance.command.failure == FAILURE_FULL
              ? "its replicas hear it, and it takes no more clients: raise "
                "its maxclients"
              : "its replicas hear it: the network between it and this "
                "supervisor is at fault");
}

static void explain_vote(const struct core *core, const struct group *group,
                         msec now, struct sentence *why)
{
    unsigned long long lease_ms = core->model.vote_lease_ms;
    if (now < group->votes_from) {
        write(why,
              "this supervisor was started or met this master less than %llu "
              "ms ago: a vote that it forgot may still bind it",
              lease_ms);
        return;
    }
    write(why,
          "this supervisor voted for %s in epoch %llu, which binds it for "
          "%llu ms",
          group->vote.leader, (unsigned long long)group->vote.epoch, lease_ms);
}

/* Those that need no names. */
static const char *const plain[GATE_COUNT] = {
    [GATE_TILT] = "this supervisor stood still, and reads first what it "
                  "missed",
    [GATE_NOT_TOLD] = "the last change of master is not on disk yet",
    [GATE_TURN] = "others have the first turn, or the last attempt has just "
                  "come to nothing",
    [GATE_ATTEMPTS] = "three attempts within a minute, waiting",
    [GATE_LATE] = "this supervisor was late, and reads first what it missed",
    [GATE_UNSAVED] = "the state of this supervisor cannot be saved now: its "
                     "disk is full, slow or broken",
};

void gates_explain(const struct core *core, const struct group *group,
                   enum gate gate, msec now, char text[GATE_TEXT_SIZE])
{
    struct sentence why = {.text = text, .used = 0};
    text[0] = '\0';
    switch (gate) {
    case GATE_OPEN:
    case GATE_COUNT:
        return;
    case GATE_NO_MAJORITY:
        explain_majority(group, now, &why);
        return;
    case GATE_NOT_KEPT:
        commit_explain(group, text);
        return;
    case GATE_NOT_AGREED:
        explain_opinions(group, now, &why);
        return;
    case GATE_WITNESSED:
        explain_witnesses(group, &why);
        return;
    case GATE_HEARD:
        explain_hearing(group, &why);
        return;
    case GATE_VOTE:
        explain_vote(core, group, now, &why);
        return;
    case GATE_FLAPPING:
        flapping_explain(group, text);
        return;
    case GATE_NO_CANDIDATE:
        (void)select_any(group, text);
        return;
    case GATE_AWAY:
        explain_waiting(group, &why);
        return;
    case GATE_TILT:
    case GATE_NOT_TOLD:
    case GATE_TURN:
    case GATE_ATTEMPTS:
    case GATE_LATE:
    case GATE_UNSAVED:
        write(&why, "%s", plain[gate]);
        return;
    case GATE_FENCING:
    case GATE_DURABILITY:
    case GATE_OPERATOR:
        write(&why, "%s", group->failover.gate.why); /* as it was said */
        return;
    }
    assert(false);
}
