/* Writes with hiredis, which knows nothing of supervisors: the program asks
 * them where the master is, connects, and asks again on any trouble. What is
 * printed: see run.py. */

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static void say(const char *what, const char *text)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%lld %s %s\n", (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000,
           what, text);
    fflush(stdout);
}

/* A reply that is not an error; NULL otherwise, and the reason is said. */
static redisReply *checked(redisContext *context, redisReply *reply)
{
    if (reply != NULL && reply->type != REDIS_REPLY_ERROR)
        return reply;
    say("error", reply != NULL ? reply->str : context->errstr);
    if (reply != NULL)
        freeReplyObject(reply);
    return NULL;
}

static int log_in(redisContext *context)
{
    const char *user = getenv("LOGIN_USER");
    const char *password = getenv("LOGIN_PASSWORD");
    redisReply *reply;

    if (password == NULL || *password == '\0')
        return 1;
    if (user != NULL && *user != '\0')
        reply = redisCommand(context, "AUTH %s %s", user, password);
    else
        reply = redisCommand(context, "AUTH %s", password);
    reply = checked(context, reply);
    if (reply == NULL)
        return 0;
    freeReplyObject(reply);
    return 1;
}

static redisContext *connect_to(const char *host, int port)
{
    struct timeval limit = {1, 0};
    redisContext *context = redisConnectWithTimeout(host, port, limit);

    if (context == NULL)
        return NULL;
    if (context->err != 0)
        say("error", context->errstr);
    else if (redisSetTimeout(context, limit) == REDIS_OK && log_in(context))
        return context;
    redisFree(context);
    return NULL;
}

/* The master that this supervisor names, connected; NULL if that fails. */
static redisContext *master_named_by(int port)
{
    redisContext *sentinel = connect_to("127.0.0.1", port);
    redisContext *master = NULL;
    redisReply *reply;

    if (sentinel == NULL)
        return NULL;
    reply = checked(
        sentinel, redisCommand(sentinel, "SENTINEL GET-MASTER-ADDR-BY-NAME %s",
                               getenv("GROUP")));
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY &&
        reply->elements == 2)
        master = connect_to(reply->element[0]->str,
                            (int)strtol(reply->element[1]->str, NULL, 10));
    if (reply != NULL)
        freeReplyObject(reply);
    redisFree(sentinel);
    return master;
}

static redisContext *find_master(void)
{
    const char *ports = getenv("SENTINEL_PORTS");
    redisContext *master = NULL;
    char *end;

    while (master == NULL) {
        int port = (int)strtol(ports, &end, 10);

        if (end == ports)
            break;
        ports = end;
        master = master_named_by(port);
    }
    return master;
}

static int write_one(redisContext *master, long number)
{
    char text[24];
    redisReply *reply =
        redisCommand(master, "SET %s:%ld 1", getenv("CLIENT"), number);

    reply = checked(master, reply);
    if (reply == NULL)
        return 0;
    freeReplyObject(reply);
    snprintf(text, sizeof(text), "%ld", number);
    say("ok", text);
    return 1;
}

int main(void)
{
    const struct timespec pause = {0, 20000000};
    redisContext *master = NULL;
    long number;

    for (number = 0;; number++) {
        if (master == NULL)
            master = find_master();
        if (master != NULL && !write_one(master, number)) {
            redisFree(master);
            master = NULL;
        }
        nanosleep(&pause, NULL);
    }
}
