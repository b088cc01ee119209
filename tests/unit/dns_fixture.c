#include "dns_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER_SIZE = 12,
    MESSAGE_SIZE = 512,
    TYPE_A = 1,
    TYPE_CNAME = 5,
    TYPE_AAAA = 28,
    CODE_OK = 0,
    CODE_SERVFAIL = 2,
    CODE_NO_SUCH_NAME = 3,
};

struct message {
    unsigned char bytes[MESSAGE_SIZE];
    size_t length;
};

struct query {
    char name[HOST_SIZE];
    unsigned type;
    size_t end; /* of the question in the message */
};

static void put_byte(struct message *message, unsigned value)
{
    assert_true(message->length < MESSAGE_SIZE);
    message->bytes[message->length++] = (unsigned char)value;
}

static void put_number(struct message *message, unsigned value)
{
    put_byte(message, value >> 8 & 0xff);
    put_byte(message, value & 0xff);
}

/* "a.b" as labels with their lengths before them. */
static void put_name(struct message *message, const char *name)
{
    while (*name != '\0') {
        size_t length = strcspn(name, ".");
        put_byte(message, (unsigned)length);
        for (size_t i = 0; i < length; i++) {
            put_byte(message, (unsigned char)name[i]);
        }
        name += length + (name[length] == '.' ? 1 : 0);
    }
    put_byte(message, 0);
}

static void parse_query(const struct message *message, struct query *query)
{
    size_t at = HEADER_SIZE;
    size_t length = 0;
    while (at < message->length && message->bytes[at] != 0) {
        size_t label = message->bytes[at++];
        if (length > 0) {
            query->name[length++] = '.';
        }
        memcpy(query->name + length, message->bytes + at, label);
        length += label;
        at += label;
    }
    query->name[length] = '\0';
    query->type =
        (unsigned)message->bytes[at + 1] << 8 | message->bytes[at + 2];
    query->end = at + 5;
}

static struct dns_name *find_name(struct dns_server *server, const char *name)
{
    for (size_t i = 0; i < server->name_count; i++) {
        if (strcasecmp(server->names[i].name, name) == 0) {
            return &server->names[i];
        }
    }
    return NULL;
}

static void put_record_head(struct message *message, const char *name,
                            unsigned type, uint32_t lifetime_s)
{
    put_name(message, name);
    put_number(message, type);
    put_number(message, 1); /* class IN */
    put_number(message, lifetime_s >> 16);
    put_number(message, lifetime_s & 0xffff);
    message->bytes[7]++; /* answers; their number fits one byte */
}

static void put_alias(struct message *message, const struct dns_name *name)
{
    put_record_head(message, name->name, TYPE_CNAME, name->alias_lifetime_s);
    put_number(message, (unsigned)strlen(name->alias) + 2);
    put_name(message, name->alias);
}

static void put_address(struct message *message, const struct dns_name *name,
                        unsigned type)
{
    unsigned char address[16];
    const char *text = type == TYPE_A ? name->ipv4 : name->ipv6;
    size_t size = type == TYPE_A ? 4 : 16;
    const char *owner = name->alias == NULL ? name->name : name->alias;
    assert_int_equal(
        inet_pton(type == TYPE_A ? AF_INET : AF_INET6, text, address), 1);
    put_record_head(message, owner, type, name->lifetime_s);
    put_number(message, (unsigned)size);
    for (size_t i = 0; i < size; i++) {
        put_byte(message, address[i]);
    }
}

static void put_answers(struct dns_server *server, struct message *message,
                        const struct query *query)
{
    static const struct dns_name any = {"", "10.0.0.1", NULL, NULL, 60, 0, 0};
    struct dns_name common = any;
    struct dns_name *name = find_name(server, query->name);
    if (name == NULL && server->accepts_all) {
        common.name = query->name;
        name = &common;
    }
    if (name == NULL) {
        message->bytes[3] |= CODE_NO_SUCH_NAME;
        return;
    }
    name->queries++;
    if (name->alias != NULL) {
        put_alias(message, name);
    }
    if (query->type == TYPE_A ? name->ipv4 != NULL : name->ipv6 != NULL) {
        put_address(message, name, query->type);
    }
}

static void make_reply(struct dns_server *server, struct message *message)
{
    struct query query;
    parse_query(message, &query);
    message->length = query.end;
    message->bytes[2] = 0x84; /* a reply, authoritative */
    message->bytes[3] = CODE_OK;
    memset(message->bytes + 6, 0, 6); /* no records yet */
    switch (server->mood) {
    case DNS_FAILS_IPV4:
        if (query.type != TYPE_A) {
            put_answers(server, message, &query);
            return;
        }
        message->bytes[3] = CODE_SERVFAIL;
        return;
    case DNS_FAILS:
        message->bytes[3] = CODE_SERVFAIL;
        return;
    case DNS_ANSWERS:
        put_answers(server, message, &query);
        return;
    case DNS_GARBAGE:
        message->length = 3;
        return;
    case DNS_SILENT:
        return;
    }
}

static void on_query(struct ev_loop *loop, ev_io *watcher, int events)
{
    (void)loop;
    (void)events;
    struct dns_server *server = watcher->data;
    struct message message;
    struct sockaddr_in from;
    socklen_t size = sizeof(from);
    ssize_t got = recvfrom(server->descriptor, message.bytes, MESSAGE_SIZE, 0,
                           (struct sockaddr *)&from, &size);
    assert_true(got > HEADER_SIZE);
    message.length = (size_t)got;
    server->queries++;
    if (server->mood != DNS_SILENT) {
        make_reply(server, &message);
        (void)sendto(server->descriptor, message.bytes, message.length, 0,
                     (struct sockaddr *)&from, size);
    }
}

void dns_server_start(struct dns_server *server, struct ev_loop *loop,
                      struct dns_name *names, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    memset(server, 0, sizeof(*server));
    server->names = names;
    server->name_count = count;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(
        bind(server->descriptor, (struct sockaddr *)&address, size), 0);
    assert_int_equal(
        getsockname(server->descriptor, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(server->servers, sizeof(server->servers), "127.0.0.1:%d",
                   ntohs(address.sin_port));
    ev_io_init(&server->io, on_query, server->descriptor, EV_READ);
    server->io.data = server;
    ev_io_start(loop, &server->io);
}

void dns_server_stop(struct dns_server *server, struct ev_loop *loop)
{
    ev_io_stop(loop, &server->io);
    assert_int_equal(close(server->descriptor), 0);
}
