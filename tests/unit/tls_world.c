#include "tls_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/log.h"
#include "sentineld/memory.h"

int tls_world_set_up(void **state)
{
    struct tls_world *world = xcalloc(1, sizeof(*world));
    struct error error;
    world->files = tls_fixture_new();
    world->net = conn_fixture_new("127.0.0.1");
    world->net->host = "localhost";
    *state = world;
    return log_open("", LEVEL_WARNING + 1, &error) ? 0 : -1;
}

int tls_world_tear_down(void **state)
{
    struct tls_world *world = *state;
    conn_fixture_free(world->net);
    tls_free(world->server);
    tls_free(world->client);
    tls_fixture_free(world->files);
    free(world);
    return 0;
}

void tls_world_secure(struct tls_world *world)
{
    struct error error = {""};
    if (world->server != NULL) {
        /* Earlier connections are still there. */
        assert_true(tls_reload(world->server, &error));
        assert_true(tls_reload(world->client, &error));
        return;
    }
    world->server = tls_fixture_tls(&world->files->server);
    world->client = tls_fixture_tls(&world->files->client);
    world->net->server_tls = world->server;
    world->net->client_tls = world->client;
}

char *tls_world_pattern(size_t length)
{
    char *data = xmalloc(length);
    for (size_t i = 0; i < length; i++) {
        data[i] = (char)(i * 2654435761u >> 13);
    }
    return data;
}

void tls_world_check_echo(struct tls_world *world, size_t length)
{
    char *data = tls_world_pattern(length);
    world->net->server_reaction = REACT_ECHO;
    struct side *client = conn_fixture_pair(world->net);
    assert_true(conn_write(client->conn, data, length, SIZE_MAX));
    conn_fixture_wait_length(world->net, client, length);
    assert_int_equal(client->length, length);
    assert_memory_equal(client->data, data, length);
    free(data);
}
