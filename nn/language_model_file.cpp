#include <rill/nn/language_model_file.h>

#include <rill/core/error.h>
#include <rill/core/io/detail/read_file.h>
#include <rill/nn/detail/language_model_json.h>
#include <rill/nn/init.h>

namespace rill::nn {
namespace {

constexpr const char* options_key = "rill.language_model";
constexpr const char* tokenizer_key = "rill.tokenizer";
constexpr const char* notes_key = "rill.notes";

void want_same_size(const Tokenizer& tokenizer, int64_t vocab_size) {
  if (tokenizer.vocab_size() != vocab_size)
    fail<ValueError>("the tokenizer has ", tokenizer.vocab_size(), " tokens, the model ",
                     vocab_size);
}

const std::string& entry(const SafetensorsFile& file, const char* key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end())
    fail<ValueError>("its metadata has no '", key,
                     "', as a file of save_language_model has: read it by load(model, path)");
  return found->second;
}

/// function(), whose errors begin with the key of the entry that it is about.
template <class Function>
auto about(const char* key, const Function& function) {
  try {
    return function();
  } catch (const ValueError& error) {
    fail<ValueError>("'", key, "': ", error.what());
  }
}

template <class Read>
auto read_entry(const SafetensorsFile& file, const char* key, const Read& read) {
  const std::string& text = entry(file, key);
  return about(key, [&] { return read(text); });
}

/// `shape`, where a file has it, explains what a model takes for `what`.
void want_shape(const SafetensorsFile& file, const std::string& name, const Shape& shape,
                const std::string& what) {
  if (!file.contains(name)) fail<ValueError>("its options say ", what, ", but it has no ", name);
  if (file.shape(name) != shape)
    fail<ValueError>("its options say ", what, ", but ", name, " is ", file.shape(name));
}

std::string said(const char* name, int64_t value) {
  return std::string(name) + " " + std::to_string(value);
}

/// Options that would make more than a few times the memory of the file's own tensors are refused
/// before a model is made of them.
void want_explained(const SafetensorsFile& file, const LanguageModelOptions& options) {
  const int64_t width = options.n_embd;
  if (options.vocab_size < 1 || width < 1) return;  // LanguageModel refuses these by name
  want_shape(file, "token_embedding.weight", {options.vocab_size, width},
             said("vocab_size", options.vocab_size) + ", " + said("n_embd", width));
  for (int64_t i = 0; i < options.n_layer; ++i)
    want_shape(file, "blocks." + std::to_string(i) + ".attn.in_proj_weight", {3 * width, width},
               said("n_layer", options.n_layer) + ", " + said("n_embd", width));
  if (options.position == Position::learned)
    want_shape(file, "positions.weight", {options.block_size, width},
               said("block_size", options.block_size));
  constexpr int64_t most_of_a_table = int64_t{1} << 27;
  if (is_sinusoidal(options.position) && options.block_size > most_of_a_table / width)
    fail<ValueError>("its options say ", said("block_size", options.block_size),
                     ", whose sinusoids would have more than ", most_of_a_table, " numbers");
}

/// All but the weights, which are still to be loaded.
SavedLanguageModel described_in(const SafetensorsFile& file) {
  const auto options = read_entry(file, options_key, detail::read_configuration);
  const auto tokenizer = read_entry(file, tokenizer_key, Tokenizer::from_json);
  const auto notes = read_entry(file, notes_key, detail::read_notes);
  want_same_size(tokenizer, options.vocab_size);
  want_explained(file, options);
  const init::SkipGuard weights_come_later;
  const LanguageModel model(options);
  if (file.dtype("token_embedding.weight") == float64) model.to(float64);
  return {model, tokenizer, notes};
}

SavedLanguageModel described(const std::string& path) {
  const SafetensorsFile file(path);
  try {
    return described_in(file);
  } catch (const ValueError& error) {
    fail<Error>("cannot read ", path, ": ", error.what());
  }
}

}  // namespace

void save_language_model(const std::string& path, const LanguageModel& model,
                         const Tokenizer& tokenizer, const LanguageModelNotes& notes) {
  want_same_size(tokenizer, model.options().vocab_size);
  save(model, path,
       {.metadata = {{options_key, detail::configuration_of(model)},
                     {tokenizer_key, tokenizer.to_json()},
                     {notes_key, about(notes_key, [&] { return detail::text_of(notes); })}}});
}

SavedLanguageModel load_language_model(const std::string& path) {
  SavedLanguageModel saved = described(path);
  load(saved.model, path);
  saved.model.eval();
  return saved;
}

std::string SavedLanguageModel::generate(std::string_view prompt,
                                         const GenerateTextOptions& options) const {
  return generate_text(model, tokenizer, prompt, options);
}

}  // namespace rill::nn
