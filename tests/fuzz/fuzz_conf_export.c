/* Any bytes as the text of the exported sentinel.conf: the lines that must be
 * there get into it, once each; doing it again changes nothing; and a text that
 * can be read stays one that can, whatever a password holds. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/buffer.h"
#include "sentineld/conf_export.h"
#include "sentineld/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 1 << 20 };

/* A model of one group, as it is at rest. */
struct world {
    struct model model;
    struct group group;
    struct node node;
    struct conf conf;
    struct conf_login login;
    struct conf_login peers;
    struct acl *acl;
};

/* The bytes are a password, too. */
static void begin(struct world *world, const char *text)
{
    conf_default(&world->conf);
    TAILQ_INIT(&world->model.groups);
    TAILQ_INIT(&world->group.nodes);
    TAILQ_INIT(&world->group.voters);
    copy_text(world->model.self, RUN_ID_SIZE,
              "471ff5ae2105dfa6400aae66b89d21194379992d");
    copy_text(world->group.name, NAME_SIZE, "m");
    copy_text(world->node.instance.address.host, HOST_SIZE, "10.0.0.1");
    world->node.instance.address.port = 6379;
    world->node.instance.shown = world->node.instance.address;
    world->group.settings = (struct group_settings){.quorum = 2,
                                                    .parallel_syncs = 1,
                                                    .down_after_ms = 1234,
                                                    .failover_timeout_ms = 5};
    world->group.published = &world->node;
    TAILQ_INSERT_TAIL(&world->group.nodes, &world->node, entry);
    TAILQ_INSERT_TAIL(&world->model.groups, &world->group, entry);
    copy_text(world->login.password, SECRET_SIZE, text);
    world->acl = acl_new();
}

static void merge(const struct world *world, const char *text,
                  struct buffer *out)
{
    const struct conf_export_login logins = {.login = &world->login};
    const struct conf_export from = {
        .conf = &world->conf,
        .model = &world->model,
        .acl = world->acl,
        .logins = &logins,
        .peers = &world->peers,
        .is_own_file = true,
    };
    struct conf_lines *lines = conf_export_lines(&from);
    buffer_init(out, OUT_MAX);
    conf_export_merge(text, lines, out);
    (void)buffer_append(out, "", 1);
    conf_lines_free(lines);
}

static bool is_readable(const char *text, struct conf *conf)
{
    struct error error;
    return sentinel_conf_parse(text, "", "s.conf", conf, &error);
}

/* What held before and what is written now are the same group. */
static void check_reading(const struct world *world, const char *before,
                          const char *after)
{
    struct conf conf;
    if (!is_readable(before, &conf)) {
        return;
    }
    conf_free(&conf);
    if (!is_readable(after, &conf)) {
        return; /* a line for a master that is gone by now, say */
    }
    const struct conf_login *login = conf_find_login(&conf, "m");
    assert(login != NULL);
    assert(strcmp(login->password, world->login.password) == 0);
    assert(conf.groups[0].settings.down_after_ms > 0);
    conf_free(&conf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *world = xcalloc(1, sizeof(*world));
    char *text = xmalloc(size + 1);
    struct buffer once;
    struct buffer twice;
    for (size_t i = 0; i < size; i++) {
        text[i] = data[i] == 0 ? '\n' : (char)data[i];
    }
    text[size] = '\0';
    begin(world, text);
    merge(world, text, &once);
    if (!once.overflowed) {
        merge(world, once.data, &twice);
        assert(strcmp(once.data, twice.data) == 0);
        assert(strstr(once.data, "monitor m 10.0.0.1 6379 2") != NULL ||
               strstr(once.data, "monitor") != NULL);
        check_reading(world, text, once.data);
        buffer_clear(&twice);
    }
    buffer_clear(&once);
    acl_free(world->acl);
    conf_free(&world->conf);
    free(text);
    free(world);
    return 0;
}
