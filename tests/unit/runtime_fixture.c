/* A daemon in a box: see runtime_fixture.h. */
#include "runtime_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/base/log.h"
#include "io/clients/clients.h"
#include "io/net/conn.h"
#include "io/net/resolve.h"
#include "io/start/startup.h"
#include "sentineld/memory.h"

enum { OUTPUT_LIMIT = 256 * 1024, MAX_CLIENTS = 3, LONG_MS = 600000 };

static void check(bool ok, const struct error *error)
{
    if (!ok) {
        fail_msg("%s", error->text);
    }
}

static void on_accept(int descriptor, void *context)
{
    const struct runtime_fixture *fixture = context;
    client_accept(descriptor, NULL, runtime_clients(fixture->runtime));
}

static void make_conf(struct runtime_fixture *fixture, uint16_t master_port,
                      const char *extra)
{
    struct error error = {""};
    char text[1024];
    snprintf(text, sizeof(text),
             "dir %s\n"
             "sentinel monitor m 127.0.0.1 %u 2\n"
             "sentinel down-after-milliseconds m %d\n"
             "%s",
             fixture->dir, (unsigned)master_port, LONG_MS, extra);
    struct conf *conf = &fixture->conf;
    check(sentinel_conf_parse(text, "", "test", conf, &error), &error);
    conf->max_clients = MAX_CLIENTS;
    conf->client_output_limit_bytes = OUTPUT_LIMIT;
}

struct runtime_fixture *runtime_fixture_new(void)
{
    struct error error = {""};
    check(log_open("", LEVEL_WARNING + 1, &error), &error);
    struct runtime_fixture *fixture = xcalloc(1, sizeof(*fixture));
    snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/test_runtime.XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    fixture->loop = ev_loop_new(EVFLAG_AUTO);
    fixture->resolver = resolve_new(fixture->loop, &error);
    check(fixture->resolver != NULL, &error);
    fixture->store = store_open(fixture->dir, &error);
    check(fixture->store != NULL, &error);
    return fixture;
}

void runtime_fixture_start(struct runtime_fixture *fixture,
                           uint16_t master_port, const char *extra)
{
    struct error error = {""};
    make_conf(fixture, master_port, extra);
    check(startup_load_state(fixture->store, &fixture->conf, &fixture->records,
                             &fixture->record_count, &error),
          &error);
    check(startup_load_users(fixture->store, &fixture->conf, &fixture->users,
                             &error),
          &error);
    struct runtime_setup setup = {
        .acl = fixture->users.live,
        .declared = fixture->users.declared,
        .loop = fixture->loop,
        .conf = &fixture->conf,
        .store = fixture->store,
        .resolver = fixture->resolver,
        .saved = fixture->records,
        .saved_count = fixture->record_count,
        .seed = 1,
        .status = {.executable = "", .config_file = ""},
    };
    fixture->runtime = runtime_new(&setup);
    fixture->listener =
        conn_listen(fixture->loop, "127.0.0.1", 0, on_accept, fixture, &error);
    check(fixture->listener != NULL, &error);
    fixture->port = conn_listener_port(fixture->listener);
}

static void remove_files(const struct runtime_fixture *fixture)
{
    static const char *const names[] = {"sentineld.db", "sentineld.db-wal",
                                        "sentineld.db-shm", "sentineld.lock"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", fixture->dir, names[i]);
        (void)unlink(path); /* not each of them exists */
    }
    assert_int_equal(rmdir(fixture->dir), 0);
}

void runtime_fixture_free(struct runtime_fixture *fixture)
{
    conn_listener_free(fixture->listener);
    runtime_stop(fixture->runtime);
    ev_run(fixture->loop, EVRUN_NOWAIT);
    runtime_free(fixture->runtime);
    store_close(fixture->store);
    resolve_free(fixture->resolver);
    ev_loop_destroy(fixture->loop);
    free(fixture->records);
    startup_users_clear(&fixture->users);
    conf_free(&fixture->conf);
    remove_files(fixture);
    free(fixture);
}

void runtime_fixture_turn(struct runtime_fixture *fixture)
{
    ev_run(fixture->loop, EVRUN_NOWAIT);
}

static void on_pause(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
    (void)loop;
    (void)watcher;
    (void)events;
}

void runtime_fixture_wait(struct runtime_fixture *fixture, msec give_up_at)
{
    assert_true(runtime_now() < give_up_at);
    struct ev_timer pause;
    ev_timer_init(&pause, on_pause, 0.005, 0.0);
    ev_timer_start(fixture->loop, &pause);
    ev_run(fixture->loop, EVRUN_ONCE);
    ev_timer_stop(fixture->loop, &pause);
}
