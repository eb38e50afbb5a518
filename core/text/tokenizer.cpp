#include <rill/core/text/tokenizer.h>

#include <numbers>
#include <numeric>

#include <rill/core/error.h>
#include <rill/core/option.h>
#include <rill/core/text/detail/tokenizer_model.h>

namespace rill {

Tokenizer::Tokenizer(std::shared_ptr<const detail::TokenizerModel> model) : model_(model) {}

Tokenizer Tokenizer::bytes(std::string_view text) { return Tokenizer(detail::byte_tokens(text)); }

Tokenizer Tokenizer::bytes() {
  std::string all(256, '\0');
  std::iota(all.begin(), all.end(), '\0');
  return bytes(all);
}

Tokenizer Tokenizer::characters(std::string_view text) {
  return Tokenizer(detail::character_tokens(text));
}

Tokenizer Tokenizer::byte_pairs(std::string_view text, int64_t vocab_size) {
  return Tokenizer(detail::byte_pair_tokens(text, vocab_size));
}

std::vector<int64_t> Tokenizer::encode(std::string_view text) const { return model_->encode(text); }

std::string Tokenizer::decode(const std::vector<int64_t>& ids) const {
  std::string text;
  const auto size = static_cast<size_t>(vocab_size());
  for (const int64_t id : ids) {
    detail::want_index("token", id, size);
    model_->append(id, text);
  }
  return text;
}

std::string Tokenizer::decode(int64_t id) const { return decode(std::vector<int64_t>{id}); }

int64_t Tokenizer::vocab_size() const { return model_->vocab_size(); }

std::string_view Tokenizer::kind() const { return model_->kind(); }

bool operator==(const Tokenizer& a, const Tokenizer& b) {
  return a.model_ == b.model_ || (a.kind() == b.kind() && a.model_->lists() == b.model_->lists());
}

double bits_per_byte(double nats_per_token, int64_t tokens, int64_t bytes) {
  if (tokens <= 0 || bytes <= 0)
    fail<ValueError>("bits_per_byte: there must be tokens and bytes, found ", tokens, " and ",
                     bytes);
  const double tokens_per_byte = static_cast<double>(tokens) / static_cast<double>(bytes);
  return nats_per_token * tokens_per_byte / std::numbers::ln2;
}

}  // namespace rill
