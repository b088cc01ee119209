/* systemd's side is a socket of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/start/supervise.h"

/* Listens at this name; the first character of an abstract one is '@'. */
static int listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    memcpy(address.sun_path, name, length);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int descriptor = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_true(descriptor >= 0);
    socklen_t size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&address, size),
                     0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    return descriptor;
}

static int clear_environment(void **state)
{
    (void)state;
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("WATCHDOG_PID");
    return 0;
}

static void what_is_told_arrives(void **state)
{
    (void)state;
    char dir[] = "/tmp/test_supervise.XXXXXX";
    char path[64];
    char abstract[64];
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/notify", dir);
    (void)snprintf(abstract, sizeof(abstract), "@%s", dir);
    const char *const names[] = {path, abstract};
    for (size_t i = 0; i < 2; i++) {
        char text[64] = "";
        int listener = listen_at(names[i]);
        assert_true(supervise_is_asked());
        assert_true(supervise_tell("READY=1\nSTATUS=well"));
        assert_true(recv(listener, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
        assert_string_equal(text, "READY=1\nSTATUS=well");
        (void)close(listener);
    }
    (void)unlink(path);
    (void)rmdir(dir);
}

static void nobody_asks(void **state)
{
    (void)state;
    assert_false(supervise_is_asked());
    assert_true(supervise_tell("READY=1"));
    assert_int_equal(setenv("WATCHDOG_USEC", "1000000", 1), 0);
    assert_true(supervise_watchdog_s() == 0.0);
}

static void a_name_that_is_none(void **state)
{
    (void)state;
    char longest[200];
    memset(longest, 'x', sizeof(longest));
    longest[0] = '/';
    longest[199] = '\0';
    const char *const names[] = {"relative", "/no/such/socket", longest};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        assert_false(supervise_tell("READY=1"));
    }
}

static void how_often_the_watchdog_wants_us(void **state)
{
    (void)state;
    char own[24];
    (void)snprintf(own, sizeof(own), "%ld", (long)getpid());
    const struct {
        const char *microseconds;
        const char *process_id;
        double expected_s;
    } rows[] = {
        {"3000000", NULL, 1.5}, {"3000000", own, 1.5}, {"3000000", "1", 0.0},
        {"", NULL, 0.0},        {"3s", NULL, 0.0},     {"-5", NULL, 0.0},
        {"3000000", "me", 0.0}, {"0", NULL, 0.0},
    };
    assert_int_equal(setenv("NOTIFY_SOCKET", "/some/where", 1), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(setenv("WATCHDOG_USEC", rows[i].microseconds, 1), 0);
        (void)unsetenv("WATCHDOG_PID");
        if (rows[i].process_id != NULL) {
            assert_int_equal(setenv("WATCHDOG_PID", rows[i].process_id, 1), 0);
        }
        if (supervise_watchdog_s() != rows[i].expected_s) {
            fail_msg("row %zu: %f", i, supervise_watchdog_s());
        }
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, clear_environment)
    const struct CMUnitTest tests[] = {
        CASE(what_is_told_arrives),
        CASE(nobody_asks),
        CASE(a_name_that_is_none),
        CASE(how_often_the_watchdog_wants_us),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
