/* A main for a fuzz target without libFuzzer: each file that is named is one
 * input. It stops where the target does; the file is printed first, so that
 * the one that did it is the last one said. Makes no input of its own. */
#include <stdint.h>
#include <stdio.h>

#include "sentineld/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 16 * 1024 * 1024 };

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    uint8_t *data = xmalloc(INPUT_MAX);
    size_t size = fread(data, 1, INPUT_MAX, file);
    (void)fclose(file); /* it was only read */
    /* In exactly its size, so that a sanitizer sees one byte too many. */
    data = xrealloc(data, size);
    printf("%s, %zu bytes\n", path, size);
    (void)fflush(stdout); /* before the target may die */
    int result = LLVMFuzzerTestOneInput(data, size);
    free(data);
    return result;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        failed |= replay(argv[i]);
    }
    return failed == 0 ? 0 : 1;
}
