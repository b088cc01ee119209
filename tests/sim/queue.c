/* Future events: a wheel of slots for what is near, which is nearly all, and a
 * binary heap for the rest. Knows their order and nothing else. */
#include "queue.h"

#include "sentineld/memory.h"

static bool is_before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->number < b->number;
}

/* --- The heap ------------------------------------------------------------- */

static void push_on_heap(struct queue *queue, const struct sim_event *event)
{
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity == 0 ? 256 : queue->capacity * 2;
        queue->items =
            xrealloc(queue->items, queue->capacity * sizeof *queue->items);
    }
    size_t slot = queue->count++;
    while (slot > 0) {
        size_t parent = (slot - 1) / 2;
        if (!is_before(event, &queue->items[parent])) {
            break;
        }
        queue->items[slot] = queue->items[parent];
        slot = parent;
    }
    queue->items[slot] = *event;
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

/* --- The wheel ------------------------------------------------------------ */

static uint32_t take_place(struct queue *queue)
{
    uint32_t place = queue->first_free;
    if (place != 0) {
        queue->first_free = queue->pool[place].next;
        return place;
    }
    if (queue->pool_count + 1 >= queue->pool_capacity) {
        queue->pool_capacity =
            queue->pool_capacity == 0 ? 256 : queue->pool_capacity * 2;
        queue->pool =
            xrealloc(queue->pool, queue->pool_capacity * sizeof *queue->pool);
    }
    return ++queue->pool_count;
}

static void push_on_wheel(struct queue *queue, const struct sim_event *event)
{
    size_t number = event->at % WHEEL_SLOTS;
    struct slot *slot = &queue->slots[number];
    uint32_t place = take_place(queue);
    queue->pool[place] = (struct pooled_event){.event = *event};
    if (slot->first == 0) {
        slot->first = place;
        queue->used[number / 64] |= UINT64_C(1) << number % 64;
    } else {
        queue->pool[slot->last].next = place;
    }
    slot->last = place;
}

/* The next slot that is used, from this number on and around; NULL = none. */
static struct slot *next_slot(struct queue *queue)
{
    enum { WORDS = WHEEL_SLOTS / 64 };
    size_t from = queue->now % WHEEL_SLOTS;
    size_t word = from / 64;
    uint64_t bits = queue->used[word] & (UINT64_MAX << from % 64);
    for (size_t i = 0; i <= WORDS; i++) {
        if (bits != 0) {
            return &queue->slots[word * 64 + (size_t)__builtin_ctzll(bits)];
        }
        word = (word + 1) % WORDS;
        bits = queue->used[word];
    }
    return NULL;
}

static void take_first(struct queue *queue, struct slot *slot,
                       struct sim_event *event)
{
    uint32_t place = slot->first;
    struct pooled_event *pooled = &queue->pool[place];
    *event = pooled->event;
    slot->first = pooled->next;
    pooled->next = queue->first_free;
    queue->first_free = place;
    if (slot->first == 0) {
        size_t number = (size_t)(slot - queue->slots);
        queue->used[number / 64] &= ~(UINT64_C(1) << number % 64);
    }
}

void queue_push(struct queue *queue, struct sim_event event)
{
    event.number = ++queue->last_number;
    if (event.at >= queue->now && event.at - queue->now < WHEEL_SLOTS) {
        push_on_wheel(queue, &event);
    } else {
        push_on_heap(queue, &event);
    }
}

/* What is on the heap was scheduled when it was far away, so before anything
 * in the slot of its millisecond; is_before says so by their numbers. */
bool queue_pop(struct queue *queue, msec until, struct sim_event *event)
{
    struct slot *slot = next_slot(queue);
    const struct sim_event *near =
        slot == NULL ? NULL : &queue->pool[slot->first].event;
    bool from_heap =
        queue->count > 0 && (near == NULL || is_before(&queue->items[0], near));
    const struct sim_event *first = from_heap ? &queue->items[0] : near;
    if (first == NULL || first->at > until) {
        return false;
    }
    if (from_heap) {
        *event = queue->items[0];
        sink_last(queue);
    } else {
        take_first(queue, slot, event);
    }
    queue->now = event->at;
    return true;
}

void queue_free(struct queue *queue)
{
    for (size_t i = 0; i < queue->count; i++) {
        free(queue->items[i].hello);
    }
    free(queue->items);
    for (size_t i = 0; i < WHEEL_SLOTS; i++) {
        uint32_t place = queue->slots[i].first;
        for (; place != 0; place = queue->pool[place].next) {
            free(queue->pool[place].event.hello);
        }
    }
    free(queue->pool);
}
