/* Statements about names: what is announced, where a name leads, and whether
 * lookups work. */
#include "names.h"
#include "script.h"
#include "sentineld/memory.h"
#include "sim.h"

static bool announce(struct script *script, struct sentinel *sentinel,
                     bool names)
{
    sentinel->announces_ips = !names;
    if (sentinel->core == NULL) {
        return true;
    }
    struct admin admin = {.type = ADMIN_CONFIG,
                          .daemon = names_settings(sentinel)};
    node_admin(script->sim, sentinel, &admin);
    return true;
}

bool script_older(struct script *script)
{
    struct process *process = sim_find_process(script->sim, script->words[1]);
    if (process == NULL || process->sentinel == NULL) {
        return script_fail(script, "no sentinel %s", script->words[1]);
    }
    process->sentinel->is_older = true;
    return true;
}

bool script_names(struct script *script)
{
    struct process *process = sim_find_process(script->sim, script->words[1]);
    const char *what = script->words[2];
    if (process == NULL) {
        return script_fail(script, "nobody is called %s", script->words[1]);
    }
    if (strcmp(what, "moved") == 0 && process->state == PROCESS_DEAD) {
        names_move(script->sim, process);
        return true;
    }
    if (process->sentinel == NULL) {
        return script_fail(script, "%s of a server, or of one that runs?",
                           what);
    }
    transcript_note(script->sim, "names %s %s", process->name, what);
    if (strcmp(what, "announced") == 0 || strcmp(what, "hidden") == 0) {
        return announce(script, process->sentinel,
                        strcmp(what, "announced") == 0);
    }
    process->sentinel->looks_up_nothing = strcmp(what, "lost") == 0;
    return process->sentinel->looks_up_nothing || strcmp(what, "found") == 0 ||
           script_fail(script, "names: %s?", what);
}
