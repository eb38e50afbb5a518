#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rill/core/text/tokenizer.h>

namespace rill {

/// tokenizer.encode(text), where `text` is that of the file at `path` or a part of it. The ids are
/// kept in a file beside it, .NAME.HASH.tokens, and read from there the next time. HASH stands for
/// text and tokenizer, so that a change of either makes another file; one that is damaged, or of
/// another text, is made anew. Only those may read it who may read the text. A folder that cannot
/// be written to is no error: then nothing is kept.
///
/// Text, tokenizer and ids are known by their FNV-1a hashes of 64 bits and their lengths: enough
/// against accidents, not against somebody who writes a file to deceive. Pays for byte_pairs and
/// texts of many megabytes; bytes are encoded faster than they are read. Delete the files at will.
std::vector<int64_t> encode_cached(const Tokenizer& tokenizer, std::string_view text,
                                   const std::string& path);

/// encode_cached of a whole file. Throws Error, with the reason, where it cannot be read.
std::vector<int64_t> encode_file(const Tokenizer& tokenizer, const std::string& path);

}  // namespace rill
