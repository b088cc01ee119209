/* What the core's files share. From the bottom up: out and schedule; model,
 * its look-ups and its records; history; link; what is known and agreed
 * (stall, down, witness, observe, election, asking, gossip); what is done
 * about it (select, candidates, handover, switchover, reconf, repair, gates,
 * flapping, promotion, failover, publish); admin, restore and reload;
 * core at the door. Watching servers and leading a failover have headers of
 * their own. */
#ifndef SENTINELD_CORE_PRIVATE_H
#define SENTINELD_CORE_PRIVATE_H

#include "core/detect/watching.h"
#include "core/failover/failover.h"
#include "core/failover/outage.h"
#include "core/failover/vanished.h"
#include "core/links/links.h"

/* model_report.c */
/* An empty report of the failover in this epoch, in its place; it must not be
 * older than all that are remembered when there is no room. */
struct report_entry *model_add_report(struct core *core, struct group *group,
                                      uint64_t epoch);
void model_save_report(struct core *core, const struct report_entry *report,
                       bool deleted);
void model_drop_report(struct core *core, struct group *group,
                       struct report_entry *report);
void model_drop_reports(struct core *core, struct group *group);
void model_free_reports(struct group *group);

/* groups.c, peers.c */
void model_add_link(struct core *core, struct link *link, enum link_kind kind,
                    msec now);
void model_drop_link(struct core *core, struct link *link);
void model_init_health(struct health *health, msec down_after_ms, msec now);
struct group *model_add_group(struct core *core, const char *name,
                              const struct address *master,
                              const struct group_settings *settings, msec now);
void model_remove_group(struct core *core, struct group *group);
/* The node at this address, added when it is new; NULL at the limit. */
struct node *model_add_node(struct core *core, struct group *group,
                            const struct address *address, msec now);
/* Takes a node out of its group that is neither believed in nor told. */
void model_drop_node(struct core *core, struct node *node);
/* The node is known by another address from now on. */
void model_rename_node(struct core *core, struct node *node,
                       const struct address *address);
/* The published master is found by its address: taken out, before it changes,
 * and put in. */
void model_unindex_master(struct core *core, struct group *group);
void model_index_master(struct core *core, struct group *group);
/* The published master is found by its ip, too, which has changed. */
void model_index_master_ip(struct core *core, struct group *group);
struct peer *model_add_peer(struct core *core, const char *run_id,
                            const struct address *address, msec now);
/* NULL at the limit. */
struct member *model_add_member(struct core *core, struct group *group,
                                struct peer *peer, msec now);
void model_drop_member(struct core *core, struct member *member);
/* Removes the peer with all its memberships. */
void model_drop_peer(struct core *core, struct peer *peer);
/* Its connection still leads to where it was. */
void model_move_peer(struct core *core, struct peer *peer,
                     const struct address *address);
void model_apply_settings(struct core *core, struct group *group, msec now);
void model_note_patience(struct core *core, struct peer *peer, msec now);
/* Frees what was removed during this settle. */
void model_bury(struct core *core);
void model_free(struct core *core);

/* switch.c */
/* Believes in another master from now on; told to nobody until it is on
 * disk (model_publish). */
void model_switch_master(struct core *core, struct group *group,
                         struct node *master, uint64_t config_epoch, msec now);
/* The master, the same or another, begins its time now: nothing that was
 * measured or said of it before counts. */
void model_begin_master(struct core *core, struct group *group, msec now);
/* Believes again in whom we told of last: nobody was told of the switch, and
 * who leads next decides about it. */
void model_take_back_switch(struct core *core, struct group *group, msec now);
/* Makes the durable belief the one that is told. */
void model_publish(struct core *core, struct group *group);

/* names.c: servers that are known by name, and the ips that lead to. */
/* How it is told follows from what is known of it. */
void names_show(const struct model *model, struct instance *instance);
void names_show_all(struct core *core);
void names_on_resolved(struct core *core, struct link *link, const char *ip);
/* A server's connection is up: clients hear of it if the master has moved;
 * then true, for peers are to hear of it, too. */
bool names_on_up(struct core *core, const struct link *link);
/* One server under a name and under an ip becomes one. */
void names_settle(struct core *core, struct group *group);
/* May this be taken for an address, or is it a name where no names are
 * allowed? */
bool names_allows(const struct core *core, const char *host);
/* Something was not taken for that reason: said once. */
void names_say_refused(struct core *core, struct group *group,
                       const struct address *address);
/* The server at this address, added when it is new; NULL when it cannot be
 * now. */
struct node *names_obtain_node(struct core *core, struct group *group,
                               const struct address *address, msec now);
/* Its ip, where that is known of a name; else the address as it is. */
struct address names_best_known(const struct group *group,
                                const struct address *address);
/* One is known by a name of which no ip is known, the other by an ip: nobody
 * can tell whether they are two servers. */
bool names_may_be_same(const struct node *a, const struct node *b);
/* Could this be another address of our master? A name that it has may also
 * lead elsewhere for others, or lead elsewhere now. */
bool names_may_be_master(const struct group *group,
                         const struct address *address);

/* lineage.c */
void lineage_on_info(struct core *core, struct node *node);

/* history.c */
/* What our master said, or a replica that follows it. */
void history_learn(struct core *core, struct group *group,
                   const struct report *report, bool by_master);
/* Is it of our chain at all, be it a branch that we left? */
bool history_is_kin(const struct group *group, const struct report *report);
/* Can their offsets be compared: did one history grow out of the other? */
bool history_is_linked(const struct group *group, const struct report *a,
                       const struct report *b);
/* Has anybody seen the master yet? */
bool history_is_known(const struct group *group);
/* Takes over what a peer knows and we do not; the master of that config epoch
 * told it. */
void history_merge(struct core *core, struct group *group, uint64_t epoch,
                   const struct history theirs[LINEAGE_SIZE]);
/* loss.c */
enum loss {
    LOSS_NOTHING, /* the same data, and no more of them */
    LOSS_BYTES,
    LOSS_UNKNOWN,
};
enum loss lineage_loss(const struct node *server, const struct node *master);
/* Would a partial synchronisation do? */
bool lineage_continues(const struct node *server, const struct node *master);

/* Does this server hold our data? *offset: up to where, as comparable. */
bool history_accepts(const struct group *group, const struct report *report,
                     uint64_t *offset);

/* restore.c: the model from the configuration and the saved records. */
void restore_model(struct core *core, const struct core_conf *conf,
                   const struct record *saved, size_t count, msec now);

/* reload.c: the file says something else than it did `before`. */
void reload_apply(struct core *core, const struct core_conf *file,
                  const struct core_conf *before, msec now);

/* settings.c: what is set for the daemon as a whole. */
void settings_init(struct core *core);
/* The file's settings and the saved ones: what changed last wins. */
void settings_restore(struct core *core, const struct daemon_settings *file,
                      const struct record_self *saved);
/* The same while we run. */
void settings_reload(struct core *core, const struct daemon_settings *file);
void settings_apply(struct core *core, const struct admin *admin);
/* Crashes now if an operator asked for it at this point. */
void settings_simulate(struct core *core, enum simulated_failure point);

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
/* `group` is where we heard of it. */
void election_new_epoch(struct core *core, const struct group *group,
                        uint64_t epoch);
void election_on_asked(struct core *core, const struct core_event *event,
                       msec now);
/* Votes that bind their voters for us now, our own included. */
uint32_t election_votes(const struct core *core, const struct group *group,
                        msec now);
bool election_voted_for_us(const struct core *core,
                           const struct member *member);
bool election_won(const struct core *core, const struct group *group, msec now);
/* When the votes that make us leader stop binding; NEVER if none else. */
msec election_lease_end(const struct core *core, const struct group *group);
/* Can enough voters still answer? */
bool election_is_lost(const struct core *core, const struct group *group);
/* Has a majority answered us lately? (Ask before you stand.) */
bool election_majority_answers(const struct group *group, msec now);
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
/* Takes the next epoch for a failover of ours. */
void election_stand(struct core *core, struct group *group);
void election_vote_for_self(struct core *core, struct group *group, msec now);
void election_withdraw(struct core *core, struct group *group, msec now);

/* asking.c */
void asking_on_reply(struct core *core, struct link *link,
                     const struct core_event *event, msec now);
void asking_settle(struct core *core, struct group *group, msec now);
/* All of them at once: what they said may have changed. */
void asking_again(struct group *group);
/* From the first question for votes until a promotion is a fact. */
bool asking_is_standing(const struct group *group);
/* Has a voter that can be reached kept its vote from us in our epoch? */
bool asking_was_refused(const struct core *core, const struct group *group);
/* Has this voter of ours told, after it voted, what it keeps and knows? */
bool asking_has_view(const struct member *member);
/* ... and so many of them that no other majority is without one. */
bool asking_has_views(const struct core *core, const struct group *group,
                      msec now);
/* Will a voter of ours still tell which histories it knows? */
bool asking_awaits_histories(const struct core *core,
                             const struct group *group);

/* rivals.c: several supervisors were ordered a failover in one moment. */
enum rivals {
    RIVALS_NONE,     /* nobody is in the way */
    RIVALS_BEHIND,   /* nobody can win this epoch, and we come first */
    RIVALS_IN_FRONT, /* somebody else goes on */
};
/* Somebody wants votes: whoever does has given himself his own. */
void rivals_on_asked(struct core *core, struct group *group,
                     const struct ballot *wanted, msec now);
enum rivals rivals_judge(struct core *core, struct group *group, msec now);
/* In a new epoch, beyond those of all rivals. */
void rivals_stand_again(struct core *core, struct group *group, msec now);

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

/* gossip.c */
void gossip_on_hello(struct core *core, struct link *link,
                     const struct hello *hello, msec now);
void gossip_on_view(struct core *core, struct link *link,
                    const struct core_event *event);
void gossip_settle(struct core *core, struct group *group, msec now);
void gossip_hello_soon(struct core *core, struct group *group, msec now);
/* Do a majority's answers since then say that our view is current? */
bool gossip_view_is_current(const struct group *group, msec since);
/* Does anybody say since then that its process may lack data? */
bool gossip_doubts_master(const struct group *group, msec since);
void gossip_ask_views(struct core *core, struct group *group, msec now);
void gossip_ask_view(struct core *core, struct member *member, msec now);
/* Behind the question for its vote, or after its answer. */
void gossip_ask_voter(struct core *core, struct member *member, msec now);
void gossip_forget_pending(struct peer *peer);

/* observe.c */
/* True = another process than before answers. */
bool observe_on_info(struct core *core, struct node *node,
                     const struct info *info, msec now);
/* It says what it is: by INFO, or by the ROLE after a command of ours. */
void observe_on_role(struct core *core, struct node *node, enum role role,
                     msec now);
void observe_info_now(struct core *core, struct group *group, msec now);
void link_info_soon(struct core *core, struct node *node, msec at);
/* The connection is up: asks it now, or will. */
void observe_due(struct core *core, struct node *node, msec now);
/* The period of INFO that the state of things asks for. */
msec observe_info_period(const struct core *core, const struct node *node,
                         msec now);

/* facts.c */
void facts_record(struct core *core, const struct core_event *event, msec now);
/* A connection has ended, or begun: what was on its way is lost. */
void facts_lost(struct link *link);

/* follow.c */
/* Would it lose nothing by following our master, or is that decided? */
bool follow_is_free(const struct node *node);
/* May it begin to fetch now, as parallel_syncs goes? */
bool follow_has_turn(const struct core *core, const struct node *node,
                     msec now);
/* The order itself; the caller has asked both. */
void follow_send(struct core *core, struct node *node, msec expires_at,
                 msec now);

/* repair.c */
void repair_on_replicaof(struct core *core, struct node *node,
                         enum ack_result result, msec now);
/* What was on its way is lost with the connection. */
void repair_forget_pending(struct node *node);
/* It is due again without a pause. */
void repair_at_once(struct node *node);
void repair_settle(struct core *core, struct group *group, msec now);

/* quarantine.c */
void quarantine_settle(struct core *core, struct group *group, msec now);
/* Nothing may be done to this server: it is in quarantine, or will be. */
bool quarantine_holds(const struct node *node);
/* *why_not: a sentence for the asker, when it is refused. */
enum admin_result quarantine_adopt(struct core *core, struct group *group,
                                   const struct address *address,
                                   const char **why_not);

/* gates.c: why there is no failover. */
/* Each gate by itself, and the sentence about it. */
bool gates_is_closed(const struct core *core, const struct group *group,
                     enum gate gate, msec now);
void gates_explain(const struct core *core, const struct group *group,
                   enum gate gate, msec now, char text[GATE_TEXT_SIZE]);
/* This one is the first that is closed: said in time, and again while it is. */
void gates_say(struct core *core, struct group *group, enum gate gate,
               const char *why, msec now);
/* There is no reason any more. */
void gates_forget(struct group *group);
/* The master is down, but a failover now would come too soon. */
bool gates_must_pause(struct core *core, struct group *group, msec now);
/* Have we read what came in, and does the disk work? */
bool gates_are_able(struct core *core, struct group *group, msec now);
bool gates_may_begin(struct core *core, struct group *group, msec now);

/* flapping.c */
/* The master is about to be replaced: because it is down, or by an order? */
void flapping_on_switch(struct group *group, msec now);
/* A failover by itself is to wait: why, and an event that says so. */
void flapping_explain(const struct group *group, char text[GATE_TEXT_SIZE]);
void flapping_announce(struct core *core, struct group *group);
/* An operator knows: what was counted is forgotten. */
void flapping_acknowledge(struct core *core, struct group *group);

/* report.c, report_text.c: what each failover cost. */
/* Those of the last choice; the report of what comes of it has them. */
void report_note_candidates(struct group *group,
                            const struct candidate *candidates, size_t count);
/* We promoted, or a peer told us: before the group believes in another
 * master. */
void report_promotion(struct core *core, struct group *group, msec now);
void report_adoption(struct core *core, struct group *group,
                     const struct node *to, uint64_t epoch, msec now);
/* It came to nothing. */
void report_forget(struct core *core, struct group *group, uint64_t epoch);
/* The clients have been told. */
void report_published(struct core *core, struct group *group);
/* A node that is not our master said what it has. */
void report_old_master(struct core *core, struct node *node);
void report_say(struct core *core, const struct record_report *row);
void report_write_candidates(const struct group *group,
                             const struct candidate *candidates, size_t count,
                             char written[REPORT_CANDIDATES_SIZE]);

/* pending.c: what was set, until it is on disk. */
void pending_add(struct core *core, struct group *group,
                 const struct admin *admin, msec now);
void pending_on_saved(struct core *core, msec now);
void pending_on_save_failed(struct core *core);

/* publish.c: tells what has become durable. */
void publish_saved(struct core *core, msec now);

/* ruling.c: what a leader before us may have committed. */
enum ruling {
    RULING_FREE,   /* nothing, or what is gone: go on as if it were not there */
    RULING_WAIT,   /* its server has not answered yet */
    RULING_COMMIT, /* this one is master, in our epoch */
};
/* Do we keep a configuration that nobody tells? */
bool ruling_is_pending(const struct group *group);
/* We are elected, and our voters have told what they keep. */
enum ruling ruling_make(struct core *core, struct group *group,
                        struct node **whom, msec now);
/* May we stand for a ruling alone? */
bool ruling_may_begin(struct core *core, struct group *group, msec now);
void ruling_settle(struct core *core, struct group *group, msec now);

/* commit.c: a majority's disks have it before anybody is told. */
/* Are there enough peers that can keep a configuration? */
bool commit_is_possible(const struct group *group);
/* A peer has shown of which make it is. */
void commit_note_kind(struct core *core, struct group *group);
/* Are too few reached that could keep it? */
bool commit_lacks_peers(const struct group *group);
void commit_explain(const struct group *group, char text[GATE_TEXT_SIZE]);
void commit_start(struct core *core, struct group *group, msec now);
void commit_settle(struct core *core, struct group *group, msec now);
void commit_on_answer(struct core *core, struct link *link,
                      const struct core_event *event);
void commit_on_saved(struct core *core);
/* A leader offers us what it is about to commit. */
void commit_on_offer(struct core *core, const struct admin *admin, msec now);

/* reset.c */
void reset_group(struct core *core, struct group *group, msec now);

/* admin.c */
void admin_apply(struct core *core, const struct admin *admin, msec now);

#endif
