/* Names to addresses, with a cache.
 *
 * Each host name that was ever asked for is one `name`: its last good address,
 * until when that is fresh, and the questions that wait for it. Any number of
 * questions for one name share one lookup. A lookup asks for the IPv4 address
 * and, only when there is none, for the IPv6 one: asking for both at once
 * would make every answer as slow as the slower of the two.
 *
 * What a lookup can come to: an address (fresh for its lifetime); "there is
 * none" (remembered for a moment); or trouble with the resolver, and then the
 * last good address is answered on, however old: for a supervisor an address
 * that was right yesterday is better than none. A question for a name that
 * has such an address waits only a little before it gets it.
 *
 * What is not done here: talking to name servers (resolve_channel.c), and
 * noticing a changed /etc/resolv.conf. */
#include "io/net/resolve.h"

#include <assert.h>
#include <netdb.h>
#include <string.h>
#include <time.h>

#include "io/net/resolve_private.h"
#include "sentineld/hash.h"
#include "sentineld/memory.h"

enum {
    RETRY_AFTER_MS = 2000,   /* after "there is none", and after trouble */
    STALE_PATIENCE_MS = 500, /* then the last good answer will do */
    IDLE_NAMES_MAX = 1024,   /* kept though nobody waits for them */
};

struct question {
    struct resolver *resolver;
    struct name *name;
    uint64_t token;
    resolve_done done;
    void *context;
    ev_timer deadline;
    TAILQ_ENTRY(question) entry; /* of its name's */
    UT_hash_handle hh;           /* by token */
};

TAILQ_HEAD(question_list, question);

struct name {
    struct resolver *resolver;
    char host[HOST_SIZE];
    char ip[IP_TEXT_SIZE]; /* the last good one; "" = none */
    msec fresh_until;      /* what we know need not be asked before */
    bool is_asking;        /* a lookup is under way */
    bool is_answering;     /* its owners are being told */
    bool had_trouble;      /* when the lookup asked for IPv4 */
    struct lookup lookup;
    struct question_list questions;
    UT_hash_handle hh; /* by host */
};

struct resolver {
    struct ev_loop *loop;
    struct resolve_channel channel;
    struct name *names;         /* by host, oldest first */
    struct question *questions; /* by token */
};

static msec now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (msec)now.tv_sec * 1000 + (msec)now.tv_nsec / 1000000;
}

static void remove_question(struct question *question)
{
    struct resolver *resolver = question->resolver;
    TAILQ_REMOVE(&question->name->questions, question, entry);
    HASH_DEL(resolver->questions, question);
    ev_timer_stop(resolver->loop, &question->deadline);
    free(question);
}

/* The owner may start or cancel other questions meanwhile. */
static void answer(struct question *question)
{
    char ip[IP_TEXT_SIZE];
    resolve_done done = question->done;
    void *context = question->context;
    copy_text(ip, sizeof(ip), question->name->ip);
    remove_question(question);
    done(ip[0] == '\0' ? NULL : ip, context);
}

static void on_deadline(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)loop;
    (void)events;
    answer(watcher->data);
}

static void ask(struct name *name, int family)
{
    name->is_asking = true;
    name->lookup.owner = name;
    resolve_channel_ask(&name->resolver->channel, name->host, family,
                        &name->lookup);
}

/* The lookup is over: what did it teach us? */
static void learn(struct name *name)
{
    msec keep_ms = RETRY_AFTER_MS;
    switch (name->lookup.outcome) {
    case OUTCOME_FOUND:
        copy_text(name->ip, sizeof(name->ip), name->lookup.ip);
        keep_ms = name->lookup.lifetime_ms;
        break;
    case OUTCOME_NONE:
        if (!name->had_trouble) {
            name->ip[0] = '\0';
        }
        break;
    case OUTCOME_TROUBLE:
        break;
    }
    name->is_asking = false;
    name->fresh_until = now_ms() + keep_ms;
}

void resolve_on_outcome(struct lookup *lookup)
{
    struct name *name = lookup->owner;
    if (lookup->outcome != OUTCOME_FOUND && lookup->family == AF_INET) {
        name->had_trouble = lookup->outcome == OUTCOME_TROUBLE;
        ask(name, AF_INET6);
        return;
    }
    learn(name);
    name->is_answering = true;
    while (!TAILQ_EMPTY(&name->questions)) {
        answer(TAILQ_FIRST(&name->questions));
    }
    name->is_answering = false;
}

static void free_name(struct resolver *resolver, struct name *name)
{
    HASH_DEL(resolver->names, name);
    free(name);
}
/* Forgets the oldest name that nobody waits for. */
static void make_room(struct resolver *resolver)
{
    struct name *name = NULL;
    struct name *next = NULL;
    if (HASH_COUNT(resolver->names) < IDLE_NAMES_MAX) {
        return;
    }
    HASH_ITER (hh, resolver->names, name, next) {
        if (!name->is_asking && !name->is_answering &&
            TAILQ_EMPTY(&name->questions)) {
            free_name(resolver, name);
            return;
        }
    }
}

static struct name *obtain_name(struct resolver *resolver, const char *host)
{
    struct name *name = NULL;
    HASH_FIND_STR(resolver->names, host, name);
    if (name != NULL) {
        return name;
    }
    make_room(resolver);
    name = xcalloc(1, sizeof(*name));
    name->resolver = resolver;
    copy_text(name->host, sizeof(name->host), host);
    TAILQ_INIT(&name->questions);
    HASH_ADD_STR(resolver->names, host, name);
    return name;
}

static bool is_numeric(const char *host)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0) {
        return false;
    }
    freeaddrinfo(found);
    return true;
}

static void add_question(struct name *name, struct question *question,
                         msec timeout_ms)
{
    struct resolver *resolver = name->resolver;
    if (name->ip[0] != '\0' && timeout_ms > STALE_PATIENCE_MS) {
        timeout_ms = STALE_PATIENCE_MS;
    }
    question->resolver = resolver;
    question->name = name;
    ev_now_update(resolver->loop);
    ev_timer_init(&question->deadline, on_deadline, (double)timeout_ms / 1000.0,
                  0.);
    question->deadline.data = question;
    ev_timer_start(resolver->loop, &question->deadline);
    TAILQ_INSERT_TAIL(&name->questions, question, entry);
    HASH_ADD(hh, resolver->questions, token, sizeof(question->token), question);
}

static struct question *find_question(struct resolver *resolver, uint64_t token)
{
    struct question *question = NULL;
    HASH_FIND(hh, resolver->questions, &token, sizeof(token), question);
    return question;
}

void resolve_start(struct resolver *resolver, const char *host, msec timeout_ms,
                   uint64_t token, resolve_done done, void *context)
{
    assert(find_question(resolver, token) == NULL);
    assert(strlen(host) < HOST_SIZE);
    if (is_numeric(host)) {
        done(host, context);
        return;
    }
    struct name *name = obtain_name(resolver, host);
    if (!name->is_asking && now_ms() < name->fresh_until) {
        char ip[IP_TEXT_SIZE]; /* the owner may drive the name out */
        copy_text(ip, sizeof(ip), name->ip);
        done(ip[0] == '\0' ? NULL : ip, context);
        return;
    }
    struct question *question = xcalloc(1, sizeof(*question));
    question->token = token;
    question->done = done;
    question->context = context;
    add_question(name, question, timeout_ms);
    if (!name->is_asking) {
        name->had_trouble = false;
        ask(name, AF_INET);
    }
}

void resolve_cancel(struct resolver *resolver, uint64_t token)
{
    struct question *question = find_question(resolver, token);
    if (question != NULL) {
        remove_question(question);
    }
}

struct resolver *resolve_new(struct ev_loop *loop, struct error *error)
{
    struct resolver *resolver = xcalloc(1, sizeof(*resolver));
    resolver->loop = loop;
    if (!resolve_channel_open(&resolver->channel, loop, error)) {
        free(resolver);
        return NULL;
    }
    return resolver;
}

bool resolve_use_servers(struct resolver *resolver, const char *servers,
                         struct error *error)
{
    return resolve_channel_use_servers(&resolver->channel, servers, error);
}

void resolve_free(struct resolver *resolver)
{
    if (resolver == NULL) {
        return;
    }
    struct question *question = NULL;
    struct question *next_question = NULL;
    HASH_ITER (hh, resolver->questions, question, next_question) {
        remove_question(question);
    }
    resolve_channel_close(&resolver->channel);
    struct name *name = NULL;
    struct name *next_name = NULL;
    HASH_ITER (hh, resolver->names, name, next_name) {
        free_name(resolver, name);
    }
    free(resolver);
}
