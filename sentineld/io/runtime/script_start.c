/* One job: its words, and its process.
 *
 * A process begins with nothing of ours but the environment, the working
 * directory and the standard outputs: its input is empty, signals are as at
 * the start of any program, and every descriptor of ours closes by itself
 * when it is executed. It leads a process group, so that killing it reaches
 * what it has started.
 *
 * posix_spawn says itself why a file could not be executed: a script that is
 * gone and one that fails are told apart. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "sentineld/memory.h"

#include "io/runtime/script_private.h"

extern char **environ;

static void add_word(struct job *job, const char *word)
{
    job->words[job->word_count++] = xstrdup(word);
}

static void add_address(struct job *job, const struct address *address)
{
    char port[8];
    (void)snprintf(port, sizeof(port), "%u", (unsigned)address->port);
    add_word(job, address->host);
    add_word(job, port);
}

struct job *script_job_new(const struct core_script *script)
{
    struct job *job = xcalloc(1, sizeof(*job));
    job->kind = script->kind;
    copy_text(job->group, NAME_SIZE, script->group);
    add_word(job, script->path);
    switch (script->kind) {
    case SCRIPT_NOTIFICATION:
        add_word(job, script->event.channel);
        add_word(job, script->event.text);
        break;
    case SCRIPT_CLIENT_RECONFIG:
        add_word(job, script->group);
        add_word(job, script->reconfig.leads ? "leader" : "observer");
        add_word(job, "start");
        add_address(job, &script->reconfig.from);
        add_address(job, &script->reconfig.to);
        break;
    }
    return job;
}

void script_job_free(struct job *job)
{
    for (size_t i = 0; i < job->word_count; i++) {
        free(job->words[i]);
    }
    free(job);
}

/* What we ignore or catch is not the script's business. */
static int prepare_signals(posix_spawnattr_t *attributes)
{
    sigset_t all;
    sigset_t none;
    (void)sigfillset(&all); /* neither can fail */
    (void)sigemptyset(&none);
    (void)sigdelset(&all, SIGKILL);
    (void)sigdelset(&all, SIGSTOP);
    int reason = posix_spawnattr_setsigdefault(attributes, &all);
    return reason != 0 ? reason : posix_spawnattr_setsigmask(attributes, &none);
}

static int start(struct job *job, posix_spawnattr_t *attributes,
                 posix_spawn_file_actions_t *files)
{
    pid_t process_id = 0;
    int reason = prepare_signals(attributes);
    if (reason == 0) {
        reason = posix_spawnattr_setflags(
            attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                            POSIX_SPAWN_SETPGROUP);
    }
    if (reason == 0) {
        reason = posix_spawn_file_actions_addopen(files, STDIN_FILENO,
                                                  "/dev/null", O_RDONLY, 0);
    }
    if (reason == 0) {
        reason = posix_spawn(&process_id, job->words[0], files, attributes,
                             job->words, environ);
    }
    job->process_id = reason == 0 ? process_id : 0;
    return reason;
}

int script_job_start(struct job *job)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    int reason = posix_spawnattr_init(&attributes);
    if (reason != 0) {
        return reason;
    }
    reason = posix_spawn_file_actions_init(&files);
    if (reason == 0) {
        reason = start(job, &attributes, &files);
        (void)posix_spawn_file_actions_destroy(&files);
    }
    (void)posix_spawnattr_destroy(&attributes);
    return reason;
}

void script_job_kill(const struct job *job)
{
    /* It may have ended already and wait to be noticed. */
    (void)kill(-(pid_t)job->process_id, SIGKILL);
}

bool script_is_hopeless(int reason)
{
    return reason != EAGAIN && reason != ENOMEM && reason != EMFILE &&
           reason != ENFILE && reason != ETXTBSY;
}

bool script_is_executable(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        errno = EACCES; /* as executing it would */
        return false;
    }
    return access(path, X_OK) == 0;
}
