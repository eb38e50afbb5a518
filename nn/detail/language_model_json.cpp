#include <rill/nn/detail/language_model_json.h>

#include <rill/core/error.h>
#include <rill/nn/detail/json_fields.h>

namespace rill::nn::detail {
namespace {

/// Rises where a file of today would be misunderstood by what reads those before.
constexpr int64_t newest_format = 1;

const Names<Gelu>& gelu_names() {
  static const Names<Gelu> names{{"exact", Gelu::exact}, {"tanh", Gelu::tanh}};
  return names;
}

template <class Fields, class Options>
void visit_options(Fields& fields, Options& options) {
  fields("vocab_size", options.vocab_size);
  fields("block_size", options.block_size);
  fields("n_layer", options.n_layer);
  fields("n_head", options.n_head);
  fields("n_embd", options.n_embd);
  fields("dropout", options.dropout);
  fields("bias", options.bias);
  fields.choice("position", options.position, position_names());
  fields("embedding_scale", options.embedding_scale);
  fields("tie", options.tie);
  fields.choice("gelu", options.gelu, gelu_names());
}

template <class Fields, class Notes>
void visit_notes(Fields& fields, Notes& notes) {
  fields("text", notes.text);
  fields("seed", notes.seed);
  fields("loss", notes.loss);
  fields.bytes("prompt", notes.prompt);
}

bool has_encoding_of_its_own(const LanguageModelOptions& options) {
  return options.encoding.acts_on_input() || options.encoding.acts_on_attention();
}

}  // namespace

std::string configuration_of(const LanguageModel& model) {
  LanguageModelOptions options = model.options();
  if (has_encoding_of_its_own(options))
    fail<ValueError>(
        "save_language_model: the model has an encoding of its own, which a file cannot describe: "
        "write the weights by save(model, path), and read them by load(model, path) into a model "
        "that is made as this one was");
  options.embedding_scale = model.embedding_scale();
  return text_of(options);
}

std::string text_of(const LanguageModelOptions& options) {
  FieldWriter fields;
  fields("format", newest_format);
  visit_options(fields, options);
  return fields.text();
}

std::string text_of(const LanguageModelNotes& notes) {
  FieldWriter fields;
  visit_notes(fields, notes);
  return fields.text();
}

LanguageModelOptions read_configuration(std::string_view json) {
  FieldReader fields(json);
  fields.want_format("format", newest_format);
  int64_t format = newest_format;
  LanguageModelOptions options;
  fields("format", format);
  visit_options(fields, options);
  fields.finish();
  if (format != newest_format)
    fail<ValueError>("its format is ", format, ", which there never was");
  return options;
}

LanguageModelNotes read_notes(std::string_view json) {
  FieldReader fields(json);
  LanguageModelNotes notes;
  visit_notes(fields, notes);
  fields.finish();
  return notes;
}

}  // namespace rill::nn::detail
