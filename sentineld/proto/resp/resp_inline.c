/* A line that a person typed as a request. Words are unescaped where they lie:
 * none becomes longer by it. */
#include "proto/resp/resp_private.h"
#include "proto/text/text.h"

bool resp_split_inline(struct resp_reader *reader, const struct resp_line *line,
                       bool *too_many)
{
    struct text_splitter split = {line->text, line->text + line->length,
                                  line->text, false};
    while (!text_at_end(&split)) {
        size_t start = (size_t)(split.at - resp_input(reader));
        char *word = line->text + (split.at - line->text);
        split.out = word;
        if (!text_take_word(&split)) {
            return false;
        }
        if (!resp_add_argument(reader, start, (size_t)(split.out - word))) {
            *too_many = true;
            return false;
        }
    }
    return true;
}
