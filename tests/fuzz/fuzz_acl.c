/* Access rules: whatever words are accepted, the description of the user
 * gives the same user again, both by words and as a line of a file. Words are
 * parted by line ends here, so that they may hold blanks. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/acl.h"

enum { WORDS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t split(const char *text, size_t length,
                    struct acl_word words[WORDS_MAX])
{
    size_t count = 0;
    size_t begin = 0;
    for (size_t i = 0; i <= length && count < WORDS_MAX; i++) {
        if (i == length || text[i] == '\n') {
            words[count++] = (struct acl_word){text + begin, i - begin};
            begin = i + 1;
        }
    }
    return count;
}

static struct buffer describe(const struct acl *acl, const char *name)
{
    struct buffer out;
    buffer_init(&out, SIZE_MAX);
    acl_describe_user(acl_find(acl, name, strlen(name)), &out);
    (void)buffer_append(&out, "", 1);
    return out;
}

static struct buffer write_file(const struct acl *acl)
{
    struct buffer out;
    buffer_init(&out, SIZE_MAX);
    acl_write_file(acl, &out);
    (void)buffer_append(&out, "", 1);
    return out;
}

static void check_file(const struct acl *acl)
{
    struct acl *again = acl_new();
    struct buffer complaint;
    buffer_init(&complaint, 1 << 20);
    struct buffer first = write_file(acl);
    bool ok = acl_parse_file(again, first.data, "f", &complaint);
    assert(ok);
    struct buffer second = write_file(again);
    assert(strcmp(first.data, second.data) == 0);
    buffer_clear(&first);
    buffer_clear(&second);
    buffer_clear(&complaint);
    acl_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acl_word words[WORDS_MAX];
    struct acl *acl = acl_new();
    struct acl_change change = {0};
    struct error error;
    const struct acl_words all = {split((const char *)data, size, words),
                                  words};
    if (acl_set_user(acl, "a", &all, &change, &error)) {
        struct buffer first = describe(acl, "a");
        bool put = acl_put_user(acl, "b", first.data, &error);
        assert(put);
        struct buffer second = describe(acl, "b");
        assert(strcmp(first.data, second.data) == 0);
        buffer_clear(&first);
        buffer_clear(&second);
        check_file(acl);
    }
    acl_change_clear(&change);
    acl_free(acl);
    return 0;
}
