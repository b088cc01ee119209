/* A password that the configuration gives as a file's name: the first line of
 * that file, which is never shown. */
#include "proto/config/config.h"

#include <string.h>

#include "sentineld/memory.h"
#include "sentineld/secret.h"

bool conf_read_secret(struct conf_build *build,
                      const struct conf_secret_file *file,
                      char secret[SECRET_SIZE])
{
    char text[SECRET_SIZE + 2];
    char shown[CONF_SHOWN_SIZE];
    struct error said = {""};
    conf_shown(file->path, shown);
    if (!file->read_file(file->path, text, sizeof(text), &said)) {
        return conf_fail(build, file->line, "%s%s %s cannot be read: %.200s",
                         build->prefix, file->key, shown, said.text);
    }
    if (said.text[0] != '\0') {
        conf_warn(build, file->line, "%s%s %s %.100s", build->prefix, file->key,
                  shown, said.text);
    }
    text[strcspn(text, "\r\n")] = '\0';
    if (text[0] == '\0') {
        return conf_fail(build, file->line,
                         "%s%s %s has an empty first line; it must be the "
                         "password",
                         build->prefix, file->key, shown);
    }
    if (strlen(text) >= SECRET_SIZE) {
        return conf_fail(build, file->line,
                         "the first line of %s%s %s is too long; a password "
                         "has at most %d bytes",
                         build->prefix, file->key, shown, SECRET_SIZE - 1);
    }
    copy_text(secret, SECRET_SIZE, text);
    secret_wipe(text, sizeof(text));
    return true;
}
