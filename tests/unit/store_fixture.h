/* A state directory for a test, sample records, and a look into the database
 * from outside. */
#ifndef SENTINELD_TESTS_STORE_FIXTURE_H
#define SENTINELD_TESTS_STORE_FIXTURE_H

#include "io/store/store.h"

struct store_fixture {
    char dir[64];
    struct store *store; /* NULL: not open */
    int descriptors;     /* that were open before */
};

struct store_fixture *store_fixture_new(void);
/* Closes, removes the directory, fails the test if a descriptor is left. */
void store_fixture_free(struct store_fixture *fixture);
void store_fixture_open(struct store_fixture *fixture);
void store_fixture_close(struct store_fixture *fixture);

/* "<dir>/<name>"; valid until the next call. */
const char *store_fixture_path(const char *dir, const char *name);
/* A directory below the fixture's own, with its files; mode 0700. Copies
 * what a crash of the process would leave: the files as they are now, without
 * lock and shared memory. The text is the caller's to free. */
char *store_fixture_copy(const struct store_fixture *fixture, const char *name);

/* Runs SQL on the database of a closed store. */
void store_fixture_sql(const char *dir, const char *sql);

/* One record of each kind, all fields derived from `value`, all keys from
 * nothing: so that two sets are the same rows with other values. */
enum { SAMPLE_COUNT = 6 };
void store_sample(struct record records[SAMPLE_COUNT], uint64_t value);
struct record store_group(const char *name, uint64_t epoch);
struct record store_node(const char *group, const char *host, uint16_t port);

/* The epoch of self, of the vote, or the settings of the sample that the
 * directory's database holds; fails the test when the rows disagree with each
 * other. 0 = empty. Opens and closes a store. */
uint64_t store_fixture_value(const char *dir);
/* The vote's epoch of a group; 0 = no such group. */
uint64_t store_fixture_vote(struct store *store, const char *group);

/* Waits for the next result. */
struct store_result store_fixture_result(struct store *store);

int store_fixture_count_descriptors(void);

#endif
