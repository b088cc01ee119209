/* The writer thread and its queue.
 *
 * The loop's thread merges the records it is given into one table, by key,
 * and wakes the writer. The writer takes the whole table, writes it in one
 * transaction without holding the mutex, and leaves a result in a list and a
 * signal in an eventfd. When a transaction fails its records go back into the
 * table, below what came meanwhile: nothing is forgotten, the table is bounded
 * by the number of rows that can exist, and the next attempt writes it all.
 *
 * The database belongs to the thread that is inside the mutex or, while
 * `writing` is true, to the writer alone. What is not here: what a table or a
 * statement looks like (store_tables.c, store_rows.c), the directory
 * (store_file.c, store_place.c). */
#include "io/store/store.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "io/store/store_private.h"
#include "sentineld/hash.h"
#include "sentineld/memory.h"

/* What makes two records the same row. Zeroed before it is filled, because
 * it is compared byte by byte. */
struct row_key {
    enum record_kind kind;
    char first[NAME_SIZE];
    char second[HOST_SIZE];
    uint16_t port;
};

struct waiting {
    struct row_key key;
    struct record record;
    UT_hash_handle hh;
};

/* What goes into one transaction. */
struct batch {
    struct waiting *rows;
    struct text_row *texts;
    uint64_t version; /* the last that is in it; 0 = none asks for a result */
    uint64_t number;  /* the same for texts */
    uint64_t ticket;  /* the last call of save or retry that is in it */
};

struct result_node {
    struct store_result result;
    struct result_node *next;
};

struct store {
    struct store_file file;
    struct store_rows rows;
    int result_fd;
    pthread_t writer;
    pthread_mutex_t mutex; /* guards everything below */
    pthread_cond_t wake;   /* for the writer: there is work, or stop */
    pthread_cond_t done;   /* for the loop: an attempt is over */
    struct batch waiting;
    bool wanted; /* somebody asked for an attempt */
    bool writing;
    bool stopping;
    uint64_t finished_ticket; /* the attempt with this ticket is over */
    struct error last_error;  /* of the last attempt; "" = it succeeded */
    struct result_node *results;
    struct result_node **results_end;
};

static void fill_key(struct row_key *key, const struct record *record)
{
    memset(key, 0, sizeof(*key));
    key->kind = record->kind;
    switch (record->kind) {
    case RECORD_SELF: /* there is only one */
        return;
    case RECORD_GROUP:
        copy_text(key->first, sizeof(key->first), record->group.name);
        return;
    case RECORD_NODE:
        copy_text(key->first, sizeof(key->first), record->node.group);
        copy_text(key->second, sizeof(key->second), record->node.address.host);
        key->port = record->node.address.port;
        return;
    case RECORD_PEER:
        copy_text(key->first, RUN_ID_SIZE, record->peer.run_id);
        return;
    case RECORD_REPORT:
        copy_text(key->first, sizeof(key->first), record->report.group);
        (void)snprintf(key->second, sizeof(key->second), "%" PRIu64,
                       record->report.epoch);
        return;
    case RECORD_MEMBER:
        copy_text(key->first, sizeof(key->first), record->member.group);
        copy_text(key->second, RUN_ID_SIZE, record->member.run_id);
        return;
    }
}

static struct waiting *find_row(const struct batch *batch,
                                const struct row_key *key)
{
    struct waiting *row = NULL;
    HASH_FIND(hh, batch->rows, key, sizeof(*key), row);
    return row;
}

static void add_row(struct batch *batch, struct waiting *row)
{
    HASH_ADD(hh, batch->rows, key, sizeof(row->key), row);
}

/* The later record of a row wins. */
static void put_record(struct batch *batch, const struct record *record)
{
    struct row_key key;
    fill_key(&key, record);
    struct waiting *row = find_row(batch, &key);
    if (row == NULL) {
        row = xcalloc(1, sizeof(*row));
        row->key = key;
        add_row(batch, row);
    }
    row->record = *record;
}

static void clear_batch(struct batch *batch)
{
    struct waiting *row = NULL;
    struct waiting *next = NULL;
    HASH_ITER (hh, batch->rows, row, next) {
        HASH_DEL(batch->rows, row);
        free(row);
    }
    store_texts_clear(&batch->texts);
}

/* Puts a failed batch back: rows that changed meanwhile stay as they are. */
static void put_back(struct batch *waiting, struct batch *failed)
{
    struct waiting *row = NULL;
    struct waiting *next = NULL;
    HASH_ITER (hh, failed->rows, row, next) {
        HASH_DEL(failed->rows, row);
        if (find_row(waiting, &row->key) == NULL) {
            add_row(waiting, row);
        } else {
            free(row);
        }
    }
    store_texts_put_back(&waiting->texts, &failed->texts);
    if (waiting->number < failed->number) {
        waiting->number = failed->number;
    }
    if (waiting->version < failed->version) {
        waiting->version = failed->version;
    }
}

static bool execute(struct store *store, const char *sql, struct error *error)
{
    if (sqlite3_exec(store->file.database, sql, NULL, NULL, NULL) !=
        SQLITE_OK) {
        store_file_explain(store->file.database, "saving the state", error);
        return false;
    }
    return true;
}

static bool write_rows(struct store *store, const struct batch *batch,
                       struct error *error)
{
    struct waiting *row = NULL;
    struct waiting *next = NULL;
    HASH_ITER (hh, batch->rows, row, next) {
        if (!store_rows_write(&store->rows, &row->record, error)) {
            return false;
        }
    }
    return store_texts_write(store->file.database, batch->texts, error);
}

/* True: every row is on the disk. False: none is, or (when it was the last
 * step that failed) all may be; writing them again is right in both cases. */
static bool write_batch(struct store *store, const struct batch *batch,
                        struct error *error)
{
    if (batch->rows == NULL && batch->texts == NULL) {
        return true;
    }
    struct store_place *place = &store->file.place;
    if (!store_place_check(place, error)) {
        return false;
    }
    if (execute(store, "BEGIN IMMEDIATE", error) &&
        write_rows(store, batch, error) && execute(store, "COMMIT", error)) {
        return store_place_check_written(place, error);
    }
    if (sqlite3_get_autocommit(store->file.database) == 0) {
        struct error ignored; /* the first error is the one to report */
        (void)execute(store, "ROLLBACK", &ignored);
    }
    return false;
}

static void signal_loop(struct store *store)
{
    uint64_t one = 1;
    ssize_t written = write(store->result_fd, &one, sizeof(one));
    assert(written == (ssize_t)sizeof(one)); /* a counter far from its end */
}

static void add_result(struct store *store, const struct batch *batch)
{
    struct result_node *node = xcalloc(1, sizeof(*node));
    node->result.version = batch->version;
    node->result.texts = batch->number;
    node->result.ok = store->last_error.text[0] == '\0';
    copy_text(node->result.error, sizeof(node->result.error),
              store->last_error.text);
    *store->results_end = node;
    store->results_end = &node->next;
    signal_loop(store);
}

/* With the mutex held; gives it up while the disk works. */
static void make_attempt(struct store *store)
{
    struct batch batch = store->waiting;
    struct error error = {""};
    store->waiting.rows = NULL;
    store->waiting.texts = NULL;
    store->waiting.version = 0;
    store->waiting.number = 0;
    store->wanted = false;
    store->writing = true;
    (void)pthread_mutex_unlock(&store->mutex);
    bool ok = write_batch(store, &batch, &error);
    (void)pthread_mutex_lock(&store->mutex);
    store->writing = false;
    store->last_error = error;
    if (batch.version != 0 || batch.number != 0) {
        add_result(store, &batch);
    }
    if (ok) {
        clear_batch(&batch);
    } else {
        put_back(&store->waiting, &batch);
    }
    store->finished_ticket = batch.ticket;
    (void)pthread_cond_broadcast(&store->done);
}

static void *run_writer(void *argument)
{
    struct store *store = argument;
    (void)pthread_mutex_lock(&store->mutex);
    for (;;) {
        while (!store->wanted && !store->stopping) {
            (void)pthread_cond_wait(&store->wake, &store->mutex);
        }
        if (!store->wanted) {
            break;
        }
        make_attempt(store);
    }
    (void)pthread_mutex_unlock(&store->mutex);
    return NULL;
}

/* Signals belong to the loop's thread. (It is also what makes a file that
 * reached the limit of its size an error here, and not our end.) */
static bool start_writer(struct store *store)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(&store->writer, NULL, run_writer, store);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result == 0;
}

static void free_store(struct store *store)
{
    while (store->results != NULL) {
        struct result_node *node = store->results;
        store->results = node->next;
        free(node);
    }
    clear_batch(&store->waiting);
    store_rows_clear(&store->rows);
    store_file_close(&store->file);
    if (store->result_fd >= 0) {
        (void)close(store->result_fd);
    }
    (void)pthread_cond_destroy(&store->wake);
    (void)pthread_cond_destroy(&store->done);
    (void)pthread_mutex_destroy(&store->mutex);
    free(store);
}

struct store *store_open(const char *dir, struct error *error)
{
    struct store *store = xcalloc(1, sizeof(*store));
    store->results_end = &store->results;
    (void)pthread_mutex_init(&store->mutex, NULL);
    (void)pthread_cond_init(&store->wake, NULL);
    (void)pthread_cond_init(&store->done, NULL);
    store->result_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (store->result_fd < 0) {
        (void)snprintf(error->text, sizeof(error->text),
                       "no descriptor left for the store");
        store->file.lock = -1;
        free_store(store);
        return NULL;
    }
    if (!store_file_open(&store->file, dir, error) ||
        !store_rows_prepare(&store->rows, store->file.database, error)) {
        free_store(store);
        return NULL;
    }
    if (!start_writer(store)) {
        (void)snprintf(error->text, sizeof(error->text),
                       "cannot start the thread that writes the state");
        free_store(store);
        return NULL;
    }
    return store;
}

bool store_load(struct store *store, struct record **records, size_t *count,
                struct error *error)
{
    (void)pthread_mutex_lock(&store->mutex);
    while (store->writing) {
        (void)pthread_cond_wait(&store->done, &store->mutex);
    }
    bool loaded = store_rows_load(&store->rows, records, count, error);
    (void)pthread_mutex_unlock(&store->mutex);
    return loaded;
}

bool store_load_texts(struct store *store, struct store_text **texts,
                      size_t *count, struct error *error)
{
    (void)pthread_mutex_lock(&store->mutex);
    while (store->writing) {
        (void)pthread_cond_wait(&store->done, &store->mutex);
    }
    bool loaded = store_texts_load(store->file.database, texts, count, error);
    (void)pthread_mutex_unlock(&store->mutex);
    return loaded;
}

/* With the mutex held. Returns the ticket of the attempt that will do it. */
static uint64_t ask_for_attempt(struct store *store)
{
    store->waiting.ticket++;
    store->wanted = true;
    (void)pthread_cond_signal(&store->wake);
    return store->waiting.ticket;
}

static void put_records(struct store *store, const struct record *records,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_record(&store->waiting, &records[i]);
    }
}

void store_save(struct store *store, const struct record *records, size_t count,
                uint64_t version)
{
    (void)pthread_mutex_lock(&store->mutex);
    assert(version > store->waiting.version);
    put_records(store, records, count);
    store->waiting.version = version;
    (void)ask_for_attempt(store);
    (void)pthread_mutex_unlock(&store->mutex);
}

void store_save_texts(struct store *store, const struct store_text *texts,
                      size_t count, uint64_t number)
{
    (void)pthread_mutex_lock(&store->mutex);
    assert(number == 0 || number > store->waiting.number);
    for (size_t i = 0; i < count; i++) {
        store_texts_put(&store->waiting.texts, &texts[i]);
    }
    if (number != 0) {
        store->waiting.number = number;
    }
    (void)ask_for_attempt(store);
    (void)pthread_mutex_unlock(&store->mutex);
}

static bool has_waiting(const struct store *store)
{
    return store->waiting.rows != NULL || store->waiting.texts != NULL;
}

void store_retry(struct store *store)
{
    (void)pthread_mutex_lock(&store->mutex);
    if (has_waiting(store)) {
        (void)ask_for_attempt(store);
    }
    (void)pthread_mutex_unlock(&store->mutex);
}

int store_result_fd(const struct store *store)
{
    return store->result_fd;
}

/* With the mutex held: nothing is left to be collected. */
static void drain_signal(struct store *store)
{
    uint64_t count;
    ssize_t got = read(store->result_fd, &count, sizeof(count));
    (void)got; /* it may have been drained before */
}

bool store_poll(struct store *store, struct store_result *result)
{
    (void)pthread_mutex_lock(&store->mutex);
    struct result_node *node = store->results;
    if (node == NULL) {
        drain_signal(store);
    } else {
        *result = node->result;
        store->results = node->next;
        if (store->results == NULL) {
            store->results_end = &store->results;
        }
    }
    (void)pthread_mutex_unlock(&store->mutex);
    free(node);
    return node != NULL;
}

bool store_save_now(struct store *store, const struct record *records,
                    size_t count, struct error *error)
{
    (void)pthread_mutex_lock(&store->mutex);
    put_records(store, records, count);
    uint64_t ticket = ask_for_attempt(store);
    while (store->finished_ticket < ticket) {
        (void)pthread_cond_wait(&store->done, &store->mutex);
    }
    struct error said = store->last_error;
    (void)pthread_mutex_unlock(&store->mutex);
    if (said.text[0] == '\0') {
        return true;
    }
    *error = said;
    return false;
}

void store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&store->mutex);
    if (has_waiting(store)) {
        (void)ask_for_attempt(store);
    }
    store->stopping = true;
    (void)pthread_cond_signal(&store->wake);
    (void)pthread_mutex_unlock(&store->mutex);
    (void)pthread_join(store->writer, NULL);
    free_store(store);
}
