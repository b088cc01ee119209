/* What holds now as a sentinel.conf, for tools that read Redis' rewritten file
 * back.
 *
 * First the lines that must be there are collected, which looks at the model;
 * then they are merged into the text that the file has, which needs nothing
 * else and can be done by another thread. */
#ifndef SENTINELD_CONF_EXPORT_H
#define SENTINELD_CONF_EXPORT_H

#include "sentineld/acl.h"
#include "sentineld/conf.h"
#include "sentineld/model.h"

struct conf_lines;

/* How to speak to a group's servers, as it holds now; both may be NULL. */
struct conf_export_login {
    const struct conf_login *login;
    const struct renames *renames;
};

struct conf_export {
    const struct conf *conf;
    const struct model *model;
    const struct acl *acl;
    const struct conf_export_login *logins; /* in the order of the groups */
    const struct conf_login *peers;
    /* The daemon was started from this file: its ordinary directives are the
     * operator's, and stay as they are. */
    bool is_own_file;
};

struct conf_lines *conf_export_lines(const struct conf_export *from);
void conf_lines_free(struct conf_lines *lines);

/* `text` with these lines: comments, other directives and the order stay;
 * a line that says the same in other words stays as it is; what is not true
 * any more goes; what is missing comes at the end. */
void conf_export_merge(const char *text, struct conf_lines *lines,
                       struct buffer *out);

#endif
