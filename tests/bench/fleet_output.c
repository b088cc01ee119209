/* Bytes to clients: collected, sent when a batch is done, and the rest when
 * the socket takes more. */
#define _GNU_SOURCE
#include "fleet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

void fleet_put(struct client *client, const char *data, size_t length)
{
    size_t needed = client->output_length + length;
    if (needed > client->output_capacity) {
        client->output_capacity = 2 * needed;
        client->output = realloc(client->output, client->output_capacity);
        if (client->output == NULL) {
            fleet_fail("realloc");
        }
    }
    memcpy(client->output + client->output_length, data, length);
    client->output_length = needed;
}

void fleet_put_text(struct client *client, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fleet_put(client, text, (size_t)length);
}

void fleet_put_bulk(struct client *client, const char *data, size_t length)
{
    fleet_put_text(client, "$%zu\r\n", length);
    fleet_put(client, data, length);
    fleet_put(client, "\r\n", 2);
}

void fleet_flush(struct client *client)
{
    size_t sent = 0;
    while (sent < client->output_length) {
        ssize_t count = write(client->source.descriptor, client->output + sent,
                              client->output_length - sent);
        if (count <= 0) {
            break;
        }
        sent += (size_t)count;
    }
    fleet.bytes_out += sent;
    client->output_length -= sent;
    if (client->output_length > 0) {
        memmove(client->output, client->output + sent, client->output_length);
    }
    struct epoll_event event = {
        .events = EPOLLIN | (client->output_length > 0 ? EPOLLOUT : 0),
        .data.ptr = &client->source};
    epoll_ctl(fleet.epoll, EPOLL_CTL_MOD, client->source.descriptor, &event);
}
