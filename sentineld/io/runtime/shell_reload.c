/* The configuration was read again: each part of the shell takes over what
 * changed, and the core gets to know.
 *
 * What was set at run time and is written down otherwise by now is given up:
 * the file was changed last. */
#include "io/clients/client.h"
#include "sentineld/conf.h"
#include "sentineld/model.h"

#include "io/runtime/shell_private.h"

static void tell_core(struct shell *shell, const struct conf *before)
{
    struct core_conf file;
    struct core_conf file_before;
    conf_core(shell->conf, &file);
    conf_core(before, &file_before);
    const struct admin admin = {
        .type = ADMIN_RELOAD,
        .file = &file,
        .file_before = &file_before,
    };
    shell_record(shell,
                 &(struct core_event){.type = EV_ADMIN, .admin = &admin});
}

/* What was set for groups that are gone is not for the next of that name. */
static void forget_logins(struct shell *shell, const struct conf *before)
{
    for (size_t i = 0; i < before->group_count; i++) {
        const char *name = before->groups[i].name;
        if (model_find_group(core_model(shell->core), name) == NULL) {
            shell_login_forget(shell, name);
        }
    }
}

void shell_reload(struct shell *shell, const struct conf *before,
                  const struct acl *declared)
{
    tell_core(shell, before);
    shell_logins_reload(shell, before);
    forget_logins(shell, before);
    shell_users_reload(shell, declared);
    shell->status.max_clients = shell->conf->max_clients;
    shell->status.acllog_max_len = shell->conf->acllog_max_len;
    client_watch_idle(shell->clients);
}
