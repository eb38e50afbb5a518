// Any bytes as the JSON of a tokenizer: refused by a ValueError, or a tokenizer that keeps its
// promises. (The bytes serve as text too.)
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <rill/core/error.h>
#include <rill/core/text/tokenizer.h>

namespace {

void want(bool holds) {
  if (!holds) std::abort();
}

void want_round_trip(const rill::Tokenizer& tokenizer, std::string_view text) {
  try {
    want(tokenizer.decode(tokenizer.encode(text)) == text);
  } catch (const rill::ValueError&) {
    want(tokenizer.kind() != "byte_pairs");  // which refuses nothing
  }
}

void want_each_token(const rill::Tokenizer& tokenizer) {
  const int64_t size = tokenizer.vocab_size();
  for (int64_t id = 0; id < size && id < 300; ++id) want(!tokenizer.decode(id).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const rill::Tokenizer tokenizer = rill::Tokenizer::from_json(bytes);
    want(rill::Tokenizer::from_json(tokenizer.to_json()) == tokenizer);
    want_each_token(tokenizer);
    want_round_trip(tokenizer, bytes);
  } catch (const rill::ValueError&) {
  }
  want_round_trip(rill::Tokenizer::bytes(bytes), bytes);
  want_round_trip(rill::Tokenizer::characters(bytes), bytes);
  return 0;
}
