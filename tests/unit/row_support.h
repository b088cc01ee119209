/* Rows of MASTER, REPLICAS and SENTINELS as texts. */
#ifndef TESTS_UNIT_ROW_SUPPORT_H
#define TESTS_UNIT_ROW_SUPPORT_H

#include "command_fixture.h"

enum { ROW_TEXT_SIZE = 2048 };

/* The group that the rows are about. */
struct group *add_group(struct command_fixture *fixture);
/* The reply as "name=value name=value ...", of several rows with " | " between
 * them. */
const char *ask_row(struct command_fixture *fixture, const char *line);
/* The value of one field of a single row; NULL when it is not there. */
const char *field(const char *row, const char *name);

#endif
