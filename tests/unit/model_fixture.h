/* Small models filled in by hand, for tests of what is shown of a model. A
 * model here is a value: nothing decides about it and no link is real. */
#ifndef TESTS_UNIT_MODEL_FIXTURE_H
#define TESTS_UNIT_MODEL_FIXTURE_H

#include "sentineld/model.h"

/* Our own run id in every fixture: forty times '5'. */
extern const char *const model_fixture_self;

void model_fixture_init(struct model *model);
void model_fixture_clear(struct model *model);

/* A group whose master is 127.0.0.1:port: quorum 2 and Redis' defaults,
 * nothing heard of it yet, its links up. */
struct group *model_fixture_add_group(struct model *model, const char *name,
                                      uint16_t port);
void model_fixture_remove_group(struct model *model, struct group *group);
/* One more node, links up, no INFO yet. */
struct node *model_fixture_add_node(struct group *group, const char *host,
                                    uint16_t port);
/* What INFO of a healthy replica of the group's master says. */
void model_fixture_report_replica(struct node *node, msec at);
/* A peer at 127.0.0.2:port in this group. Its run id is forty times `digit`;
 * a digit that is known already joins that peer to the group. */
struct voter *model_fixture_add_voter(struct model *model, struct group *group,
                                      char digit, uint16_t port);

#endif
