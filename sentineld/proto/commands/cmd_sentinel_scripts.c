/* SENTINEL PENDING-SCRIPTS: the scripts that wait or run, in the order in
 * which they were asked for. Numbers are texts, as everywhere in the rows of
 * Sentinel. */
#include "proto/commands/command_private.h"
#include "sentineld/jobs.h"

static void write_words(const struct job *job, struct resp_writer *writer)
{
    resp_string(writer, "argv");
    resp_array(writer, job->word_count);
    for (size_t i = 0; i < job->word_count; i++) {
        resp_string(writer, job->words[i]);
    }
}

static msec since(msec now, msec then)
{
    return now > then ? now - then : 0;
}

/* How long it has been running, or how long it must still wait. */
static void write_time(const struct job *job, msec now,
                       struct resp_writer *writer)
{
    if (job->process_id != 0) {
        resp_string(writer, "run-time");
        resp_number(writer, since(now, job->started_at));
    } else {
        resp_string(writer, "run-delay");
        resp_number(writer, since(job->start_at, now));
    }
}

static void write_job(const struct job *job, msec now,
                      struct resp_writer *writer)
{
    resp_map(writer, 5);
    write_words(job, writer);
    resp_string(writer, "flags");
    resp_string(writer, job->process_id != 0 ? "running" : "scheduled");
    resp_string(writer, "pid");
    resp_number(writer, (uint64_t)job->process_id);
    write_time(job, now, writer);
    resp_string(writer, "retry-num");
    resp_number(writer, job->starts);
}

enum command_next cmd_sentinel_pending_scripts(struct call *call)
{
    const struct jobs *jobs = call->context->jobs;
    const struct job *job;
    if (jobs == NULL) {
        resp_array(call->writer, 0);
        return COMMAND_REPLIED;
    }
    resp_array(call->writer, jobs->count);
    TAILQ_FOREACH (job, &jobs->list, entry) {
        write_job(job, call->context->now, call->writer);
    }
    return COMMAND_REPLIED;
}
