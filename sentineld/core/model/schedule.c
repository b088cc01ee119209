/* Who is due next: a binary heap of deadlines.
 *
 * Timers are embedded in their owners, so a deadline cannot outlive what it
 * is for: cancelling is part of removing. Equal times are ordered by the
 * owner's id, so that the same facts always give the same order. */
#include "core/model/model.h"

#include <assert.h>

static bool timer_before(const struct timer *a, const struct timer *b)
{
    if (a->at != b->at) {
        return a->at < b->at;
    }
    return a->id < b->id;
}

static void heap_put(struct heap *heap, size_t slot, struct timer *timer)
{
    heap->items[slot] = timer;
    timer->slot = slot;
}

static void heap_up(struct heap *heap, size_t slot)
{
    struct timer *timer = heap->items[slot];
    while (slot > 0) {
        size_t parent = (slot - 1) / 2;
        if (!timer_before(timer, heap->items[parent])) {
            break;
        }
        heap_put(heap, slot, heap->items[parent]);
        slot = parent;
    }
    heap_put(heap, slot, timer);
}

static void heap_down(struct heap *heap, size_t slot)
{
    struct timer *timer = heap->items[slot];
    for (;;) {
        size_t child = 2 * slot + 1;
        if (child >= heap->count) {
            break;
        }
        if (child + 1 < heap->count &&
            timer_before(heap->items[child + 1], heap->items[child])) {
            child++;
        }
        if (!timer_before(heap->items[child], timer)) {
            break;
        }
        heap_put(heap, slot, heap->items[child]);
        slot = child;
    }
    heap_put(heap, slot, timer);
}

void schedule_init(struct timer *timer, enum timer_owner kind, void *owner,
                   object_id id)
{
    timer->at = NEVER;
    timer->id = id;
    timer->owner_kind = kind;
    timer->owner = owner;
    timer->slot = 0;
    timer->scheduled = false;
}

void schedule_cancel(struct core *core, struct timer *timer)
{
    if (!timer->scheduled) {
        return;
    }
    struct heap *heap = &core->heap;
    size_t slot = timer->slot;
    assert(heap->items[slot] == timer);
    timer->scheduled = false;
    timer->at = NEVER;
    heap->count--;
    if (slot == heap->count) {
        return;
    }
    heap_put(heap, slot, heap->items[heap->count]);
    heap_down(heap, slot);
    heap_up(heap, slot);
}

void schedule_at(struct core *core, struct timer *timer, msec at)
{
    schedule_cancel(core, timer);
    if (at == NEVER) {
        return;
    }
    struct heap *heap = &core->heap;
    if (heap->count == heap->capacity) {
        heap->capacity = heap->capacity == 0 ? 64 : heap->capacity * 2;
        heap->items =
            xrealloc(heap->items, heap->capacity * sizeof(*heap->items));
    }
    timer->at = at;
    timer->scheduled = true;
    heap_put(heap, heap->count++, timer);
    heap_up(heap, timer->slot);
}

void schedule_sooner(struct core *core, struct timer *timer, msec at)
{
    if (!timer->scheduled || at < timer->at) {
        schedule_at(core, timer, at);
    }
}

struct timer *schedule_next_due(struct core *core, msec now)
{
    if (core->heap.count == 0 || core->heap.items[0]->at > now) {
        return NULL;
    }
    struct timer *timer = core->heap.items[0];
    schedule_cancel(core, timer);
    return timer;
}

msec schedule_deadline(const struct core *core)
{
    return core->heap.count == 0 ? NEVER : core->heap.items[0]->at;
}

void schedule_free(struct core *core)
{
    free(core->heap.items);
    core->heap = (struct heap){0};
}
