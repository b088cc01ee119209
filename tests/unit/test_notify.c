/* Which of the operator's programs are started, when, and what they are
 * told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core_fixture.h"
#include "sentineld/memory.h"

#include <stdio.h>
#include <string.h>

static void set_script(struct fixture *f, enum setting setting,
                       const char *name, const char *path)
{
    struct admin admin = {.type = ADMIN_SET, .option_count = 1};
    copy_text(admin.name, NAME_SIZE, "m");
    admin.options[0].setting = setting;
    copy_text(admin.options[0].text, SCRIPT_PATH_SIZE, path);
    copy_text(admin.options[0].typed, sizeof(admin.options[0].typed), name);
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

static int start(void **state)
{
    static struct fixture f;
    fixture_start(&f, NULL, 0);
    fixture_complete(&f);
    set_script(&f, SETTING_NOTIFICATION_SCRIPT, "notification-script", "/n");
    set_script(&f, SETTING_CLIENT_RECONFIG_SCRIPT, "client-reconfig-script",
               "/c");
    *state = &f;
    return 0;
}

static int stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

/* The last call of this program, or NULL. */
static const struct core_script *last_call(const struct fixture *f,
                                           enum script_kind kind)
{
    for (size_t i = f->action_count; i > 0; i--) {
        const struct core_action *action = &f->actions[i - 1];
        if (action->type == ACT_SCRIPT && action->script.kind == kind) {
            return &action->script;
        }
    }
    return NULL;
}

static void programs_are_a_setting_like_others(void **state)
{
    struct fixture *f = *state;
    const struct group_settings *settings = &fixture_group(f)->settings;
    assert_string_equal(settings->notification_script, "/n");
    assert_string_equal(settings->client_reconfig_script, "/c");
    assert_string_equal(fixture_event(f, "+set"),
                        "master m 10.0.0.1 6379 client-reconfig-script /c");
    const struct record *row = fixture_record(f, RECORD_GROUP);
    assert_non_null(row);
    assert_string_equal(row->group.settings.client_reconfig_script, "/c");
    assert_string_equal(row->group.declared_settings.notification_script, "");
}

/* Each warning about a group follows the event, in the same words. */
static void a_warning_is_told(void **state)
{
    struct fixture *f = *state;
    object_id quiet[] = {fixture_link_of(f, "10.0.0.1")};
    fixture_forget(f);
    fixture_run_until(f, f->now + 1010, quiet, 1);
    const struct core_script *call = last_call(f, SCRIPT_NOTIFICATION);
    assert_non_null(call);
    assert_string_equal(call->path, "/n");
    assert_string_equal(call->group, "m");
    assert_string_equal(call->event.channel, "+sdown");
    assert_string_equal(call->event.text, "master m 10.0.0.1 6379");
    assert_null(last_call(f, SCRIPT_CLIENT_RECONFIG));
}

/* Every warning with an instance has its call; what is less has none. */
static void each_warning_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    fixture_forget(f);
    fixture_hello(f, PEER_A, "10.0.1.1", "10.0.0.2", 5);
    size_t warnings = 0;
    for (size_t i = 0; i < f->action_count; i++) {
        const struct core_action *action = &f->actions[i];
        if (action->type != ACT_EVENT || action->event.level != LEVEL_WARNING) {
            continue;
        }
        warnings++;
        const struct core_action *next = &f->actions[i + 1];
        assert_true(i + 1 < f->action_count);
        assert_int_equal(next->type, ACT_SCRIPT);
        assert_string_equal(next->script.event.channel, action->event.channel);
        assert_string_equal(next->script.event.text, action->event.text);
    }
    assert_true(warnings >= 3); /* +new-epoch +config-update-from ... */
    assert_int_equal(fixture_count(f, ACT_SCRIPT, 0), warnings + 1);
}

static void without_a_path_nothing_is_started(void **state)
{
    struct fixture *f = *state;
    set_script(f, SETTING_NOTIFICATION_SCRIPT, "notification-script", "");
    set_script(f, SETTING_CLIENT_RECONFIG_SCRIPT, "client-reconfig-script", "");
    fixture_forget(f);
    fixture_hello(f, PEER_A, "10.0.1.1", "10.0.0.2", 5);
    assert_non_null(fixture_event(f, "+switch-master"));
    assert_int_equal(fixture_count(f, ACT_SCRIPT, 0), 0);
}

static void an_observer_is_told_when_it_is_durable(void **state)
{
    struct fixture *f = *state;
    f->disk_works = false;
    fixture_hello(f, PEER_A, "10.0.1.1", "10.0.0.2", 5);
    assert_null(last_call(f, SCRIPT_CLIENT_RECONFIG));
    struct core_event saved = {.type = EV_SAVED, .saved_version = f->version};
    core_record(f->core, f->now, &saved);
    fixture_settle(f);
    const struct core_script *call = last_call(f, SCRIPT_CLIENT_RECONFIG);
    assert_non_null(call);
    assert_string_equal(call->path, "/c");
    assert_string_equal(call->group, "m");
    assert_false(call->reconfig.leads);
    assert_string_equal(call->reconfig.from.host, "10.0.0.1");
    assert_string_equal(call->reconfig.to.host, "10.0.0.2");
    assert_int_equal(call->reconfig.to.port, 6379);
}

/* The master falls silent, the peers agree, one votes for us. */
static void win_election(struct fixture *f)
{
    object_id quiet[] = {fixture_link_of(f, "10.0.0.1")};
    fixture_run_until(f, f->now + 1000, quiet, 1);
    fixture_opinion(f, PEER_A, true, "", 0);
    fixture_opinion(f, PEER_B, false, "", 0);
    fixture_run_until(f, f->now + 50, quiet, 1);
    fixture_opinion(f, PEER_A, true, SELF, 1);
    assert_non_null(fixture_event(f, "+elected-leader"));
}

static bool was_notified(const struct fixture *f, const char *channel)
{
    for (size_t i = 0; i < f->action_count; i++) {
        const struct core_action *action = &f->actions[i];
        if (action->type == ACT_SCRIPT &&
            action->script.kind == SCRIPT_NOTIFICATION &&
            strcmp(action->script.event.channel, channel) == 0) {
            return true;
        }
    }
    return false;
}

static void the_leader_is_told_that_it_leads(void **state)
{
    struct fixture *f = *state;
    win_election(f);
    for (unsigned i = 2; i <= 3; i++) {
        char host[16];
        (void)snprintf(host, sizeof(host), "10.0.0.%u", i);
        fixture_ack(f, fixture_link_of(f, host), ACT_CUT_OFF, ACK_OK,
                    ROLE_UNKNOWN);
        fixture_info_replica(f, host, "127.0.0.1", 100 + i);
    }
    assert_null(last_call(f, SCRIPT_CLIENT_RECONFIG));
    fixture_ack(f, fixture_link_of(f, "10.0.0.3"), ACT_REPLICAOF, ACK_OK,
                ROLE_MASTER);
    assert_null(last_call(f, SCRIPT_CLIENT_RECONFIG));
    fixture_keep_offer(f); /* the peers know: now everybody may */
    const struct core_script *call = last_call(f, SCRIPT_CLIENT_RECONFIG);
    assert_non_null(call);
    assert_true(call->reconfig.leads);
    assert_string_equal(call->reconfig.from.host, "10.0.0.1");
    assert_string_equal(call->reconfig.to.host, "10.0.0.3");
    assert_true(was_notified(f, "+switch-master"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        CASE(programs_are_a_setting_like_others),
        CASE(a_warning_is_told),
        CASE(each_warning_and_nothing_else),
        CASE(without_a_path_nothing_is_started),
        CASE(an_observer_is_told_when_it_is_durable),
        CASE(the_leader_is_told_that_it_leads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
