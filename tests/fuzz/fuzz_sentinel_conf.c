/* Any bytes as a sentinel.conf, and the lines behind a NUL as arguments of the
 * command line: read or refused with a sentence, and every row well-formed. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/buffer.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARGUMENTS_MAX = 64 };

static void check_seed(const struct record *row)
{
    assert(!row->deleted);
    switch (row->kind) {
    case RECORD_SELF:
        assert(row->self.current_epoch <= EPOCH_MAX);
        return;
    case RECORD_GROUP:
        assert(conf_name_fault(row->group.name) == NULL);
        assert(row->group.vote.epoch <= EPOCH_MAX);
        return;
    case RECORD_NODE:
        assert(conf_name_fault(row->node.group) == NULL);
        assert(conf_host_fault(row->node.address.host) == NULL);
        return;
    case RECORD_PEER:
        assert(strlen(row->peer.run_id) == RUN_ID_LEN);
        assert(conf_host_fault(row->peer.address.host) == NULL);
        return;
    case RECORD_REPORT:
        assert(false); /* no file has one */
        return;
    case RECORD_MEMBER:
        assert(strlen(row->member.run_id) == RUN_ID_LEN);
        return;
    }
}

static void check_conf(const struct conf *conf)
{
    assert(conf->port != 0 || conf->tls_port != 0);
    for (size_t i = 0; i < conf->group_count; i++) {
        const struct group_conf *group = &conf->groups[i];
        assert(conf_name_fault(group->name) == NULL);
        assert(conf_host_fault(group->master.host) == NULL);
        assert(group->settings.quorum >= 1);
        assert(conf_find_login(conf, group->name) == &conf->logins[i]);
    }
    for (size_t i = 0; i < conf->seed_count; i++) {
        check_seed(&conf->seeds[i]);
        assert((i == 0) == (conf->seeds[i].kind == RECORD_SELF));
    }
}

/* A file whose text is its name, so that files within files are found. */
static char *load(const char *name, struct error *error)
{
    (void)error;
    return xstrdup(name);
}

static bool no_file(const char *path, char *text, size_t size,
                    struct error *error)
{
    (void)text;
    (void)size;
    copy_text(error->text, sizeof(error->text), path);
    return false;
}

/* What --import prints is read again, unless two groups share a master. */
static void check_import(const struct conf *conf)
{
    struct buffer out;
    struct conf again;
    struct error error;
    buffer_init(&out, 1 << 24);
    conf_print(conf, &out);
    (void)buffer_append(&out, "", 1);
    assert(!out.overflowed);
    if (conf_parse(out.data, "ours", no_file, &again, &error)) {
        assert(again.group_count == conf->group_count);
        conf_free(&again);
    } else {
        assert(strstr(error.text, "is watched by groups") != NULL);
    }
    buffer_clear(&out);
}

/* Each line is an argument. NULL: they cannot be options. */
static char *join_arguments(char *text)
{
    char *arguments[ARGUMENTS_MAX];
    char *lines = NULL;
    struct error error = {""};
    int count = 0;
    while (*text != '\0' && count < ARGUMENTS_MAX) {
        size_t length = strcspn(text, "\n");
        bool is_last = text[length] == '\0';
        arguments[count++] = text;
        text[length] = '\0';
        text += length + (is_last ? 0 : 1);
    }
    bool ok = sentinel_conf_options(count, arguments, &lines, &error);
    assert(ok == (lines != NULL) && ok == (error.text[0] == '\0'));
    return lines;
}

static void parse(const char *text, const char *extra)
{
    struct conf conf;
    struct error error;
    const struct sentinel_conf_input input = {
        .text = text, .extra = extra, .name = "f", .load = load};
    if (sentinel_conf_parse_input(&input, &conf, &error)) {
        check_conf(&conf);
        check_import(&conf);
        conf_free(&conf);
    } else {
        assert(error.text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xmalloc(size + 2);
    memcpy(text, data, size);
    text[size] = '\0';
    text[size + 1] = '\0';
    char *extra = join_arguments(text + strlen(text) + 1);
    if (extra != NULL) {
        parse(text, extra);
    }
    free(extra);
    free(text);
    return 0;
}
