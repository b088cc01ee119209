/* What makes a process of ours a daemon: background, process id, user.
 *
 * Going to the background is a fork before there are threads, and a pipe: the
 * parent ends when the child says that it is ready, with status 0, or when
 * it has ended, with status 1. So whoever starts us knows how it went.
 *
 * All of this happens once, at the start. */
#define _DEFAULT_SOURCE /* initgroups */

#include "io/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/base/log.h"

enum { DESCRIPTORS_CHECKED = 1024 };

static bool refuse(struct error *error, const char *what, const char *name)
{
    snprintf(error->text, sizeof(error->text), "%s%.200s: %s", what, name,
             strerror(errno));
    return false;
}

/* --- Background ----------------------------------------------------------- */

static void wait_for_child(struct process_start *start, int from)
{
    char word;
    ssize_t length;
    do {
        length = read(from, &word, 1);
    } while (length < 0 && errno == EINTR);
    start->is_parent = true;
    start->status = length == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool process_to_background(struct process_start *start, struct error *error)
{
    int ends[2];
    *start = (struct process_start){.ready = -1};
    if (pipe(ends) != 0) {
        return refuse(error, "cannot go to the background", "");
    }
    pid_t child = fork();
    if (child < 0) {
        (void)close(ends[0]); /* nothing went through them */
        (void)close(ends[1]);
        return refuse(error, "cannot go to the background", "");
    }
    if (child > 0) {
        (void)close(ends[1]);
        wait_for_child(start, ends[0]);
        (void)close(ends[0]);
        return true;
    }
    (void)close(ends[0]);
    (void)setsid(); /* a child leads no group yet, so it cannot fail */
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    start->ready = ends[1];
    return true;
}

void process_is_ready(struct process_start *start)
{
    if (start->ready < 0) {
        return;
    }
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = STDIN_FILENO; nowhere >= 0 && i <= STDERR_FILENO; i++) {
        (void)dup2(nowhere, i);
    }
    if (nowhere > STDERR_FILENO) {
        (void)close(nowhere);
    }
    /* If nobody reads it any more, nobody waits. */
    ssize_t written = write(start->ready, "r", 1);
    (void)written;
    (void)close(start->ready);
    start->ready = -1;
}

/* --- User ----------------------------------------------------------------- */

bool process_become(const char *user, struct error *error)
{
    errno = 0;
    const struct passwd *entry = getpwnam(user);
    if (entry == NULL) {
        errno = errno != 0 ? errno : ENOENT;
        return refuse(error, "there is no user ", user);
    }
    uid_t id = entry->pw_uid;
    gid_t group = entry->pw_gid;
    if (geteuid() == id && getuid() == id) {
        return true;
    }
    if (initgroups(user, group) != 0 || setgid(group) != 0 || setuid(id) != 0) {
        return refuse(error, "cannot become the user ", user);
    }
    if (id != 0 && setuid(0) == 0) {
        errno = EPERM;
        return refuse(error, "could become root again after becoming ", user);
    }
    return true;
}

/* --- Process id ----------------------------------------------------------- */

bool process_write_pidfile(const char *path, struct error *error)
{
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
    int descriptor = open(path, flags, 0644);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL) {
        if (descriptor >= 0) {
            (void)close(descriptor); /* nothing was written */
        }
        return refuse(error, "cannot write the process id to ", path);
    }
    bool written = fprintf(file, "%ld\n", (long)getpid()) > 0;
    if (fclose(file) != 0 || !written) {
        return refuse(error, "cannot write the process id to ", path);
    }
    return true;
}

void process_remove_pidfile(const char *path)
{
    char text[32] = "";
    char ours[32];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return;
    }
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void)fclose(file); /* only read from */
    (void)snprintf(ours, sizeof(ours), "%ld\n", (long)getpid());
    if (strcmp(text, ours) == 0 && unlink(path) != 0) {
        log_line(LEVEL_NOTICE, "The file %s stays behind: %s", path,
                 strerror(errno));
    }
}

/* --- Descriptors ---------------------------------------------------------- */

void process_close_on_exec(void)
{
    for (int i = STDERR_FILENO + 1; i < DESCRIPTORS_CHECKED; i++) {
        int flags = fcntl(i, F_GETFD);
        if (flags >= 0) {
            (void)fcntl(i, F_SETFD, flags | FD_CLOEXEC);
        }
    }
}
