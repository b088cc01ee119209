/* Settings one by one, a group's and the daemon's, as the lists in types.h have
 * them. */
#include "core/model/model.h"

#include <assert.h>

/* Where a setting is kept, within its struct. */
struct place {
    size_t offset;
    size_t size;
};

#define MEMBER(whole, member) \
    {offsetof(struct whole, member), sizeof(((struct whole *)NULL)->member)},
#define OF_GROUP(name, type, member, dimension)  MEMBER(group_settings, member)
#define OF_DAEMON(name, type, member, dimension) MEMBER(daemon_settings, member)

static const struct place group_places[] = {GROUP_SETTINGS(OF_GROUP)};
static const struct place daemon_places[] = {DAEMON_SETTINGS(OF_DAEMON)};
enum { DAEMON_COUNT = sizeof(daemon_places) / sizeof(daemon_places[0]) };

void group_settings_set(struct group_settings *settings,
                        const struct admin_option *option)
{
    const struct place *place = &group_places[option->setting];
    char *member = (char *)settings + place->offset;
    uint32_t value_32 = (uint32_t)option->value;
    switch (place->size) {
    case sizeof(value_32): /* enumerations too */
        memcpy(member, &value_32, sizeof(value_32));
        return;
    case sizeof(option->value):
        memcpy(member, &option->value, sizeof(option->value));
        return;
    case SCRIPT_PATH_SIZE:
        copy_text(member, SCRIPT_PATH_SIZE, option->text);
        return;
    default:
        assert(false);
    }
}

static bool is_text(const struct place *place)
{
    return place->size > sizeof(uint64_t);
}

/* What is behind the end of a text says nothing. */
static bool is_equal(const struct place *place, const void *a, const void *b)
{
    const char *in_a = (const char *)a + place->offset;
    const char *in_b = (const char *)b + place->offset;
    return is_text(place) ? strcmp(in_a, in_b) == 0
                          : memcmp(in_a, in_b, place->size) == 0;
}

/* `merged` is what the file says; a value that it said before, too, gives way
 * to what was set. */
static void merge(const struct place *places, size_t count, void *merged,
                  const void *then, const void *set)
{
    for (size_t i = 0; i < count; i++) {
        size_t offset = places[i].offset;
        if (is_equal(&places[i], merged, then)) {
            memcpy((char *)merged + offset, (const char *)set + offset,
                   places[i].size);
        }
    }
}

bool group_settings_equal(const struct group_settings *a,
                          const struct group_settings *b)
{
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        if (!is_equal(&group_places[setting], a, b)) {
            return false;
        }
    }
    return true;
}

struct group_settings group_settings_merge(const struct group_settings *file,
                                           const struct group_settings *then,
                                           const struct group_settings *set)
{
    struct group_settings merged = *file;
    merge(group_places, SETTING_COUNT, &merged, then, set);
    return merged;
}

struct daemon_settings daemon_settings_merge(const struct daemon_settings *file,
                                             const struct daemon_settings *then,
                                             const struct daemon_settings *set)
{
    struct daemon_settings merged = *file;
    merge(daemon_places, DAEMON_COUNT, &merged, then, set);
    return merged;
}

bool group_settings_is_text(enum setting setting)
{
    return is_text(&group_places[setting]);
}
