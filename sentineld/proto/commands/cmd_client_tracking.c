/* CLIENT TRACKING and what belongs to it.
 *
 * A supervisor has no keys, so nothing is ever invalidated. But libraries
 * that cache on the client's side switch tracking on for every connection
 * they open, and end the connection on an error; so all of it is noted and
 * told back as Redis does. */
#include <string.h>

#include "proto/commands/command_private.h"
#include "sentineld/memory.h"

/* Bounds of what one client can make us keep. */
enum { PREFIXES_MAX = 16, PREFIX_SIZE = 64 };

struct tracking {
    bool broadcast; /* BCAST */
    bool opt_in;
    bool opt_out;
    bool no_loop;
    bool caching;      /* CLIENT CACHING, for the next command */
    uint64_t redirect; /* 0 = to the client itself */
    char prefixes[PREFIXES_MAX][PREFIX_SIZE];
    size_t prefix_count;
};

void tracking_clear(struct session *session)
{
    free(session->tracking);
    session->tracking = NULL;
}

static bool is_connected(const struct call *call, uint64_t id)
{
    const struct session *session;
    TAILQ_FOREACH (session, &call->context->sessions->sessions, entry) {
        if (session->id == id) {
            return true;
        }
    }
    return false;
}

const char *tracking_letters(const struct session *session)
{
    if (session->tracking == NULL) {
        return "";
    }
    return session->tracking->broadcast ? "tB" : "t";
}

int64_t tracking_redirect(const struct session *session)
{
    return session->tracking == NULL ? -1
                                     : (int64_t)session->tracking->redirect;
}

void tracking_end_command(struct session *session)
{
    if (session->tracking != NULL &&
        strncmp(session->last_command, "client|", strlen("client|")) != 0) {
        session->tracking->caching = false;
    }
}

/* --- TRACKING ------------------------------------------------------------- */

static bool read_redirect(const struct call *call, size_t index,
                          struct tracking *wanted)
{
    int64_t id;
    if (!command_read_integer(call, index, &id)) {
        resp_err(call->writer, "value is not an integer or out of range");
        return false;
    }
    if (wanted->redirect != 0) {
        resp_err(call->writer,
                 "A client can only redirect to a single other client");
        return false;
    }
    if (id <= 0 || !is_connected(call, (uint64_t)id)) {
        resp_err(call->writer,
                 "The client ID you want redirect to does not exist");
        return false;
    }
    wanted->redirect = (uint64_t)id;
    return true;
}

static bool read_prefix(const struct call *call, size_t index,
                        struct tracking *wanted)
{
    size_t length = call->request->lengths[index];
    if (wanted->prefix_count == PREFIXES_MAX || length >= PREFIX_SIZE) {
        resp_err(call->writer, "At most %d prefixes of at most %d bytes",
                 PREFIXES_MAX, PREFIX_SIZE - 1);
        return false;
    }
    copy_text(wanted->prefixes[wanted->prefix_count++], PREFIX_SIZE,
              call->request->argv[index]);
    return true;
}

static bool *find_flag(const struct call *call, size_t index,
                       struct tracking *wanted)
{
    if (command_word_is(call, index, "bcast")) {
        return &wanted->broadcast;
    }
    if (command_word_is(call, index, "optin")) {
        return &wanted->opt_in;
    }
    if (command_word_is(call, index, "optout")) {
        return &wanted->opt_out;
    }
    if (command_word_is(call, index, "noloop")) {
        return &wanted->no_loop;
    }
    return NULL;
}

static bool read_options(const struct call *call, struct tracking *wanted)
{
    size_t argc = call->request->argc;
    for (size_t i = 3; i < argc; i++) {
        bool *flag = find_flag(call, i, wanted);
        bool more = i + 1 < argc;
        if (flag != NULL) {
            *flag = true;
        } else if (command_word_is(call, i, "redirect") && more) {
            i++;
            if (!read_redirect(call, i, wanted)) {
                return false;
            }
        } else if (command_word_is(call, i, "prefix") && more) {
            i++;
            if (!read_prefix(call, i, wanted)) {
                return false;
            }
        } else {
            resp_err(call->writer, "syntax error");
            return false;
        }
    }
    return true;
}

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* Two prefixes overlap when one begins with the other. */
static bool prefixes_overlap(const struct call *call,
                             const struct tracking *wanted)
{
    for (size_t i = 0; i < wanted->prefix_count; i++) {
        for (size_t j = i + 1; j < wanted->prefix_count; j++) {
            const char *one = wanted->prefixes[i];
            const char *other = wanted->prefixes[j];
            if (begins_with(one, other) || begins_with(other, one)) {
                resp_err(call->writer,
                         "Prefix '%s' overlaps with another provided prefix "
                         "'%s'. Prefixes for a single client must not "
                         "overlap.",
                         one, other);
                return true;
            }
        }
    }
    return false;
}

/* What is wrong with this together, or with it after what was said before;
 * NULL = nothing. */
static const char *find_contradiction(const struct tracking *before,
                                      const struct tracking *wanted)
{
    if (wanted->prefix_count > 0 && !wanted->broadcast) {
        return "PREFIX option requires BCAST mode to be enabled";
    }
    if (before != NULL && before->broadcast != wanted->broadcast) {
        return "You can't switch BCAST mode on/off before disabling tracking "
               "for this client, and then re-enabling it with a different "
               "mode.";
    }
    if (wanted->broadcast && (wanted->opt_in || wanted->opt_out)) {
        return "OPTIN and OPTOUT are not compatible with BCAST";
    }
    if (wanted->opt_in && wanted->opt_out) {
        return "You can't specify both OPTIN mode and OPTOUT mode";
    }
    if (before != NULL && ((before->opt_in && wanted->opt_out) ||
                           (before->opt_out && wanted->opt_in))) {
        return "You can't switch OPTIN/OPTOUT mode before disabling tracking "
               "for this client, and then re-enabling it with a different "
               "mode.";
    }
    return NULL;
}

static void track(const struct call *call)
{
    struct session *session = call->session;
    struct tracking wanted = {.broadcast = false};
    if (!read_options(call, &wanted)) {
        return;
    }
    const char *contradiction = find_contradiction(session->tracking, &wanted);
    if (contradiction != NULL) {
        resp_err(call->writer, "%s", contradiction);
        return;
    }
    if (prefixes_overlap(call, &wanted)) {
        return;
    }
    if (session->tracking == NULL) {
        session->tracking = xcalloc(1, sizeof(*session->tracking));
    }
    *session->tracking = wanted;
    resp_status(call->writer, "OK");
}

enum command_next cmd_client_tracking(struct call *call)
{
    struct tracking ignored = {.broadcast = false};
    if (command_word_is(call, 2, "on")) {
        track(call);
    } else if (!command_word_is(call, 2, "off")) {
        resp_err(call->writer, "syntax error");
    } else if (read_options(call, &ignored)) {
        tracking_clear(call->session);
        resp_status(call->writer, "OK");
    }
    return COMMAND_REPLIED;
}

/* --- CACHING, GETREDIR, TRACKINGINFO -------------------------------------- */

enum command_next cmd_client_caching(struct call *call)
{
    struct tracking *tracking = call->session->tracking;
    bool yes = command_word_is(call, 2, "yes");
    bool no = command_word_is(call, 2, "no");
    if (tracking == NULL || (!tracking->opt_in && !tracking->opt_out)) {
        resp_err(call->writer,
                 "CLIENT CACHING can be called only when the client is in "
                 "tracking mode with OPTIN or OPTOUT mode enabled");
    } else if (yes && !tracking->opt_in) {
        resp_err(call->writer, "CLIENT CACHING YES is only valid when tracking "
                               "is enabled in OPTIN mode.");
    } else if (no && !tracking->opt_out) {
        resp_err(call->writer, "CLIENT CACHING NO is only valid when tracking "
                               "is enabled in OPTOUT mode.");
    } else if (!yes && !no) {
        resp_err(call->writer, "syntax error");
    } else {
        tracking->caching = true;
        resp_status(call->writer, "OK");
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_client_getredir(struct call *call)
{
    resp_integer(call->writer, tracking_redirect(call->session));
    return COMMAND_REPLIED;
}

/* What was said, in the order in which Redis tells it. */
static void write_flags(const struct call *call)
{
    const struct tracking *tracking = call->session->tracking;
    const struct tracking none = {.broadcast = false};
    const struct tracking *all = tracking == NULL ? &none : tracking;
    bool broken = all->redirect != 0 && !is_connected(call, all->redirect);
    const struct {
        bool set;
        const char *name;
    } flags[] = {
        {tracking == NULL, "off"},
        {tracking != NULL, "on"},
        {all->broadcast, "bcast"},
        {all->opt_in, "optin"},
        {all->opt_in && all->caching, "caching-yes"},
        {all->opt_out, "optout"},
        {all->opt_out && all->caching, "caching-no"},
        {all->no_loop, "noloop"},
        {broken, "broken_redirect"},
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        count += flags[i].set ? 1 : 0;
    }
    resp_set(call->writer, count);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (flags[i].set) {
            resp_string(call->writer, flags[i].name);
        }
    }
}

enum command_next cmd_client_trackinginfo(struct call *call)
{
    const struct tracking *tracking = call->session->tracking;
    size_t prefixes = tracking == NULL ? 0 : tracking->prefix_count;
    resp_map(call->writer, 3);
    resp_string(call->writer, "flags");
    write_flags(call);
    resp_string(call->writer, "redirect");
    resp_integer(call->writer, tracking_redirect(call->session));
    resp_string(call->writer, "prefixes");
    /* All keys are one prefix, the empty one. */
    bool all = tracking != NULL && tracking->broadcast && prefixes == 0;
    resp_array(call->writer, all ? 1 : prefixes);
    if (all) {
        resp_string(call->writer, "");
    }
    for (size_t i = 0; i < prefixes; i++) {
        resp_string(call->writer, tracking->prefixes[i]);
    }
    return COMMAND_REPLIED;
}
