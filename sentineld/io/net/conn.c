/* One byte stream on the loop: connecting, reading, writing, closing.
 *
 * A conn moves through four states in one direction: OPENING (connecting, or
 * accepted and not yet announced), OPEN, ENDING (our last bytes are sent, the
 * other side may read them and close), CLOSED (on_close is due). Two watchers
 * drive it: `io` for what the kernel reports, and `turn`, which is never
 * started but fed (ev_feed_event) whenever something is to be done at the end
 * of the running loop iteration: sending what was queued in it, or reporting
 * the close. libev keeps at most one pending event of a watcher, and runs it
 * before the loop sleeps again; `turn` has the lowest priority, so everything
 * that other callbacks of this iteration write leaves with one send.
 *
 * on_close comes from exactly one place (on_turn), from a state that is
 * entered once and left only by freeing the conn: that is why it comes exactly
 * once and nothing after it.
 *
 * Every callback reads or writes once and returns to the loop, which reports
 * again what is left: nobody starves. With TLS a read may have to write first
 * and the reverse, so after each call the conn remembers what either of them
 * waits for; and what the stream has taken from the kernel already is not
 * reported by it again, so `io` is fed for that. What is not done here:
 * deciding when to reconnect, protocol, limits of input (the owners). */
#include "io/net/conn.h"

#include <assert.h>

#include "io/net/stream.h"
#include "sentineld/buffer.h"
#include "sentineld/memory.h"

/* An empty write buffer larger than this is given back: there may be ten
 * thousand of them. */
enum { IDLE_BUFFER_SIZE = 4 * 1024 };

enum conn_state { CONN_OPENING, CONN_OPEN, CONN_ENDING, CONN_CLOSED };

struct conn {
    struct ev_loop *loop;
    ev_io io;
    ev_prepare turn;   /* never started, only fed */
    ev_timer deadline; /* for connecting; for ending */
    struct stream stream;
    enum conn_state state;
    enum stream_result opening;   /* what the handshake waits for */
    enum link_failure failure;    /* for on_close */
    enum stream_result receiving; /* what the next recv waits for */
    enum stream_result sending;   /* what the next send waits for, if blocked */
    bool paused;
    size_t read_bytes; /* to be taken at once */
    bool blocked;      /* no more bytes can be sent now */
    bool end_when_sent;
    struct buffer unsent;
    size_t sent; /* bytes at the front of `unsent` that have left */
    const struct conn_owner *owner;
    void *context;
};

static int event_of(enum stream_result wanted)
{
    return wanted == STREAM_WANTS_WRITE ? EV_WRITE : EV_READ;
}

/* What the loop must watch for, from the state alone. */
static int wanted_events(const struct conn *conn)
{
    switch (conn->state) {
    case CONN_OPENING:
        return event_of(conn->opening);
    case CONN_OPEN:
        return (conn->paused ? 0 : event_of(conn->receiving)) |
               (conn->blocked ? event_of(conn->sending) : 0);
    case CONN_ENDING:
        return event_of(conn->receiving);
    case CONN_CLOSED:
        return 0;
    }
    return 0;
}

/* Bytes that only we know of, and that somebody wants. */
static bool has_pending(const struct conn *conn)
{
    bool wants = conn->state == CONN_ENDING ||
                 (conn->state == CONN_OPEN && !conn->paused);
    return wants && stream_has_pending(&conn->stream);
}

/* At the end of everything that could change what is waited for. */
static void update_events(struct conn *conn)
{
    int wanted = wanted_events(conn);
    int current = ev_is_active(&conn->io) ? conn->io.events : 0;
    if ((current & (EV_READ | EV_WRITE)) != wanted) {
        ev_io_stop(conn->loop, &conn->io);
        if (wanted != 0) {
            ev_io_set(&conn->io, conn->stream.descriptor, wanted);
            ev_io_start(conn->loop, &conn->io);
        }
    }
    if (has_pending(conn)) {
        ev_feed_event(conn->loop, &conn->io, event_of(conn->receiving));
    }
}

static void feed_turn(struct conn *conn)
{
    ev_feed_event(conn->loop, &conn->turn, EV_CUSTOM);
}

/* The descriptor goes at once, the conn itself when on_close is over. */
static void enter_closed(struct conn *conn, enum link_failure failure)
{
    if (conn->state == CONN_CLOSED) {
        return;
    }
    conn->state = CONN_CLOSED;
    conn->failure = failure;
    update_events(conn);
    ev_timer_stop(conn->loop, &conn->deadline);
    stream_close(&conn->stream);
    feed_turn(conn);
}

static void start_deadline(struct conn *conn, msec after_ms)
{
    ev_timer_stop(conn->loop, &conn->deadline);
    /* The loop's idea of now is as old as its iteration; an iteration that
     * did much before it came here must not eat our time. */
    ev_now_update(conn->loop);
    ev_timer_set(&conn->deadline, (double)after_ms / 1000.0, 0.);
    ev_timer_start(conn->loop, &conn->deadline);
}

static void enter_ending(struct conn *conn)
{
    enum stream_result result = stream_shutdown(&conn->stream);
    if (result == STREAM_FAILED) {
        enter_closed(conn, FAILURE_NONE);
        return;
    }
    if (result != STREAM_DONE) { /* on_io comes here again */
        conn->blocked = true;
        conn->sending = result;
        update_events(conn);
        return;
    }
    conn->state = CONN_ENDING;
    start_deadline(conn, CONN_LINGER_MS);
    update_events(conn);
}

size_t conn_unsent(const struct conn *conn)
{
    return conn->unsent.length - conn->sent;
}

static void forget_sent(struct conn *conn)
{
    bool is_empty = conn_unsent(conn) == 0;
    if (is_empty && conn->unsent.capacity > IDLE_BUFFER_SIZE) {
        buffer_clear(&conn->unsent);
        conn->sent = 0;
    } else if (is_empty || conn->sent > conn->unsent.length / 2) {
        /* Moves fewer bytes than have left since the last time. */
        buffer_consume(&conn->unsent, conn->sent);
        conn->sent = 0;
    }
}

/* False when the stream is broken. */
static bool send_once(struct conn *conn)
{
    size_t count = 0;
    size_t length = conn_unsent(conn);
    const char *data = conn->unsent.data + conn->sent;
    enum stream_result result =
        stream_send(&conn->stream, data, length, &count);
    conn->sent += count;
    conn->blocked = result != STREAM_DONE || count < length;
    conn->sending = result == STREAM_DONE ? STREAM_WANTS_WRITE : result;
    return result != STREAM_FAILED;
}

static void send_unsent(struct conn *conn)
{
    size_t before = conn_unsent(conn);
    if (before > 0 && !send_once(conn)) {
        enter_closed(conn, conn->stream.failure);
        return;
    }
    size_t after = conn_unsent(conn);
    forget_sent(conn);
    update_events(conn);
    if (after < before && conn->owner->on_sent != NULL) {
        conn->owner->on_sent(conn, conn->context);
    }
    if (conn->end_when_sent && after == 0) {
        enter_ending(conn);
    } else if (conn->end_when_sent && after < before) {
        start_deadline(conn, CONN_LINGER_MS); /* it does read */
    }
}

/* Asks the stream how its handshake goes; opens the conn when it is done. */
static void continue_opening(struct conn *conn)
{
    conn->opening = stream_handshake(&conn->stream);
    switch (conn->opening) {
    case STREAM_FAILED:
        enter_closed(conn, conn->stream.failure);
        return;
    case STREAM_WANTS_READ:
    case STREAM_WANTS_WRITE:
        update_events(conn);
        return;
    case STREAM_DONE:
        break;
    }
    conn->state = CONN_OPEN;
    if (!conn->end_when_sent) {
        ev_timer_stop(conn->loop, &conn->deadline);
    }
    update_events(conn);
    feed_turn(conn); /* for what was written before */
    if (conn->owner->on_open != NULL) {
        conn->owner->on_open(conn, conn->context);
    }
}

static void receive(struct conn *conn)
{
    char data[CONN_READ_BYTES];
    size_t count = 0;
    enum stream_result result =
        stream_recv(&conn->stream, data, conn->read_bytes, &count);
    conn->receiving = result == STREAM_DONE ? STREAM_WANTS_READ : result;
    switch (result) {
    case STREAM_WANTS_READ:
    case STREAM_WANTS_WRITE:
        update_events(conn);
        return;
    case STREAM_FAILED:
        enter_closed(conn, conn->state == CONN_ENDING ? FAILURE_NONE
                                                      : conn->stream.failure);
        return;
    case STREAM_DONE:
        break;
    }
    update_events(conn);
    if (conn->state == CONN_OPEN && !conn->end_when_sent) {
        conn->owner->on_data(conn, data, count, conn->context);
    }
}

/* Is this what the last recv, or send, waited for? */
static bool may_receive(const struct conn *conn, int events)
{
    bool wants = conn->state == CONN_ENDING ||
                 (conn->state == CONN_OPEN && !conn->paused);
    return wants && (events & event_of(conn->receiving)) != 0;
}

static bool may_send(const struct conn *conn, int events)
{
    return conn->state == CONN_OPEN && conn->blocked &&
           (events & event_of(conn->sending)) != 0;
}

static void on_io(struct ev_loop *loop, ev_io *watcher, int events)
{
    (void)loop;
    struct conn *conn = watcher->data;
    if (conn->state == CONN_OPENING) {
        continue_opening(conn);
        return;
    }
    if (may_send(conn, events)) {
        send_unsent(conn);
    }
    if (may_receive(conn, events)) {
        receive(conn);
    }
}

static void on_deadline(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)loop;
    (void)events;
    struct conn *conn = watcher->data;
    enter_closed(conn, conn->end_when_sent ? FAILURE_NONE : FAILURE_TIMED_OUT);
}

static void report_close(struct conn *conn)
{
    conn->owner->on_close(conn, conn->failure, conn->context);
    ev_clear_pending(conn->loop, &conn->turn);
    buffer_clear(&conn->unsent);
    stream_clear(&conn->stream);
    free(conn);
}

static void on_turn(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    (void)loop;
    (void)events;
    struct conn *conn = watcher->data;
    switch (conn->state) {
    case CONN_OPENING:
        continue_opening(conn);
        return;
    case CONN_OPEN:
        if (!conn->blocked) {
            send_unsent(conn);
        }
        return;
    case CONN_ENDING:
        return;
    case CONN_CLOSED:
        report_close(conn);
        return;
    }
}

static struct conn *conn_new(struct ev_loop *loop,
                             const struct conn_owner *owner, void *context)
{
    struct conn *conn = xcalloc(1, sizeof(*conn));
    conn->loop = loop;
    conn->owner = owner;
    conn->context = context;
    conn->state = CONN_OPENING;
    conn->opening = STREAM_WANTS_WRITE;
    conn->receiving = STREAM_WANTS_READ;
    conn->sending = STREAM_WANTS_WRITE;
    conn->read_bytes = CONN_READ_BYTES;
    buffer_init(&conn->unsent, SIZE_MAX);
    ev_init(&conn->io, on_io);
    ev_init(&conn->turn, on_turn);
    ev_init(&conn->deadline, on_deadline);
    conn->io.data = conn;
    conn->turn.data = conn;
    conn->deadline.data = conn;
    ev_set_priority(&conn->turn, EV_MINPRI);
    /* After a stall the answer and the deadline come in the same iteration:
     * the answer counts, so it must be looked at first. */
    ev_set_priority(&conn->deadline, -1);
    return conn;
}

struct conn *conn_connect(struct ev_loop *loop,
                          const struct conn_target *target,
                          const struct conn_owner *owner, void *context)
{
    struct conn *conn = conn_new(loop, owner, context);
    if (stream_connect(&conn->stream, target->ip, target->port,
                       target->source) == STREAM_FAILED) {
        enter_closed(conn, conn->stream.failure);
        return conn;
    }
    start_deadline(conn, target->timeout_ms);
    update_events(conn);
    return conn;
}

struct conn *conn_accepted(struct ev_loop *loop, int descriptor,
                           const struct conn_owner *owner, void *context)
{
    assert(descriptor >= 0);
    struct conn *conn = conn_new(loop, owner, context);
    stream_accepted(&conn->stream, descriptor);
    feed_turn(conn);
    return conn;
}

void conn_secure(struct conn *conn, struct tls_session *session)
{
    stream_secure(&conn->stream, session);
    if (conn->state != CONN_CLOSED && !ev_is_active(&conn->deadline)) {
        start_deadline(conn, CONN_HANDSHAKE_MS);
    }
}

const char *conn_reason(const struct conn *conn)
{
    return stream_reason(&conn->stream);
}

bool conn_write(struct conn *conn, const char *data, size_t length,
                size_t limit)
{
    if (conn->state == CONN_CLOSED || conn->state == CONN_ENDING) {
        return true;
    }
    size_t unsent = conn_unsent(conn);
    if (length > limit || unsent > limit - length) {
        return false;
    }
    if (length == 0) {
        return true;
    }
    bool appended = buffer_append(&conn->unsent, data, length);
    assert(appended); /* its maximum is SIZE_MAX */
    feed_turn(conn);
    return true;
}

void conn_pause_reading(struct conn *conn, bool paused)
{
    conn->paused = paused;
    update_events(conn);
}

void conn_limit_reading(struct conn *conn, size_t bytes)
{
    assert(bytes > 0 && bytes <= CONN_READ_BYTES);
    conn->read_bytes = bytes;
}

void conn_close(struct conn *conn)
{
    enter_closed(conn, FAILURE_NONE);
}

void conn_close_after_write(struct conn *conn)
{
    if (conn->state == CONN_OPENING || conn->state == CONN_OPEN) {
        conn->end_when_sent = true;
        conn->paused = false; /* what arrives is read and dropped */
        start_deadline(conn, CONN_LINGER_MS);
        update_events(conn);
        feed_turn(conn);
    }
}

bool conn_local_ip(const struct conn *conn, char ip[HOST_SIZE])
{
    return stream_local_ip(&conn->stream, ip);
}

bool conn_local_text(const struct conn *conn, char text[HOST_SIZE])
{
    return stream_local_text(&conn->stream, text);
}

bool conn_is_local(const struct conn *conn)
{
    return stream_is_local(&conn->stream);
}

bool conn_peer_ip(const struct conn *conn, char ip[HOST_SIZE])
{
    return stream_peer_ip(&conn->stream, ip);
}

bool conn_peer_text(const struct conn *conn, char text[HOST_SIZE])
{
    return stream_peer_text(&conn->stream, text);
}
