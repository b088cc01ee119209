/* The configuration file, read again while we run.
 *
 * First everything is read that may be faulty: the file and what it includes,
 * scripts, the list of users, certificates. Only when all of it is good does
 * anything change. The daemon's one struct conf gets the new content, so that
 * whoever borrowed it looks at what holds now; keys that were used up at the
 * start keep their values and are named in a warning. */
#include "io/start/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/log.h"
#include "io/net/tls.h"
#include "io/runtime/runtime.h"
#include "sentineld/acl.h"

#include "io/start/startup.h"

enum { LINES_TOLD = 200, CHANGES_BYTES_MAX = 1024 * 1024 };

/* One log line for each line of the text. */
static void tell_lines(const struct buffer *text, enum log_level level,
                       const char *suffix)
{
    size_t told = 0;
    size_t left = 0;
    for (size_t at = 0; at < text->length;) {
        const char *line = text->data + at;
        const char *end = memchr(line, '\n', text->length - at);
        size_t length = end == NULL ? text->length - at : (size_t)(end - line);
        char shown[EVENT_TEXT_SIZE];
        snprintf(shown, sizeof(shown), "%.*s", (int)length, line);
        if (told < LINES_TOLD) {
            log_line(level, "SIGHUP: %s%s", shown, suffix);
            told++;
        } else {
            left++;
        }
        at += length + 1;
    }
    if (left > 0) {
        log_line(level, "SIGHUP: ... and %zu changes more", left);
    }
}

static void tell(const struct conf_changes *changes, const struct conf *conf)
{
    for (size_t i = 0; i < conf->warning_count; i++) {
        log_line(LEVEL_WARNING, "%s", conf->warnings[i]);
    }
    if (changes->now.length == 0 && changes->later.length == 0) {
        log_line(LEVEL_NOTICE, "SIGHUP: the configuration has not changed");
    }
    tell_lines(&changes->now, LEVEL_NOTICE, "");
    tell_lines(&changes->later, LEVEL_WARNING,
               "; it takes effect at the next start");
}

static void tell_refusal(const struct error *error)
{
    log_line(LEVEL_WARNING,
             "SIGHUP: the configuration and the certificates stay what they "
             "were: %s",
             error->text);
}

/* Is all of it good? Then TLS has the new files already. */
static bool prepare(const struct reload *reload, struct conf *conf,
                    struct acl *declared, struct error *error)
{
    return startup_declare_users(conf, declared, error) &&
           tls_change(reload->tls, conf, error);
}

static void take_over(const struct reload *reload, struct conf *conf,
                      const struct acl *declared)
{
    struct conf before = *reload->conf;
    *reload->conf = *conf;
    runtime_reload(reload->runtime, &before, declared);
    conf_free(&before);
}

static void apply(const struct reload *reload, struct conf *conf)
{
    struct acl *declared = acl_new_empty();
    struct conf_changes changes;
    struct error error = {""};
    buffer_init(&changes.now, CHANGES_BYTES_MAX);
    buffer_init(&changes.later, CHANGES_BYTES_MAX);
    startup_fit_descriptors(conf); /* as what holds was made to fit */
    conf_changes_find(reload->conf, conf, &changes);
    conf_changes_postpone(conf, reload->conf);
    if (prepare(reload, conf, declared, &error)) {
        tell(&changes, conf);
        take_over(reload, conf, declared);
        if (tls_is_used(reload->tls)) {
            log_line(LEVEL_NOTICE, "SIGHUP: the certificates were read again");
        }
    } else {
        tell_refusal(&error);
        conf_free(conf);
    }
    buffer_clear(&changes.now);
    buffer_clear(&changes.later);
    acl_free(declared);
}

/* What came by the standard input cannot be had again. */
static void reload_certificates(const struct reload *reload)
{
    struct error error = {""};
    log_line(LEVEL_NOTICE, "SIGHUP: the configuration came by the standard "
                           "input, so it is not read again");
    if (!tls_is_used(reload->tls)) {
        return;
    }
    if (tls_reload(reload->tls, &error)) {
        log_line(LEVEL_NOTICE, "SIGHUP: the certificates were read again");
    } else {
        log_line(LEVEL_WARNING,
                 "SIGHUP: the certificates stay what they were: %s",
                 error.text);
    }
}

void reload_configuration(const struct reload *reload)
{
    const struct options *options = reload->options;
    struct error error = {""};
    struct conf conf;
    if (options->reads_input || strcmp(options->file, "-") == 0) {
        reload_certificates(reload);
        return;
    }
    if (startup_read_conf(options, NULL, &conf, &error)) {
        apply(reload, &conf);
        return;
    }
    tell_refusal(&error);
}
