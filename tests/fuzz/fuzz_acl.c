/* Access rules: whatever words are accepted, the description of the user
 * gives the same user again, both by words and as a line of a file.
 *
 * Words are parted by line ends here, so that they may hold blanks, and an
 * empty line parts one ACL SETUSER from the next. Each of them goes to two
 * users: one lives on, the other is read back from his stored text before
 * each, as after a restart. They must fare the same.
 *
 * Behind a first byte 0xff the bytes stand for pieces of rules, since bytes at
 * random seldom make a rule. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/acl.h"
#include "sentineld/buffer.h"

enum { WORDS_MAX = 64, PIECES_FOLLOW = 0xff, TEXT_BYTES_MAX = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const pieces[] = {
    "\n",
    "\n\n",
    " ",
    "on",
    "off",
    "reset",
    "nopass",
    ">pw",
    "<pw",
    "resetpass",
    "~",
    "%R~",
    "%W~",
    "%RW~",
    "*",
    "a",
    "foo",
    "allkeys",
    "resetkeys",
    "&",
    "(",
    ")",
    "+",
    "-",
    "@all",
    "@admin",
    "ping",
    "sentinel",
    "|",
    "sentinel|set",
    "set",
    "PING",
    "client",
    "id",
    "allchannels",
    "#",
    "!",
    "allcommands",
    "nocommands",
    "resetchannels",
    "clearselectors",
    "sanitize-payload",
    "skip-sanitize-payload",
    "publish",
};

/* The text that the bytes stand for. */
static struct buffer spell(const uint8_t *data, size_t size)
{
    struct buffer out;
    buffer_init(&out, TEXT_BYTES_MAX);
    bool by_pieces = size > 0 && data[0] == PIECES_FOLLOW;
    for (size_t i = by_pieces ? 1 : 0; i < size; i++) {
        bool is_piece =
            by_pieces && data[i] < sizeof(pieces) / sizeof(pieces[0]);
        if (is_piece) {
            (void)buffer_printf(&out, "%s", pieces[data[i]]);
        } else {
            (void)buffer_append(&out, &data[i], 1);
        }
    }
    return out;
}

static struct buffer describe(const struct acl *acl)
{
    struct buffer out;
    const struct acl_user *user = acl_find(acl, "a", 1);
    buffer_init(&out, SIZE_MAX);
    if (user != NULL) {
        acl_describe_user(user, &out);
    }
    (void)buffer_append(&out, "", 1);
    return out;
}

static void assert_same(const struct acl *one, const struct acl *other)
{
    struct buffer first = describe(one);
    struct buffer second = describe(other);
    assert(strcmp(first.data, second.data) == 0);
    buffer_clear(&first);
    buffer_clear(&second);
}

/* The same user as he is after a restart. */
static struct acl *load_saved(const struct acl *acl)
{
    struct acl *again = acl_new();
    struct buffer stored = describe(acl);
    struct error error;
    if (stored.data[0] != '\0') {
        bool put = acl_put_user(again, "a", stored.data, &error);
        assert(put);
    }
    buffer_clear(&stored);
    return again;
}

/* ... and after ACL SAVE and ACL LOAD. */
static void check_file(const struct acl *acl)
{
    struct acl *again = acl_new();
    struct buffer complaint;
    struct buffer file;
    buffer_init(&complaint, 1 << 20);
    buffer_init(&file, SIZE_MAX);
    acl_write_file(acl, &file);
    (void)buffer_append(&file, "", 1);
    bool ok = acl_parse_file(again, file.data, "f", &complaint);
    assert(ok);
    assert_same(acl, again);
    buffer_clear(&file);
    buffer_clear(&complaint);
    acl_free(again);
}

static void set_both(struct acl *acl, const struct acl_words *words)
{
    struct acl *twin = load_saved(acl);
    struct acl_change change = {0};
    struct acl_change twins = {0};
    struct error error;
    bool ok = acl_set_user(acl, "a", words, &change, &error);
    bool is_same = acl_set_user(twin, "a", words, &twins, &error) == ok;
    assert(is_same);
    assert_same(acl, twin);
    check_file(acl);
    acl_undo(twin, &twins);
    acl_change_clear(&change);
    acl_change_clear(&twins);
    acl_free(twin);
}

/* One word, up to the end of its line. */
static struct acl_word take_word(const struct buffer *text, size_t *at)
{
    struct acl_word word = {text->data + *at, 0};
    while (*at + word.length < text->length && word.text[word.length] != '\n') {
        word.length++;
    }
    *at += word.length + 1;
    return word;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acl_word words[WORDS_MAX];
    struct buffer text = spell(data, size);
    struct acl *acl = acl_new();
    size_t count = 0;
    for (size_t at = 0; at < text.length;) {
        words[count] = take_word(&text, &at);
        bool is_end = words[count].length == 0;
        count += is_end ? 0 : 1;
        if (is_end || count == WORDS_MAX || at >= text.length) {
            set_both(acl, &(struct acl_words){count, words});
            count = 0;
        }
    }
    acl_free(acl);
    buffer_clear(&text);
    return 0;
}
