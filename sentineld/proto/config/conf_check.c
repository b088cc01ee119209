/* Is this text fit to be a group's name, or a host?
 *
 * A group's name travels in hello messages between commas, in event texts
 * between blanks, and in files of Redis' between quotes; a name that holds
 * one of these breaks its readers, so it is refused where it is given. What
 * may be a host says host.c. */
#include "config.h"

#include <string.h>

#include "sentineld/info.h"
#include "sentineld/model.h"

const char *conf_name_fault(const char *name)
{
    if (name[0] == '\0') {
        return "is empty";
    }
    if (strlen(name) >= NAME_SIZE) {
        return "is longer than 127 bytes";
    }
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == ' ') {
            return "has a blank";
        }
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return "has a control character";
        }
        if (*c == ',') {
            return "has a comma";
        }
        if (*c == '"' || *c == '\'') {
            return "has a quote";
        }
    }
    return NULL;
}

const char *conf_text_fault(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return "has a control character";
        }
    }
    return NULL;
}

const char *conf_path_fault(const char *path)
{
    const char *fault = conf_text_fault(path);
    if (fault != NULL) {
        return fault;
    }
    return strlen(path) >= SCRIPT_PATH_SIZE ? "is longer than 255 bytes" : NULL;
}

bool conf_allows_host(const struct conf *conf, const char *host)
{
    return conf->settings.resolve_hostnames || host_is_ip(host);
}

const char *conf_host_fault(const char *host)
{
    if (host[0] == '\0') {
        return "is empty";
    }
    if (!host_is_ip(host) && !host_is_name(host)) {
        return "is neither an ip address nor a host name";
    }
    return NULL;
}
