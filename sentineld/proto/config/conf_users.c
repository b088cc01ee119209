/* Users of our port as either kind of file declares them. Passwords become
 * digests here; what could be one is never shown. */
#include <libconfig.h>
#include <stdio.h>
#include <string.h>

#include "proto/acl/acl.h"
#include "proto/config/config.h"
#include "sentineld/memory.h"

static struct acl *declared(struct conf_build *build)
{
    if (build->conf->users == NULL) {
        build->conf->users = acl_new_empty();
    }
    return build->conf->users;
}

/* What is wrong with a word; the word itself only if it is no password. */
static bool fail_rule(struct conf_build *build, unsigned line,
                      const struct acl_word *word, const char *fault)
{
    char text[CONF_SHOWN_SIZE];
    char shown[CONF_SHOWN_SIZE];
    bool is_command = word->length > 1 && word->length < sizeof(text) &&
                      (word->text[0] == '+' || word->text[0] == '-');
    if (!is_command) {
        return conf_fail(build, line, "%srules: %s", build->prefix, fault);
    }
    memcpy(text, word->text, word->length);
    text[word->length] = '\0';
    return conf_fail(build, line, "%srules: %s: %s", build->prefix,
                     conf_shown(text, shown), fault);
}

/* Takes over the user. */
static bool take_user(struct conf_build *build, unsigned line,
                      struct acl_user *user)
{
    struct error error = {""};
    return acl_take_user(declared(build), user, &error) ||
           conf_fail(build, line, "%srules: %s", build->prefix, error.text);
}

static bool apply_rules(struct conf_build *build, unsigned line,
                        struct acl_user *user, const struct acl_words *words)
{
    struct acl_joined joined;
    size_t wrong = 0;
    if (!acl_join_brackets(words, &joined, &wrong)) {
        return conf_fail(build, line,
                         "%srules: Unmatched parenthesis in acl selector",
                         build->prefix);
    }
    const struct acl_words whole = {joined.count, joined.words};
    const char *fault = acl_apply_words(user, &whole, &wrong);
    bool ok =
        fault == NULL || fail_rule(build, line, &joined.words[wrong], fault);
    acl_joined_clear(&joined);
    return ok;
}

bool conf_users_add(struct conf_build *build, unsigned line, const char *name,
                    const struct acl_words *words)
{
    char shown[CONF_SHOWN_SIZE];
    const char *fault = acl_name_fault(name, strlen(name));
    if (fault != NULL) {
        return conf_fail(build, line, "%sname: %s", build->prefix, fault);
    }
    if (acl_find(declared(build), name, strlen(name)) != NULL) {
        return conf_fail(build, line,
                         "%sname: Duplicate user \"%s\" found. A user can only "
                         "be defined once in config files",
                         build->prefix, conf_shown(name, shown));
    }
    struct acl_user *user = acl_user_new(name);
    if (!apply_rules(build, line, user, words)) {
        acl_user_free(user);
        return false;
    }
    return take_user(build, line, user);
}

/* A password for everybody who has no name, unless `default` is declared. */
static bool add_default(struct conf_build *build)
{
    char password[SECRET_SIZE + 1];
    const char *secret = build->conf->requirepass;
    if (secret[0] == '\0' || acl_find(declared(build), ACL_DEFAULT_USER,
                                      strlen(ACL_DEFAULT_USER)) != NULL) {
        return true;
    }
    (void)snprintf(password, sizeof(password), ">%s", secret);
    const struct acl_word words[] = {
        {"on", 2},
        {"~*", 2},
        {"&*", 2},
        {"+@all", 5},
        {password, strlen(password)},
    };
    const struct acl_words all = {sizeof(words) / sizeof(words[0]), words};
    bool ok = conf_users_add(build, 0, ACL_DEFAULT_USER, &all);
    secret_wipe(password, sizeof(password));
    return ok;
}

bool conf_users_finish(struct conf_build *build)
{
    const struct conf *conf = build->conf;
    if (conf->acl_file[0] != '\0' && conf->users != NULL) {
        return conf_fail(build, conf_go_to(build, "aclfile"),
                         "users are given here and an access list file too; "
                         "give one of them");
    }
    return add_default(build);
}

/* --- The native file ------------------------------------------------------ */

static bool read_user(struct conf_build *build, const config_setting_t *user)
{
    struct conf_user_draft draft = {0};
    unsigned line = config_setting_source_line(user);
    if (!native_read_level(build, &user_table, &draft, user)) {
        return false;
    }
    struct acl_joined split = acl_split(draft.rules, strlen(draft.rules));
    const struct acl_words words = {split.count, split.words};
    bool ok = conf_users_add(build, line, draft.name, &words);
    acl_joined_clear(&split);
    secret_wipe(draft.rules, sizeof(draft.rules));
    return ok;
}

bool conf_users_read_all(struct conf_build *build,
                         const struct config_setting_t *users)
{
    int count = config_setting_length(users);
    if (count > ACL_MAX_USERS) {
        return conf_fail(build, config_setting_source_line(users),
                         "%d users; there may be %d", count,
                         (int)ACL_MAX_USERS);
    }
    for (int i = 0; i < count; i++) {
        const config_setting_t *user =
            config_setting_get_elem(users, (unsigned)i);
        (void)snprintf(build->prefix, sizeof(build->prefix), "users[%d].", i);
        if (config_setting_type(user) != CONFIG_TYPE_GROUP) {
            return conf_fail(build, config_setting_source_line(user),
                             "users[%d] is not a group; it must be like { name "
                             "= \"app\"; rules = \"on >secret &* +@all\"; }",
                             i);
        }
        if (!read_user(build, user)) {
            return false;
        }
    }
    build->prefix[0] = '\0';
    return true;
}

static bool read_secret_of(struct conf_build *build,
                           const struct conf_secret_file *file,
                           char secret[SECRET_SIZE], const char *key)
{
    if (file->path[0] == '\0') {
        return true;
    }
    if (secret[0] != '\0') {
        return conf_fail(build, file->line,
                         "%s and %s are both given; give one of them", key,
                         file->key);
    }
    return conf_read_secret(build, file, secret);
}

bool conf_users_read(struct conf_build *build, conf_read_file read_file,
                     const struct config_setting_t *root)
{
    struct conf *conf = build->conf;
    const config_setting_t *users = config_setting_get_member(root, "users");
    const struct conf_secret_file own = {read_file, "requirepass_file",
                                         conf->requirepass_file,
                                         conf_go_to(build, "requirepass_file")};
    const struct conf_secret_file peers = {
        read_file, "sentinel_pass_file", conf->peer_password_file,
        conf_go_to(build, "sentinel_pass_file")};
    if (!read_secret_of(build, &own, conf->requirepass, "requirepass") ||
        !read_secret_of(build, &peers, conf->peer_login.password,
                        "sentinel_pass")) {
        return false;
    }
    if (conf->peer_login.user[0] != '\0' &&
        conf->peer_login.password[0] == '\0') {
        return conf_fail(build, conf_go_to(build, "sentinel_user"),
                         "sentinel_user needs a password; give sentinel_pass "
                         "or sentinel_pass_file");
    }
    return (users == NULL || conf_users_read_all(build, users)) &&
           conf_users_finish(build);
}
