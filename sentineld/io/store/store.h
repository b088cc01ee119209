/* Durable state: one SQLite database behind one writer thread.
 *
 * store_save hands over a batch of records and returns at once; the writer
 * joins what waits into one transaction. Results are collected on the loop
 * thread by store_poll, after `on_result_fd` became readable. After a failed
 * save the records stay inside the store and go into the next attempt: the
 * next store_save, or store_retry.
 *
 * All functions are for one thread, the loop's. */
#ifndef SENTINELD_STORE_H
#define SENTINELD_STORE_H

#include "sentineld/types.h"

struct store;

struct store_result {
    bool ok;
    uint64_t version; /* ok: all batches up to this are durable */
    uint64_t texts;   /* the same for texts; 0 = there were none */
    char error[256];  /* not ok: why nothing since the last good one is */
};

/* What the runtime keeps beside the core's records: the rules of a user. */
struct store_text {
    const char *kind; /* "user" */
    const char *name;
    const char *declared; /* what the configuration said when it was last
                             read; "" = nothing */
    const char *value;    /* what holds; "" = nothing; to be saved also NULL:
                             the row goes away */
    char *storage;        /* of a loaded one; see store_texts_free */
};

/* Opens or creates dir/sentineld.db, mode 0600, locked for this process.
 * NULL and a sentence when the directory is missing, not writable, in use by
 * another daemon, the database damaged or of another schema. */
struct store *store_open(const char *dir, struct error *error);
/* All rows, in the order self, groups, peers, nodes, members, and each kind
 * in the order in which the rows were first saved. *records is the caller's
 * to free. */
MUST_CHECK bool store_load(struct store *store, struct record **records,
                           size_t *count, struct error *error);
/* Copies the records; version as in core_output, growing, not 0. Batches that
 * wait together share one result, which names the last version. */
void store_save(struct store *store, const struct record *records, size_t count,
                uint64_t version);
/* Copies the texts; `number` counts as versions do, by itself; 0: nobody
 * waits for the result. What failed goes into the next attempt here, too. */
void store_save_texts(struct store *store, const struct store_text *texts,
                      size_t count, uint64_t number);
/* All texts. *texts is the caller's, for store_texts_free. */
MUST_CHECK bool store_load_texts(struct store *store, struct store_text **texts,
                                 size_t *count, struct error *error);
void store_texts_free(struct store_text *texts, size_t count);
/* Tries again what failed. Without anything that waits: nothing happens. */
void store_retry(struct store *store);
int store_result_fd(const struct store *store);
/* The next result, or false when there is none now. */
bool store_poll(struct store *store, struct store_result *result);
/* Saves and waits; for the first start and for tests. What failed stays and
 * goes into the next attempt, as with store_save. */
MUST_CHECK bool store_save_now(struct store *store,
                               const struct record *records, size_t count,
                               struct error *error);
/* Writes what waits, then closes. NULL is allowed. */
void store_close(struct store *store);

#endif
