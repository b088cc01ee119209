#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failover_support.h"

int failover_start(void **state)
{
    static struct fixture fixture;
    fixture_start(&fixture, NULL, 0);
    fixture_complete(&fixture);
    *state = &fixture;
    return 0;
}

int failover_stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

enum failover_state failover_state_of(const struct fixture *fixture)
{
    return fixture_group(fixture)->failover.state;
}

void failover_silence_master(struct fixture *f)
{
    object_id quiet[] = {fixture_link_of(f, "10.0.0.1")};
    fixture_run_until(f, f->now + 1000, quiet, 1);
}

void failover_reach_wait_start(struct fixture *f)
{
    failover_silence_master(f);
    fixture_opinion(f, PEER_A, true, "", 0);
    fixture_opinion(f, PEER_B, false, "", 0);
    object_id quiet[] = {fixture_link_of(f, "10.0.0.1")};
    fixture_run_until(f, f->now + 50, quiet, 1);
    assert_int_equal(failover_state_of(f), FAILOVER_WAIT_START);
}

void failover_reach_select(struct fixture *f)
{
    failover_reach_wait_start(f);
    fixture_opinion(f, PEER_A, true, SELF, 1);
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
}

void failover_cut_off_all(struct fixture *f)
{
    static const char *const hosts[] = {"10.0.0.2", "10.0.0.3"};
    for (int i = 0; i < 2; i++) {
        fixture_ack(f, fixture_link_of(f, hosts[i]), ACT_CUT_OFF, ACK_OK,
                    ROLE_UNKNOWN);
        fixture_info_replica(f, hosts[i], "127.0.0.1", 100 + (uint64_t)i);
    }
}

void failover_reach_promote(struct fixture *f)
{
    failover_reach_select(f);
    failover_cut_off_all(f);
    assert_int_equal(failover_state_of(f), FAILOVER_PROMOTE);
}
