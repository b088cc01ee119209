/* What servers refuse us, in their rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "command_fixture.h"
#include "model_fixture.h"

static void assert_refused(struct command_fixture *fixture, const char *request,
                           const char *expected)
{
    const char *reply = ask(fixture, request);
    const char *found = strstr(reply, "refused-commands\r\n");
    if (expected == NULL) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    const char *value = strchr(strstr(found, "$"), '\n') + 1;
    assert_memory_equal(value, expected, strlen(expected));
    assert_int_equal(value[strlen(expected)], '\r');
}

static void test_refused(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group =
        model_fixture_add_group(&fixture->model, "mymaster", 6379);
    struct node *replica = model_fixture_add_node(group, "10.0.0.2", 6379);
    assert_refused(fixture, "sentinel master mymaster", NULL);
    group->published->denied[DENIED_PAUSE] = true;
    assert_refused(fixture, "sentinel master mymaster", "client-pause");
    assert_refused(fixture, "sentinel replicas mymaster", NULL);
    for (int i = 0; i < DENIED_COUNT; i++) {
        replica->denied[i] = true;
    }
    assert_refused(fixture, "sentinel replicas mymaster",
                   "info,subscribe,publish,config,multi,slaveof,"
                   "config-rewrite,client-kill,client-pause");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refused, command_fixture_setup,
                                        command_fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
