/* INFO texts: whatever they say, every field stays within its bounds. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sentineld/info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_run_id(const char *text)
{
    size_t length = strnlen(text, RUN_ID_SIZE);
    return length == 0 || length == RUN_ID_LEN;
}

static bool is_word(const char *text)
{
    for (size_t i = 0; i < HOST_SIZE; i++) {
        if (text[i] == '\0') {
            return true;
        }
        if (text[i] <= ' ' || text[i] >= 0x7f) {
            return false;
        }
    }
    return false;
}

static void check(const struct info *info)
{
    assert(info->role == ROLE_MASTER || info->role == ROLE_REPLICA);
    assert(is_run_id(info->run_id));
    assert(is_run_id(info->replid));
    assert(is_run_id(info->replid2));
    assert(is_word(info->master.host));
    assert(info->second_repl_offset >= -1);
    assert(info->master_last_io_s >= -1);
    assert(info->master_link_down_s >= -1);
    assert(info->offset <= INT64_MAX);
    assert(info->replica_count <= MAX_NODES_PER_GROUP);
    assert(info->role == ROLE_MASTER || info->replica_count == 0);
    for (size_t i = 0; i < info->replica_count; i++) {
        const struct address *address = &info->replicas[i].address;
        assert(is_word(address->host) && address->host[0] != '\0');
        assert(address->port != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct info info;
    memset(&info, 0x5a, sizeof info);
    if (info_parse((const char *)data, size, &info)) {
        check(&info);
    }
    return 0;
}
