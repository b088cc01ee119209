/* The main of a fuzz target without a fuzzer: gives it every file that is
 * named, and every file of every directory that is named. So what a fuzzer
 * once found stays a test, on any compiler. A finding ends the process, as it
 * would under the fuzzer; the file's name is then the last one printed. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sentineld/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH_SIZE = 4096 };

static uint8_t *read_whole(FILE *file, size_t *size)
{
    size_t room = 4096;
    uint8_t *data = xmalloc(room);
    size_t got;
    *size = 0;
    while ((got = fread(data + *size, 1, room - *size, file)) > 0) {
        *size += got;
        if (*size == room) {
            room *= 2;
            data = xrealloc(data, room);
        }
    }
    return data;
}

static bool replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    size_t size;
    uint8_t *found = read_whole(file, &size);
    bool is_read = ferror(file) == 0;
    (void)fclose(file);
    if (is_read) {
        /* a copy of exactly that size: reading beyond it is then seen */
        uint8_t *data = xmalloc(size);
        memcpy(data, found, size);
        printf("%s\n", path);
        (void)fflush(stdout);
        (void)LLVMFuzzerTestOneInput(data, size);
        free(data);
    } else {
        perror(path);
    }
    free(found);
    return is_read;
}

static bool replay_directory(DIR *directory, const char *path)
{
    char name[PATH_SIZE];
    bool all_read = true;
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        struct stat status;
        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (stat(name, &status) == 0 && S_ISREG(status.st_mode)) {
            all_read = replay_file(name) && all_read;
        }
    }
    return all_read;
}

int main(int argc, char **argv)
{
    bool all_read = true;
    for (int i = 1; i < argc; i++) {
        DIR *directory = opendir(argv[i]);
        if (directory == NULL) {
            all_read = replay_file(argv[i]) && all_read;
            continue;
        }
        all_read = replay_directory(directory, argv[i]) && all_read;
        (void)closedir(directory);
    }
    return all_read ? 0 : 1;
}
