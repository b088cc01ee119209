/* Any bytes as a native configuration file: read or refused with a sentence
 * that has a line, and nothing else. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/conf.h"
#include "sentineld/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig 1.5 forgets a text that stands where none may stand. The daemon
 * ends after such a file, so this is not worth a parser of our own. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

/* A secret's file is there when its name is of even length. */
static bool read_secret(const char *path, char *text, size_t size,
                        struct error *error)
{
    copy_text(text, size, path);
    copy_text(error->text, sizeof(error->text), "is made up");
    return strlen(path) % 2 == 0;
}

static void check_group(const struct conf *conf, size_t index)
{
    const struct group_conf *group = &conf->groups[index];
    assert(conf_name_fault(group->name) == NULL);
    assert(conf_host_fault(group->master.host) == NULL);
    assert(group->master.port != 0);
    assert(group->settings.quorum >= 1);
    assert(group->settings.down_after_ms >= 10);
    assert(group->settings.parallel_syncs >= 1);
    assert(conf_find_login(conf, group->name) == &conf->logins[index]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conf conf;
    struct error error;
    char *text = xmalloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    if (conf_parse(text, "f", read_secret, &conf, &error)) {
        assert(conf.port != 0 || conf.tls_port != 0);
        for (size_t i = 0; i < conf.group_count; i++) {
            check_group(&conf, i);
        }
        conf_free(&conf);
    } else {
        assert(strncmp(error.text, "f:", 2) == 0 && error.text[2] != '0');
    }
    free(text);
    return 0;
}
