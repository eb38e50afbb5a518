#pragma once

#include <string_view>

namespace rill::detail {

/// Takes the next word, within which byte pairs are merged, from the beginning of `rest`, which
/// must not be empty; Tokenizer::byte_pairs tells how words are cut.
std::string_view take_word(std::string_view& rest);

}  // namespace rill::detail
