/* The daemon: arguments, start, signals, stop.
 *
 * Starting is one straight line, and each step may end it with one sentence
 * on stderr and status 1: the configuration, the log, the state (which also
 * makes sure that no other daemon uses it), the port, then the core. Only
 * when our identity is on disk can anybody connect. Stopping goes the same
 * way backwards, and what was handed to the store is written first. */
#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/log.h"
#include "io/clients/clients.h"
#include "io/net/conn.h"
#include "io/net/resolve.h"
#include "io/net/tls.h"
#include "io/runtime/runtime.h"
#include "io/start/options.h"
#include "io/store/store.h"
#include "sentineld/buffer.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

#include "io/base/process.h"
#include "io/start/check.h"
#include "io/start/listeners.h"
#include "io/start/reload.h"
#include "io/start/startup.h"
#include "io/start/systemd.h"
#include "io/store/export.h"

enum { SIGNAL_COUNT = 4, IMPORT_BYTES_MAX = 64 * 1024 * 1024 };
#define LOG_LOOK_S 0.5

struct daemon {
    struct options options;
    struct conf conf;
    struct store *store;
    struct export *export;
    struct record *saved;
    size_t saved_count;
    struct startup_users users;
    struct ev_loop *loop;
    struct resolver *resolver;
    struct tls *tls;
    struct runtime *runtime;
    struct listeners doors;
    struct ev_signal signals[SIGNAL_COUNT];
    struct ev_timer log_look; /* was the log file moved away? */
    struct systemd service;
    bool owns_pidfile;
    char executable[CONF_PATH_SIZE];
    char config_file[CONF_PATH_SIZE];
};

/* --- Listening ----------------------------------------------------------- */

static void on_accept(int descriptor, void *context)
{
    const struct daemon *daemon = context;
    client_accept(descriptor, NULL, runtime_clients(daemon->runtime));
}

static void on_accept_tls(int descriptor, void *context)
{
    const struct daemon *daemon = context;
    client_accept(descriptor, tls_accept(daemon->tls),
                  runtime_clients(daemon->runtime));
}

static bool listen_everywhere(struct daemon *daemon, struct error *error)
{
    struct listeners *doors = &daemon->doors;
    doors->loop = daemon->loop;
    doors->conf = &daemon->conf;
    doors->on_accept = on_accept;
    doors->on_accept_tls = on_accept_tls;
    doors->context = daemon;
    return listeners_open(doors, error);
}

/* --- Signals ------------------------------------------------------------- */

static void on_stop(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
    (void)events;
    log_line(LEVEL_WARNING, "%s: stopping",
             watcher->signum == SIGTERM ? "SIGTERM" : "SIGINT");
    (void)loop;
    struct daemon *daemon = watcher->data;
    runtime_leave(daemon->runtime);
}

/* The log file was moved away (logrotate): go on in a new one. */
static void on_reopen(struct ev_loop *loop, struct ev_signal *watcher,
                      int events)
{
    (void)loop;
    (void)watcher;
    (void)events;
    struct error error;
    if (!log_reopen(&error)) {
        log_line(LEVEL_WARNING, "The log stays in the old file: %s",
                 error.text);
    }
}

static void on_hangup(struct ev_loop *loop, struct ev_signal *watcher,
                      int events)
{
    struct daemon *daemon = watcher->data;
    on_reopen(loop, watcher, events);
    reload_configuration(&(struct reload){
        .options = &daemon->options,
        .conf = &daemon->conf,
        .tls = daemon->tls,
        .runtime = daemon->runtime,
    });
}

static void on_log_look(struct ev_loop *loop, struct ev_timer *timer,
                        int events)
{
    (void)loop;
    (void)timer;
    (void)events;
    log_follow();
}

static void start_signals(struct daemon *daemon)
{
    ev_timer_init(&daemon->log_look, on_log_look, LOG_LOOK_S, LOG_LOOK_S);
    ev_timer_start(daemon->loop, &daemon->log_look);
    static const int numbers[SIGNAL_COUNT] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        struct ev_signal *watcher = &daemon->signals[i];
        ev_signal_init(watcher, on_stop, numbers[i]);
        if (numbers[i] == SIGHUP) {
            ev_set_cb(watcher, on_hangup);
        } else if (numbers[i] == SIGUSR1) {
            ev_set_cb(watcher, on_reopen);
        }
        watcher->data = daemon;
        ev_signal_start(daemon->loop, watcher);
    }
}

static void stop_signals(struct daemon *daemon)
{
    ev_timer_stop(daemon->loop, &daemon->log_look);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        ev_signal_stop(daemon->loop, &daemon->signals[i]);
    }
}

/* --- Start --------------------------------------------------------------- */

/* For INFO only: full paths where they can be had. */
static void find_paths(struct daemon *daemon)
{
    ssize_t length = readlink("/proc/self/exe", daemon->executable,
                              sizeof(daemon->executable) - 1);
    daemon->executable[length > 0 ? length : 0] = '\0';
    const char *file = daemon->options.file;
    if (strcmp(file, "-") == 0) {
        return; /* the standard input has no path */
    }
    char here[CONF_PATH_SIZE / 2];
    if (file[0] == '/' || getcwd(here, sizeof(here)) == NULL) {
        copy_text(daemon->config_file, sizeof(daemon->config_file), file);
        return;
    }
    snprintf(daemon->config_file, sizeof(daemon->config_file), "%s/%.500s",
             here, file);
}

static void start_runtime(struct daemon *daemon)
{
    struct runtime_setup setup = {
        .loop = daemon->loop,
        .conf = &daemon->conf,
        .store = daemon->store,
        .resolver = daemon->resolver,
        .tls = daemon->tls,
        .acl = daemon->users.live,
        .declared = daemon->users.declared,
        .export = daemon->export,
        .export_is_own_file = startup_is_same_file(
            daemon->conf.export_sentinel_conf, daemon->options.file),
        .saved = daemon->saved,
        .saved_count = daemon->saved_count,
        .seed = startup_random_seed(),
        .status = {.port = daemon->conf.port != 0 ? daemon->conf.port
                                                  : daemon->conf.tls_port,
                   .process_id = getpid(),
                   .executable = daemon->executable,
                   .config_file = daemon->config_file,
                   .max_clients = daemon->conf.max_clients,
                   .acllog_max_len = daemon->conf.acllog_max_len},
    };
    startup_random_id(setup.status.run_id);
    daemon->runtime = runtime_new(&setup);
    startup_tell_overrides(runtime_model(daemon->runtime));
}

static bool start_loop(struct daemon *daemon, struct error *error)
{
    daemon->loop = ev_default_loop(EVFLAG_AUTO);
    if (daemon->loop == NULL) {
        snprintf(error->text, sizeof(error->text),
                 "the system gives us no way to wait for events");
        return false;
    }
    daemon->resolver = resolve_new(daemon->loop, error);
    return daemon->resolver != NULL && listen_everywhere(daemon, error);
}

static bool start(struct daemon *daemon, struct error *error)
{
    const struct conf *conf = &daemon->conf;
    if (!startup_process(conf, &daemon->owns_pidfile, error)) {
        return false;
    }
    log_line(LEVEL_NOTICE, "%s starting with %s", options_version(NAME_OWN),
             daemon->options.file);
    for (size_t i = 0; i < conf->warning_count; i++) {
        log_line(LEVEL_WARNING, "%s", conf->warnings[i]);
    }
    daemon->tls = tls_new(conf, error);
    if (daemon->tls == NULL) {
        return false;
    }
    startup_fit_descriptors(&daemon->conf);
    find_paths(daemon);
    daemon->store = store_open(conf->dir, error);
    if (daemon->store == NULL ||
        !startup_load_state(daemon->store, conf, &daemon->saved,
                            &daemon->saved_count, error) ||
        !startup_load_users(daemon->store, conf, &daemon->users, error) ||
        !start_loop(daemon, error)) {
        return false;
    }
    if (conf->export_sentinel_conf[0] != '\0') {
        daemon->export = export_new(conf->export_sentinel_conf, error);
        if (daemon->export == NULL) {
            return false;
        }
    }
    startup_warn(conf, daemon->users.live, daemon->options.file);
    start_runtime(daemon);
    start_signals(daemon);
    return true;
}

/* --- Stop ---------------------------------------------------------------- */

/* From any point of a start that failed, too. */
static void stop(struct daemon *daemon)
{
    listeners_close(&daemon->doors);
    if (daemon->runtime != NULL) {
        stop_signals(daemon);
        runtime_stop(daemon->runtime);
        ev_run(daemon->loop, EVRUN_NOWAIT); /* connections say goodbye */
        runtime_free(daemon->runtime);
    }
    export_free(daemon->export);
    store_close(daemon->store);
    if (daemon->resolver != NULL) {
        resolve_free(daemon->resolver);
    }
    if (daemon->loop != NULL) {
        ev_loop_destroy(daemon->loop);
    }
    tls_free(daemon->tls);
    if (daemon->owns_pidfile) {
        process_remove_pidfile(daemon->conf.pidfile);
    }
    startup_users_clear(&daemon->users);
    free(daemon->saved);
    conf_free(&daemon->conf);
    log_close();
}

/* --- The command line's ways --------------------------------------------- */

enum { PORTS_SIZE = 48 };

/* "port 26379, TLS port 26380" */
static const char *name_ports(const struct conf *conf, char text[PORTS_SIZE])
{
    size_t used = 0;
    if (conf->port != 0) {
        snprintf(text, PORTS_SIZE, "port %u%s", (unsigned)conf->port,
                 conf->tls_port != 0 ? ", " : "");
        used = strlen(text);
    }
    if (conf->tls_port != 0) {
        snprintf(text + used, PORTS_SIZE - used, "TLS port %u",
                 (unsigned)conf->tls_port);
    }
    return text;
}

static int fail(const struct error *error)
{
    fprintf(stderr, "sentineld: %s\n", error->text);
    return EXIT_FAILURE;
}

static void tell_start(const struct daemon *daemon)
{
    const struct model *model = runtime_model(daemon->runtime);
    log_line(LEVEL_NOTICE, "Sentinel ID is %s", model->self);
    char ports[PORTS_SIZE];
    log_line(LEVEL_NOTICE, "Ready on %s; groups: %u; state in %s",
             name_ports(&daemon->conf, ports), (unsigned)model->group_count,
             daemon->conf.dir);
}

static int serve(struct daemon *daemon, struct process_start *background)
{
    struct error error = {""};
    if (!start(daemon, &error)) {
        if (daemon->conf.logfile[0] != '\0') {
            log_line(LEVEL_WARNING, "Not started: %s", error.text);
        }
        stop(daemon);
        return fail(&error);
    }
    tell_start(daemon);
    process_is_ready(background);
    runtime_status(daemon->runtime)->is_supervised =
        systemd_ready(&daemon->service, daemon->loop, daemon->conf.supervised);
    ev_run(daemon->loop, 0);
    systemd_stopping(&daemon->service);
    stop(daemon);
    return EXIT_SUCCESS;
}

static int run(struct daemon *daemon)
{
    struct process_start background = {.ready = -1};
    struct error error = {""};
    (void)signal(SIGPIPE, SIG_IGN); /* a write then says EPIPE */
    (void)signal(SIGXFSZ, SIG_IGN); /* ... EFBIG, like any failing disk */
    if (daemon->conf.daemonize && !process_to_background(&background, &error)) {
        conf_free(&daemon->conf);
        return fail(&error);
    }
    if (background.is_parent) {
        conf_free(&daemon->conf);
        return background.status;
    }
    return serve(daemon, &background);
}

static int check(struct daemon *daemon)
{
    const struct conf *conf = &daemon->conf;
    struct error error = {""};
    char ports[PORTS_SIZE];
    if (!check_start(&daemon->options, conf, &error)) {
        conf_free(&daemon->conf);
        return fail(&error);
    }
    daemon->tls = tls_new(conf, &error);
    if (daemon->tls == NULL) {
        conf_free(&daemon->conf);
        return fail(&error);
    }
    tls_free(daemon->tls);
    for (size_t i = 0; i < conf->warning_count; i++) {
        fprintf(stderr, "sentineld: warning: %s\n", conf->warnings[i]);
    }
    printf("%s is right, read as %s; groups: %zu; %s\n", daemon->options.file,
           check_format_name(&daemon->options), conf->group_count,
           name_ports(conf, ports));
    conf_free(&daemon->conf);
    return EXIT_SUCCESS;
}

/* For the operator to read, correct and keep. */
static int import(struct daemon *daemon)
{
    struct error error = {"the result is too long"};
    struct buffer out;
    buffer_init(&out, IMPORT_BYTES_MAX);
    buffer_printf(&out,
                  "# %s, as sentineld --import reads it. It may hold "
                  "passwords.\n",
                  daemon->options.file);
    conf_print(&daemon->conf, &out);
    bool ok = !out.overflowed;
    if (ok && fwrite(out.data, 1, out.length, stdout) != out.length) {
        copy_text(error.text, sizeof(error.text), "it could not be printed");
        ok = false;
    }
    buffer_clear(&out);
    conf_free(&daemon->conf);
    return ok && fflush(stdout) == 0 ? EXIT_SUCCESS : fail(&error);
}

static int read_and_act(struct daemon *daemon)
{
    struct error error = {""};
    struct conf_faults faults = {.count = 0};
    if (!startup_read_conf(&daemon->options, &faults, &daemon->conf, &error)) {
        for (size_t i = 1; i < faults.count; i++) {
            fprintf(stderr, "sentineld: %s\n", faults.text[i - 1]);
            copy_text(error.text, sizeof(error.text), faults.text[i]);
        }
        return fail(&error);
    }
    if (daemon->options.mode == OPTIONS_IMPORT) {
        return import(daemon);
    }
    return daemon->options.mode == OPTIONS_CHECK ? check(daemon) : run(daemon);
}

static int act(struct daemon *daemon)
{
    switch (daemon->options.mode) {
    case OPTIONS_VERSION:
        puts(options_version(daemon->options.name));
        return EXIT_SUCCESS;
    case OPTIONS_HELP:
        fputs(options_help(), stdout);
        return daemon->options.name == NAME_OWN ? EXIT_SUCCESS : EXIT_FAILURE;
    case OPTIONS_RUN:
    case OPTIONS_CHECK:
    case OPTIONS_IMPORT:
        return read_and_act(daemon);
    }
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct daemon *daemon = xcalloc(1, sizeof(*daemon));
    struct error error = {""};
    int status = options_parse(argc, argv, &daemon->options, &error)
                     ? act(daemon)
                     : fail(&error);
    options_clear(&daemon->options);
    free(daemon);
    return status;
}
