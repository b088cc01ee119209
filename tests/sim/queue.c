/* A binary heap of future events. Knows their order and nothing else. */
#include "queue.h"

#include "sentineld/memory.h"

static bool is_before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->number < b->number;
}

void queue_push(struct queue *queue, struct sim_event event)
{
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity == 0 ? 256 : queue->capacity * 2;
        queue->items =
            xrealloc(queue->items, queue->capacity * sizeof *queue->items);
    }
    event.number = ++queue->last_number;
    size_t slot = queue->count++;
    while (slot > 0) {
        size_t parent = (slot - 1) / 2;
        if (!is_before(&event, &queue->items[parent])) {
            break;
        }
        queue->items[slot] = queue->items[parent];
        slot = parent;
    }
    queue->items[slot] = event;
}

static void sink_last(struct queue *queue)
{
    struct sim_event last = queue->items[--queue->count];
    size_t slot = 0;
    for (;;) {
        size_t child = 2 * slot + 1;
        if (child >= queue->count) {
            break;
        }
        if (child + 1 < queue->count &&
            is_before(&queue->items[child + 1], &queue->items[child])) {
            child++;
        }
        if (!is_before(&queue->items[child], &last)) {
            break;
        }
        queue->items[slot] = queue->items[child];
        slot = child;
    }
    queue->items[slot] = last;
}

bool queue_pop(struct queue *queue, msec until, struct sim_event *event)
{
    if (queue->count == 0 || queue->items[0].at > until) {
        return false;
    }
    *event = queue->items[0];
    sink_last(queue);
    return true;
}

void queue_free(struct queue *queue)
{
    for (size_t i = 0; i < queue->count; i++) {
        free(queue->items[i].hello);
    }
    free(queue->items);
}
