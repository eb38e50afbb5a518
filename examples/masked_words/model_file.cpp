#include "model_file.h"

#include <rill/core/error.h>
#include <rill/nn/init.h>
#include <rill/nn/save.h>
#include <spdlog/fmt/fmt.h>

#include <charconv>

namespace masked_words {
namespace {

constexpr const char* words_key = "masked_words.words";
constexpr const char* heads_key = "masked_words.n_head";

/// No word has a backslash.
std::string escaped(const std::string& word) {
  std::string text;
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 128 ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return text;
}

template <class Number>
Number parsed(std::string_view text, int base) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size())
    rill::fail<rill::ValueError>("'", text, "' stands in place of a number");
  return value;
}

std::string unescaped(std::string_view text) {
  std::string word;
  while (!text.empty()) {
    const bool is_escape = text.starts_with("\\x");
    word += is_escape ? static_cast<char>(parsed<unsigned char>(text.substr(2, 2), 16)) : text[0];
    text.remove_prefix(std::min<size_t>(text.size(), is_escape ? 4 : 1));
  }
  return word;
}

std::string lines_of(const Vocabulary& vocabulary) {
  std::string lines;
  for (int64_t id = special_count; id < vocabulary.size(); ++id)
    lines += escaped(vocabulary.word(id)) + "\n";
  return lines;
}

Vocabulary vocabulary_of(std::string_view lines) {
  std::vector<std::string> words;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    words.push_back(unescaped(line));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
  }
  return Vocabulary(words);
}

const std::string& entry(const rill::SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end())
    rill::fail<rill::ValueError>("its metadata has no '", key, "', as masked_words writes it");
  return found->second;
}

int64_t size_of(const rill::SafetensorsFile& file, const std::string& name, size_t dim) {
  const rill::Shape& shape = file.shape(name);
  if (shape.size() != 2) rill::fail<rill::ValueError>(name, " must be a matrix, found ", shape);
  return shape[dim];
}

/// Layers whose weights are there, so that no model is larger than its file.
int64_t layer_count(const rill::SafetensorsFile& file, int64_t n_embd) {
  for (int64_t i = 0;; ++i) {
    const std::string name = fmt::format("encoder.layers.{}.self_attn.in_proj_weight", i);
    if (!file.contains(name) || size_of(file, name, 0) / 3 != n_embd ||
        size_of(file, name, 1) != n_embd)
      return i;
  }
}

ModelOptions options_of(const rill::SafetensorsFile& file, const Vocabulary& vocabulary) {
  const int64_t n_embd = size_of(file, "embeddings.token.weight", 1);
  if (size_of(file, "embeddings.token.weight", 0) != vocabulary.size())
    rill::fail<rill::ValueError>("it has ", vocabulary.size(), " words, but tokens ",
                                 file.shape("embeddings.token.weight"));
  return {.vocab_size = vocabulary.size(),
          .max_len = size_of(file, "embeddings.position.weight", 0),
          .n_embd = n_embd,
          .n_head = parsed<int64_t>(entry(file, heads_key), 10),
          .n_layer = layer_count(file, n_embd)};
}

/// The weights are still to be loaded.
SavedModel described_in(const rill::SafetensorsFile& file) {
  const Vocabulary vocabulary = vocabulary_of(entry(file, words_key));
  const rill::nn::init::SkipGuard weights_come_later;
  return {MaskedWordModel(options_of(file, vocabulary)), vocabulary};
}

SavedModel described(const std::string& path) {
  const rill::SafetensorsFile file(path);
  try {
    return described_in(file);
  } catch (const rill::ValueError& error) {
    rill::fail<rill::Error>("cannot read ", path, ": ", error.what());
  }
}

}  // namespace

void save_model(const std::string& path, const MaskedWordModel& model,
                const Vocabulary& vocabulary) {
  save(model, path,
       {.metadata = {{words_key, lines_of(vocabulary)},
                     {heads_key, std::to_string(model.options().n_head)}}});
}

SavedModel load_model(const std::string& path) {
  SavedModel saved = described(path);
  load(saved.model, path);
  return saved;
}

}  // namespace masked_words
