/* Any bytes as a sentinel.conf, and what stands behind a NUL as options of the
 * command line: read or refused with a sentence, and every row well-formed. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/conf.h"
#include "sentineld/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conf conf;
    struct error error;
    char *text = xmalloc(size + 2);
    memcpy(text, data, size);
    text[size] = '\0';
    text[size + 1] = '\0';
    if (conf_redis_parse(text, text + strlen(text) + 1, "f", &conf, &error)) {
        check_conf(&conf);
        conf_free(&conf);
    } else {
        assert(error.text[0] != '\0');
    }
    free(text);
    return 0;
}
