/* The configuration was read again: each part of the runtime takes over what
 * changed, and the core gets to know.
 *
 * What was set at run time and is written down otherwise by now is given up:
 * the file was changed last. */
#include "io/clients/clients.h"
#include "sentineld/conf.h"
#include "sentineld/model.h"

#include "io/runtime/runtime_private.h"

static void tell_core(struct runtime *runtime, const struct conf *before)
{
    struct core_conf file;
    struct core_conf file_before;
    conf_core(runtime->conf, &file);
    conf_core(before, &file_before);
    const struct admin admin = {
        .type = ADMIN_RELOAD,
        .file = &file,
        .file_before = &file_before,
    };
    runtime_record(runtime,
                   &(struct core_event){.type = EV_ADMIN, .admin = &admin});
}

/* What was set for groups that are gone is not for the next of that name. */
static void forget_logins(struct runtime *runtime, const struct conf *before)
{
    for (size_t i = 0; i < before->group_count; i++) {
        const char *name = before->groups[i].name;
        if (model_find_group(core_model(runtime->core), name) == NULL) {
            runtime_login_forget(runtime, name);
        }
    }
}

void runtime_reload(struct runtime *runtime, const struct conf *before,
                    const struct acl *declared)
{
    tell_core(runtime, before);
    runtime_logins_reload(runtime, before);
    forget_logins(runtime, before);
    runtime_users_reload(runtime, declared);
    runtime->status.max_clients = runtime->conf->max_clients;
    runtime->status.acllog_max_len = runtime->conf->acllog_max_len;
    client_watch_idle(runtime->clients);
}
