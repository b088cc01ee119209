/* Hello texts: what is accepted is said again byte for byte, so nothing in
 * it was guessed, cut or repaired. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "proto/wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[HELLO_TEXT_SIZE];
    struct hello hello;
    if (!hello_parse((const char *)data, size, &hello)) {
        return 0;
    }
    assert(strlen(hello.run_id) == RUN_ID_LEN);
    assert(hello.sentinel.port != 0 && hello.master.port != 0);
    assert(hello.current_epoch <= EPOCH_MAX);
    assert(hello.config_epoch <= EPOCH_MAX);
    size_t length = hello_format(&hello, text);
    assert(length == size && memcmp(text, data, size) == 0);
    return 0;
}
