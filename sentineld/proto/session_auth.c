/* Who a client is.
 *
 * Every client is the user `default` from its first moment. There is no list
 * of users, so another name never gets in, whatever its password. */
#include <string.h>

#include "command_private.h"
#include "sentineld/memory.h"

bool session_authenticate(struct session *session,
                          const struct session_word *user,
                          const struct session_word *password)
{
    (void)password; /* the default user has none: any will do */
    if (user->length != strlen(SESSION_DEFAULT_USER) ||
        memcmp(user->text, SESSION_DEFAULT_USER, user->length) != 0) {
        return false;
    }
    copy_text(session->user, sizeof(session->user), SESSION_DEFAULT_USER);
    return true;
}

bool session_user_exists(const char *name)
{
    return strcmp(name, SESSION_DEFAULT_USER) == 0;
}
