/* The last INFO of each server, within a bound, and how it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/info_cache.h"

static void keep(struct info_cache *cache, object_id node, const char *text)
{
    info_cache_keep(
        cache, node,
        &(struct info_text){FIXTURE_NOW - node, text, strlen(text)});
}

static void check(const struct info_cache *cache, object_id node,
                  const char *expected)
{
    struct info_text found;
    bool known = info_cache_find(cache, node, &found);
    assert_int_equal(known, expected != NULL);
    if (known) {
        assert_int_equal(found.at, FIXTURE_NOW - node);
        assert_int_equal(found.length, strlen(expected));
        assert_memory_equal(found.text, expected, found.length);
    }
}

static void test_the_oldest_make_room(void **state)
{
    (void)state;
    struct info_cache *cache = info_cache_new(10);
    check(cache, 1, NULL);
    keep(cache, 1, "aaaa");
    keep(cache, 2, "bbbb");
    keep(cache, 1, "cccc"); /* the newer text, and the newest entry */
    check(cache, 1, "cccc");
    check(cache, 2, "bbbb");
    keep(cache, 3, "ddd");
    check(cache, 2, NULL);
    check(cache, 1, "cccc");
    check(cache, 3, "ddd");
    keep(cache, 4, "0123456789");
    check(cache, 1, NULL);
    check(cache, 3, NULL);
    check(cache, 4, "0123456789");
    keep(cache, 4, "0123456789a"); /* too long: neither it nor the old one */
    check(cache, 4, NULL);
    info_cache_free(cache);
}

static void test_command(void **state)
{
    struct command_fixture *fixture = *state;
    struct info_cache *cache = info_cache_new(100);
    struct group *group = model_fixture_add_group(&fixture->model, "m", 7000);
    struct node *replica = model_fixture_add_node(group, "10.0.0.2", 7001);
    group->published->id = 5;
    replica->id = 6;
    fixture->context.infos = cache;
    const struct asked_row before[] = {
        {"no name", "sentinel info-cache",
         "-ERR wrong number of arguments for 'sentinel|info-cache' "
         "command\r\n"},
        {"nobody known", "sentinel info-cache x y", "*0\r\n"},
        {"no INFO yet", "sentinel info-cache m",
         "*2\r\n$1\r\nm\r\n*2\r\n*2\r\n:0\r\n$-1\r\n*2\r\n:0\r\n$-1\r\n"},
    };
    check_replies(fixture, before, 3);
    keep(cache, 5, "a:1\r\n");
    const struct asked_row after[] = {
        {"one INFO", "sentinel INFO-CACHE x m m",
         "*2\r\n$1\r\nm\r\n*2\r\n*2\r\n:5\r\n$5\r\na:1\r\n\r\n*2\r\n:0\r\n"
         "$-1\r\n"},
    };
    check_replies(fixture, after, 1);
    (void)ask(fixture, "hello 3");
    assert_string_equal(ask(fixture, "sentinel info-cache m"),
                        "*2\r\n$1\r\nm\r\n*2\r\n*2\r\n:5\r\n$5\r\na:1\r\n\r\n"
                        "*2\r\n:0\r\n_\r\n");
    info_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_oldest_make_room),
        cmocka_unit_test_setup_teardown(test_command, command_fixture_setup,
                                        command_fixture_teardown),
    };
    return cmocka_run_group_tests_name("info_cache", tests, NULL, NULL);
}
