/* A failover of one supervisor of three, up to a certain step. */
#ifndef TESTS_UNIT_FAILOVER_SUPPORT_H
#define TESTS_UNIT_FAILOVER_SUPPORT_H

#include "core_fixture.h"

/* cmocka's setup and teardown; *state is the fixture. */
int failover_start(void **state);
int failover_stop(void **state);
enum failover_state failover_state_of(const struct fixture *fixture);
/* The master falls silent; the rest goes on answering. */
void failover_silence_master(struct fixture *f);
/* Both peers agree that it is down; we stand. */
void failover_reach_wait_start(struct fixture *f);
void failover_reach_select(struct fixture *f);
/* Both replicas obey; the second has more data. */
void failover_cut_off_all(struct fixture *f);
void failover_reach_promote(struct fixture *f);

#endif
