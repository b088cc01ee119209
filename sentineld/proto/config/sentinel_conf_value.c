/* One word of a sentinel.conf into the member of its row.
 *
 * What Redis refuses is refused with its words, which are others for ordinary
 * directives than for those that begin with `sentinel`. What it takes and is
 * outside our range is brought into it, with a warning, so that the file works.
 * Options of ours are strict. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/config/sentinel_conf.h"
#include "sentineld/info.h"

static bool is_sentinel(const struct conf_word *from)
{
    return strncmp(from->name, "sentinel ", strlen("sentinel ")) == 0;
}

static bool fail(const struct conf_word *from, const char *sentence)
{
    return conf_fail(from->build, from->line, "%s: %s", from->name, sentence);
}

static bool fail_range(const struct conf_word *from)
{
    char range[SETTING_RANGE_SIZE];
    setting_range(from->row, range);
    return conf_fail(from->build, from->line, "%s: this must be %s", from->name,
                     range);
}

static bool fail_option(const struct conf_word *from)
{
    char range[SETTING_RANGE_SIZE];
    char shown[CONF_SHOWN_SIZE];
    setting_range(from->row, range);
    return conf_fail(from->build, from->line,
                     "%s: '%s' is not allowed; it must be %s", from->name,
                     conf_shown(from->word, shown), range);
}

static bool fail_digits(const struct conf_word *from)
{
    char shown[CONF_SHOWN_SIZE];
    if (!is_sentinel(from)) {
        return fail(from, "argument couldn't be parsed into an integer");
    }
    return conf_fail(from->build, from->line,
                     "%s: \"%s\" is not a number; it must be written with "
                     "digits alone, without a unit",
                     from->name, conf_shown(from->word, shown));
}

static bool fail_number(const struct conf_word *from, int64_t least,
                        int64_t most)
{
    if (!is_sentinel(from)) {
        return conf_fail(from->build, from->line,
                         "%s: argument must be between %" PRId64 " and "
                         "%" PRId64 " inclusive",
                         from->name, least, most);
    }
    if (from->row->size == sizeof(uint16_t)) {
        return fail(from, "Invalid port number. It must be 0 to 65535");
    }
    return fail(from, least > 0 ? "negative or zero time parameter."
                                : "negative time parameter.");
}

static uint64_t bring_into_range(const struct conf_word *from, int64_t number)
{
    const struct setting_row *row = from->row;
    int64_t near = number < (int64_t)row->minimum   ? (int64_t)row->minimum
                   : number > (int64_t)row->maximum ? (int64_t)row->maximum
                                                    : number;
    if (near != number) {
        conf_warn(from->build, from->line,
                  "%s: %" PRId64 " is taken for %" PRId64 "; it may be %" PRIu64
                  " to %" PRIu64,
                  from->name, number, near, row->minimum, row->maximum);
    }
    return (uint64_t)near;
}

static bool take_number(const struct conf_word *from, void *base)
{
    const struct setting_row *row = from->row;
    bool as_ours = row->least == 0 && row->most == 0;
    int64_t least = as_ours ? (int64_t)row->minimum : row->least;
    int64_t most = as_ours ? (int64_t)row->maximum : row->most;
    int64_t number = 0;
    if (!parse_integer(from->word, strlen(from->word), INT64_MIN, INT64_MAX,
                       &number)) {
        return fail_digits(from);
    }
    if (number < least || number > most) {
        return fail_number(from, least, most);
    }
    setting_set_number(row, base, bring_into_range(from, number));
    return true;
}

static bool take_mode(const struct conf_word *from, void *base)
{
    uint32_t mode = 0;
    switch (setting_read_mode(from->word, &mode)) {
    case MODE_OK:
        memcpy((char *)base + from->row->offset, &mode, sizeof(mode));
        return from->word[0] != '\0' ||
               fail(from, "argument couldn't be parsed as an octal number");
    case MODE_NOT_OCTAL:
        return fail(from, "argument couldn't be parsed as an octal number");
    case MODE_TOO_LARGE:
        break;
    }
    return fail(from, "argument must be between 0 and 777 inclusive");
}

static bool fail_switch(const struct conf_word *from)
{
    const char *name = from->row->directive;
    if (!is_sentinel(from)) {
        return fail(from, "argument must be 'yes' or 'no'");
    }
    bool scripts = strcmp(name, "deny-scripts-reconfig") == 0;
    return conf_fail(from->build, from->line,
                     "%s: Please specify yes or no for the %s option%s.",
                     from->name, name, scripts ? "s" : "");
}

static bool fail_choice(const struct conf_word *from)
{
    char sentence[2 * SETTING_RANGE_SIZE] =
        "argument(s) must be one of the following: ";
    setting_list_words((enum choice)from->row->minimum, ", ",
                       sentence + strlen(sentence),
                       sizeof(sentence) - strlen(sentence));
    return fail(from, sentence);
}

static bool fail_text(const struct conf_word *from)
{
    size_t length = strlen(from->word);
    const char *fault = setting_text_fault(from->row, from->word);
    char shown[CONF_SHOWN_SIZE];
    if (length < from->row->minimum || length > from->row->maximum) {
        return fail_range(from);
    }
    if (from->row->type == VALUE_HOST) {
        return fail(from, "this is neither an ip address nor a host name");
    }
    return conf_fail(from->build, from->line, "%s: \"%s\" %s", from->name,
                     conf_shown(from->word, shown), fault);
}

bool sentinel_conf_take(const struct conf_word *from, void *base)
{
    const struct setting_row *row = from->row;
    if ((row->flags & ROW_OURS) != 0) {
        return setting_take_word(row, from->word, base) || fail_option(from);
    }
    switch (row->type) {
    case VALUE_NUMBER:
        return take_number(from, base);
    case VALUE_MODE:
        return take_mode(from, base);
    case VALUE_SWITCH:
        return setting_take_word(row, from->word, base) || fail_switch(from);
    case VALUE_CHOICE:
        return setting_take_word(row, from->word, base) || fail_choice(from);
    case VALUE_HOST: /* to Redis an empty one says nothing */
        return from->word[0] == '\0' ||
               setting_take_word(row, from->word, base) || fail_text(from);
    case VALUE_TEXT:
    case VALUE_NAME:
    case VALUE_BINDS:
    case VALUE_RENAMES:
    case VALUE_GROUPS:
    case VALUE_DEFAULTS:
    case VALUE_USERS:
        break;
    }
    return setting_take_word(row, from->word, base) || fail_text(from);
}
