/* The options of a command line as further lines of a sentinel.conf, cut into
 * lines where Redis 7 cuts them.
 *
 * What begins with -- is a directive's name, unless a directive still has no
 * value: a password may begin with -- too. A name may bring its values along
 * in the same argument, as in "--port 26380"; it is then taken as it is, like
 * a line of the file, while arguments that are values are quoted. Only `save`
 * may stand without a value; it gets an empty one. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/config/sentinel_conf.h"
#include "sentineld/memory.h"

static bool is_option(const char *argument)
{
    return strncmp(argument, "--", 2) == 0;
}

/* Is it a name alone, whose values are arguments of their own? */
static bool is_name_alone(const char *option)
{
    struct conf_words words;
    if (conf_words_split(option, strlen(option), &words) != NULL) {
        return false; /* the line's reader says what is wrong */
    }
    bool alone = words.count == 1;
    conf_words_clear(&words);
    return alone;
}

static bool refuse(const char *argument, struct error *error)
{
    struct conf_build build = {.error = error};
    char shown[CONF_SHOWN_SIZE];
    error->text[0] = '\0';
    return conf_fail(&build, 0,
                     "\"%s\" is not expected here; an option begins "
                     "with --, like --port 26380",
                     conf_shown(argument, shown));
}

static char *append(char *out, const char *text)
{
    size_t length = strlen(text);
    memcpy(out, text, length + 1);
    return out + length;
}

/* The option at arguments[0], which others may follow. */
static char *append_option(char *out, int count, char *const *arguments,
                           bool *wants_value)
{
    const char *option = arguments[0] + 2;
    bool is_followed = count > 1 && !is_option(arguments[1]);
    *wants_value = is_name_alone(option);
    out = append(out, option);
    if (strcasecmp(option, "save") == 0 && !is_followed) {
        *wants_value = false;
        out = append(out, " \"\"");
    }
    return out;
}

bool sentinel_conf_options(int count, char *const *arguments, char **lines,
                           struct error *error)
{
    bool wants_value = false;
    size_t size = 1;
    for (int i = 0; i < count; i++) {
        size += strlen(arguments[i]) * 4 + 4;
    }
    if (count > 0 && !is_option(arguments[0])) {
        *lines = NULL;
        return refuse(arguments[0], error);
    }
    char *out = xmalloc(size);
    *out = '\0';
    *lines = out;
    for (int i = 0; i < count; i++) {
        if (is_option(arguments[i]) && !wants_value) {
            out = append(out, i > 0 ? "\n" : "");
            out = append_option(out, count - i, arguments + i, &wants_value);
        } else {
            out = append(out, " ");
            out += conf_words_quote(arguments[i], out);
            wants_value = false;
        }
    }
    return true;
}
