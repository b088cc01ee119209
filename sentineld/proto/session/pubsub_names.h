/* Which channels and patterns anybody listens to, each once: what INFO
 * counts, as Redis does. A session's subscriptions count while it stands in a
 * book. */
#ifndef SENTINELD_PROTO_PUBSUB_NAMES_H
#define SENTINELD_PROTO_PUBSUB_NAMES_H

#include <stddef.h>

/* A table of names; NULL is an empty one. */
struct pubsub_name;

/* One more session listens to it. */
void pubsub_names_add(struct pubsub_name **names, const char *name,
                      size_t length);
/* One fewer; one was added for it before. */
void pubsub_names_drop(struct pubsub_name **names, const char *name,
                       size_t length);
size_t pubsub_names_count(const struct pubsub_name *names);

#endif
