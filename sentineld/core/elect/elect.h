/* Supervisors among themselves: epochs, votes, questions, hellos, views. */
#ifndef SENTINELD_CORE_ELECT_H
#define SENTINELD_CORE_ELECT_H

#include "core/detect/detect.h"

/* election.c */
bool election_is_self(const struct core *core, const char *run_id);
bool election_grant(const struct ballot *held, bool binds,
                    uint64_t config_epoch, const struct ballot *wanted);
uint32_t election_count(const struct ballot *votes, size_t count,
                        const struct ballot *wanted);
uint32_t election_needed(uint32_t voters, uint32_t quorum);
/* Every group has an order of its own among its supervisors: our place in it
 * among those that are up; 0 = first. */
uint32_t election_rank(const struct core *core, const struct group *group);
/* The same order, of two run ids. */
bool election_comes_before(const struct group *group, const char *a,
                           const char *b);
/* How long we let those before us stand first, so that seldom two stand at
 * once. */
msec election_turn(const struct core *core, const struct group *group);
/* Could a pool have counted up to this? */
bool election_is_plausible(const struct core *core, uint64_t epoch);
void election_new_epoch(struct core *core, uint64_t epoch);
/* +new-epoch, and +vote-for-leader of our vote, unless they were said. */
void election_say_epoch(struct core *core, const struct group *group);
void election_say_vote(struct core *core, struct group *group);
/* No attempt of ours before this moment. */
void election_hold_off(struct core *core, struct group *group, msec until);
/* Every epoch in which somebody stood for this group, ours or not: too many
 * are limited. True = this one counts, and is new. */
bool election_note_epoch(struct group *group, uint64_t epoch, msec now);
bool election_is_voter(struct core *core, const struct group *group,
                       const char *run_id, msec now);
bool election_can_grant(const struct group *group, const struct ballot *wanted,
                        msec now);
bool election_can_grant_all(const struct core *core, const struct group *asked,
                            const struct ballot *wanted, msec now);
/* Two groups that name one server. */
bool election_shares_master(const struct group *a, const struct group *b);
/* The vote is ours to give; the caller has asked. Returns as
 * election_note_epoch does. */
bool election_cast(struct core *core, struct group *group,
                   const struct ballot *vote, msec now);
/* The earliest moment at which the limit on epochs lets us stand. */
msec election_next_chance(const struct group *group);
/* Is our vote for somebody whose promotion is not known to be over? */
bool election_is_bound(const struct core *core, const struct group *group,
                       msec now);
/* When our vote for somebody else has run out, and we are not too new any more
 * to vote at all ... */
msec election_free_at(const struct core *core, const struct group *group);
/* ... and before that we cannot stand. */
bool election_cannot_stand(const struct core *core, const struct group *group,
                           msec now);
void election_withdraw(struct core *core, struct group *group, msec now);

/* tally.c */
/* Is it to be asked for its vote at all? */
bool tally_may_vote(const struct voter *voter);
/* Votes that bind their voters for us now, our own included. */
uint32_t tally_votes(const struct core *core, const struct group *group,
                     msec now);
bool tally_counts_own_vote(const struct core *core, const struct group *group);
bool tally_voted_for_us(const struct core *core, const struct voter *voter);
bool tally_is_won(const struct core *core, const struct group *group, msec now);
/* How many votes make a leader. */
uint32_t tally_needed(const struct group *group);
/* When the votes that bind their voters to us are too few; NEVER if none else
 * is needed. */
msec tally_lease_end(const struct core *core, const struct group *group);
/* Can enough voters still answer? */
bool tally_is_lost(struct core *core, struct group *group, msec now);
/* So many hear the master that the rest can elect nobody to replace it. */
bool tally_is_denied(const struct group *group, msec now);
/* Has a majority answered us lately? (Ask before you stand.) */
bool tally_majority_answers(const struct group *group, msec now);
/* Has a voter that can be reached kept its vote from us in our epoch? */
bool tally_was_refused(const struct core *core, const struct group *group);
/* Has this voter of ours told, after it voted, what it keeps and knows? */
bool tally_has_view(const struct voter *voter);
/* ... and so many of them that no other majority is without one. */
bool tally_has_views(const struct core *core, const struct group *group,
                     msec now);

/* ask.c */
void ask_on_reply(struct core *core, struct link *link,
                  const struct core_event *event, msec now);
void ask_settle(struct core *core, struct group *group, msec now);
/* Whoever asks thinks that the master is down: time to ask again? */
void ask_nudge(struct core *core, struct group *group, msec now);
/* All of them at once: what they said may have changed. */
void ask_again(struct group *group);
/* From the first question for votes until a promotion is a fact. */
bool ask_is_standing(const struct group *group);
/* Will a voter of ours still tell which histories it knows? */
bool ask_awaits_histories(const struct core *core, const struct group *group);

/* hello.c */
void hello_heard(struct core *core, struct link *link,
                 const struct hello *hello, msec now);
void hello_settle(struct core *core, struct group *group, msec now);
void hello_soon(struct core *core, struct group *group, msec now);

/* adoption.c: another's configuration in place of ours. */
bool adoption_is_better(const struct group *group,
                        const struct configuration *theirs);
/* Somebody names a better one: all are asked for their views. */
void adoption_ask(struct core *core, struct group *group, msec now);
/* The master to be believed in from now on, and who told it of late; NULL = as
 * before. */
struct node *adoption_choose(struct core *core, struct group *group,
                             const struct voter **teller, msec now);

/* newcomers.c: who says hello and has not shown who it is. */
void newcomers_on_hello(struct core *core, struct group *group,
                        const struct hello *hello, msec now);
/* Who answers at the end of a peer's link. */
void newcomers_on_identity(struct core *core, struct link *link,
                           const struct core_event *event, msec now);
/* The one at the end of the link, as it would be a voter; NULL = none. */
struct voter *newcomers_find(const struct link *link, struct group *group);
/* It has told its view of the group: false when it is no voter yet. */
bool newcomers_join(struct core *core, struct voter *voter, msec now);
void newcomers_settle(struct core *core, struct group *group, msec now);

/* view.c */
/* Returns the group that a peer has told its view of; NULL = none. */
struct group *view_on_reply(struct core *core, struct link *link,
                            const struct core_event *event, msec now);
/* Of which make is who has just come? */
void view_settle(struct core *core, struct group *group, msec now);
/* Do a majority's answers since then say that our view is current? */
bool view_is_current(const struct group *group, msec since);
/* How many say since then that its process may lack data? */
uint32_t view_count_doubts(const struct group *group, msec since);
void view_ask_all(struct core *core, struct group *group, msec now);
void view_ask(struct core *core, struct voter *voter, msec now);
/* Behind the question for its vote, or after its answer. */
void view_ask_voter(struct core *core, struct voter *voter, msec now);

/* peer_lost.c */
/* A connection has ended: what was on its way to it is lost. */
void peer_lost(struct peer *peer);

/* twins.c: processes that share one id. */
void twins_on_own_id(struct core *core, struct group *group,
                     const struct link *link, const struct hello *hello,
                     msec now);
/* True = it is not one process that moved: its address is left as it is. */
bool twins_on_hello(struct core *core, struct peer *peer,
                    const struct link *link, const struct hello *hello,
                    msec now);
bool twins_has_peer(const struct peer *peer, msec now);
void twins_settle(struct core *core, struct group *group, msec now);

#endif
