#include <rill/nn/language_model_file.h>

#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/ops.h>
#include <rill/nn/positions/alibi.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::nn {
namespace {

using testing::expect_error;
using testing::message_of;

const Tokenizer letters = Tokenizer::characters("abcdefghij\n");

LanguageModelOptions small() {
  return {.vocab_size = 11, .block_size = 8, .n_layer = 2, .n_head = 2, .n_embd = 8};
}

class LanguageModelFile : public testing::OwnFolder {
 protected:
  std::string file() const { return path("model.safetensors"); }

  /// A file with one of its entries changed: `from` in it becomes `to`, or all where empty.
  void change(const std::string& key, const std::string& from, const std::string& to) const {
    save_language_model(file(), LanguageModel(small()), letters);
    Metadata metadata = SafetensorsFile(file()).metadata();
    std::string& entry = metadata.at(key);
    const size_t at = from.empty() ? 0 : entry.find(from);
    ASSERT_NE(at, std::string::npos) << from << " is not in " << entry;
    entry.replace(at, from.empty() ? entry.size() : from.size(), to);
    save_safetensors(file(), load_safetensors(file()), {.metadata = metadata});
  }
  void expect_refused(const std::vector<std::string>& parts) const {
    expect_error<Error>([&] { load_language_model(file()); }, parts);
    expect_error<Error>([&] { load_language_model(file()); }, {file()});
  }
  void expect_refused_options(const std::string& from, const std::string& to,
                              const std::vector<std::string>& parts) const {
    change("rill.language_model", from, to);
    expect_refused(parts);
  }
};

/// The logits of all letters in a row.
std::vector<double> logits_of(const LanguageModel& model) {
  const EvalGuard evaluating(model);
  return model(arange(8)).to_vector<double>();
}

TEST_F(LanguageModelFile, EachOptionComesBackAndGivesTheSameLogits) {
  std::vector<LanguageModelOptions> all(6, small());
  all[1].bias = false;
  all[2].tie = false;
  all[3].gelu = Gelu::exact;
  all[4].embedding_scale = 2.5;
  all[5].dropout = 0.25;
  for (const auto& [name, position] : position_names()) {
    all.push_back(small());
    all.back().position = position;
  }
  for (const LanguageModelOptions& options : all) {
    const LanguageModel model(options);
    save_language_model(file(), model, letters);
    const SavedLanguageModel saved = load_language_model(file());
    const LanguageModelOptions& read = saved.model.options();
    EXPECT_EQ(logits_of(saved.model), logits_of(model)) << name_of(options.position);
    EXPECT_EQ(saved.model.embedding_scale(), model.embedding_scale());
    EXPECT_EQ(read.position, options.position);
    EXPECT_EQ(read.dropout, options.dropout);
    EXPECT_EQ(read.bias, options.bias);
    EXPECT_EQ(read.tie, options.tie);
    EXPECT_EQ(read.gelu, options.gelu);
    EXPECT_EQ(read.n_head, 2);
  }
}

TEST_F(LanguageModelFile, TokenizerAndNotesComeBackWithBytesOfAnyKindInThePrompt) {
  const Tokenizer tokenizer = Tokenizer::byte_pairs("the cat and the hat", 260);
  LanguageModelOptions options = small();
  options.vocab_size = tokenizer.vocab_size();
  save_language_model(file(), LanguageModel(options), tokenizer,
                      {.text = "verses \"of\" \xff.txt",
                       .seed = 1337,
                       .loss = 1.4701234567890123,
                       .prompt = std::string("\n\0\xff\xc3", 4)});
  const SavedLanguageModel saved = load_language_model(file());
  EXPECT_EQ(saved.tokenizer, tokenizer);
  EXPECT_EQ(saved.notes.text, "verses \"of\" \xef\xbf\xbd.txt");
  EXPECT_EQ(saved.notes.seed, 1337);
  EXPECT_EQ(saved.notes.loss, 1.4701234567890123);
  EXPECT_EQ(saved.notes.prompt, std::string("\n\0\xff\xc3", 4));
}

TEST_F(LanguageModelFile, NotesMayBeLeftOutAndALossThatIsNotFiniteIs) {
  save_language_model(file(), LanguageModel(small()), letters, {.loss = std::nan("")});
  const LanguageModelNotes notes = load_language_model(file()).notes;
  EXPECT_EQ(notes.text, "");
  EXPECT_FALSE(notes.seed);
  EXPECT_FALSE(notes.loss);
}

TEST_F(LanguageModelFile, WritesTheSameTextAsTheModelThatWasSaved) {
  const LanguageModel model(small());
  save_language_model(file(), model, letters);
  Generator generator(2), same(2);
  const std::string text = generate_text(model, letters, "abc", {.generator = &generator});
  EXPECT_EQ(load_language_model(file()).generate("abc", {.generator = &same}), text);
  EXPECT_EQ(text.size(), 503u);
}

TEST_F(LanguageModelFile, LoadsInEvaluationModeAndDrawsNoRandomNumbers) {
  LanguageModelOptions options = small();
  options.dropout = 0.5;
  save_language_model(file(), LanguageModel(options), letters);
  manual_seed(4);
  const SavedLanguageModel saved = load_language_model(file());
  EXPECT_FALSE(saved.model.is_training());
  EXPECT_EQ(default_generator().offset(), 0u);
  EXPECT_EQ(saved.model(arange(8)).to_vector(), saved.model(arange(8)).to_vector());
}

TEST_F(LanguageModelFile, AModelInDoubleStaysInDouble) {
  const LanguageModel model(small());
  model.to(float64);
  save_language_model(file(), model, letters);
  EXPECT_EQ(logits_of(load_language_model(file()).model), logits_of(model));
}

TEST_F(LanguageModelFile, IsAnOrdinaryFileOfWeightsToo) {
  const LanguageModel model(small()), other(small());
  save_language_model(file(), model, letters);
  load(other, file());
  EXPECT_EQ(logits_of(other), logits_of(model));
}

TEST_F(LanguageModelFile, AnEncodingOfOnesOwnCannotBeSaved) {
  LanguageModelOptions options = small();
  options.encoding = ALiBi(2);
  expect_error<ValueError>([&] { save_language_model(file(), LanguageModel(options), letters); },
                           {"encoding of its own", "save(model, path)", "load(model, path)"});
  EXPECT_EQ(file_count(), 0);
}

TEST_F(LanguageModelFile, ATokenizerOfAnotherSizeIsRefused) {
  expect_error<ValueError>(
      [&] { save_language_model(file(), LanguageModel(small()), Tokenizer::bytes("ab")); },
      {"2 tokens", "11"});
  change("rill.tokenizer", "", Tokenizer::bytes("ab").to_json());
  expect_refused({"2 tokens", "11"});
}

TEST_F(LanguageModelFile, WeightsAloneAreRefusedWithWhatToDo) {
  save(LanguageModel(small()), file());
  expect_refused({"no 'rill.language_model'", "load(model, path)"});
}

TEST_F(LanguageModelFile, ANewerFormatIsNamedBeforeItsFields) {
  expect_refused_options("\"format\":1", "\"format\":2,\"n_expert\":8",
                         {"format is 2", "up to 1", "newer rill"});
  EXPECT_EQ(message_of<Error>([&] { load_language_model(file()); }).find("n_expert"),
            std::string::npos);
  expect_refused_options("\"format\":1", "\"format\":0", {"format is 0"});
}

TEST_F(LanguageModelFile, AllThatIsWrongWithTheFieldsIsToldAtOnce) {
  change("rill.language_model", "", R"({"format": 1, "vocab_size": "11", "block_size": 8.5,
    "n_layer": 99999999999999999999, "n_head": true, "n_head": 2, "bias": 1, "dropout": null,
    "position": "sideways", "embedding_scale": [[]], "gelu": {"a": 1}, "heads": 3})");
  expect_refused({"'rill.language_model'", "missing: n_embd, tie", "unknown: 'heads'",
                  "there twice: 'n_head'", "vocab_size must be a whole number, found '11'",
                  "block_size must be a whole number, found 8.5", "n_layer must be a whole number",
                  "bias must be true or false, found 1", "dropout must be a number, found null",
                  "position must be one of none, sinusoidal,", "found 'sideways'",
                  "embedding_scale must be a number, found a list",
                  "gelu must be one of exact, tanh, found an object"});
}

TEST_F(LanguageModelFile, NotesAreReadAsStrictly) {
  change("rill.notes", "", R"({"text": 1, "seed": "x", "loss": [], "prompt": [10, 256]})");
  expect_refused({"'rill.notes'", "text must be a text, found 1",
                  "seed must be a whole number, found 'x'", "loss must be a number, found a list",
                  "prompt must be a list of bytes, found a list"});
}

TEST_F(LanguageModelFile, NotesTooLongToBeReadAreNotWritten) {
  const LanguageModel model(small());
  const std::string most(900'000, 'x');
  save_language_model(file(), model, letters, {.text = most});
  EXPECT_EQ(load_language_model(file()).notes.text, most);
  expect_error<ValueError>(
      [&] { save_language_model(file(), model, letters, {.text = most + most}); },
      {"'rill.notes'", "more than the 1048576", "shorten it"});
  EXPECT_EQ(load_language_model(file()).notes.text, most);
}

TEST_F(LanguageModelFile, WhatIsNoObjectOfJsonIsRefused) {
  for (const std::string& text :
       {std::string("[]"), std::string("{"), std::string(""), std::string("{}x"),
        std::string("{}\0", 3), std::string(2000000, ' '), std::string(100000, '[')})
    expect_refused_options("", text, {"'rill.language_model'"});
}

TEST_F(LanguageModelFile, FieldsThatNestDeeplyAreRefusedBeforeTheyTakeMemory) {
  const std::string deep = std::string(9, '[').append("1").append(9, ']');
  for (const std::string& text : {deep, "{\"n_head\":" + deep + "}", std::string(100000, '[')})
    expect_refused_options("", text, {"'rill.language_model'", "more than 8 levels deep"});
}

TEST_F(LanguageModelFile, OptionsThatNoModelHasAreRefusedByLanguageModel) {
  expect_refused_options("\"n_head\":2", "\"n_head\":3", {"n_embd 8 is not divisible by n_head 3"});
  expect_refused_options("\"n_head\":2", "\"n_head\":0", {"n_head"});
  expect_refused_options("\"dropout\":0.0", "\"dropout\":7", {"found 7"});
  expect_refused_options("\"n_layer\":2", "\"n_layer\":-1", {"n_layer"});
  expect_refused_options("\"n_embd\":8", "\"n_embd\":-8", {"n_embd"});
}

TEST_F(LanguageModelFile, SizesThatItsTensorsDoNotExplainAreRefusedBeforeAnythingIsMade) {
  const std::string huge = "4000000000000000000";
  expect_refused_options("\"n_layer\":2", "\"n_layer\":" + huge,
                         {"n_layer " + huge, "no blocks.2.attn.in_proj_weight"});
  expect_refused_options("\"n_embd\":8", "\"n_embd\":" + huge, {"n_embd " + huge, "[11, 8]"});
  expect_refused_options("\"block_size\":8", "\"block_size\":" + huge,
                         {"block_size " + huge, "positions.weight is [8, 8]"});
  expect_refused_options(
      "\"block_size\":8,\"n_layer\":2,\"n_head\":2,\"n_embd\":8,\"dropout\":0.0,"
      "\"bias\":true,\"position\":\"learned\"",
      "\"block_size\":100000000,\"n_layer\":2,\"n_head\":2,\"n_embd\":8,"
      "\"dropout\":0,\"bias\":true,\"position\":\"sinusoidal\"",
      {"block_size 100000000", "sinusoids"});
  expect_refused_options("\"n_layer\":2", "\"n_layer\":1", {"unexpected: blocks.1."});
}

TEST_F(LanguageModelFile, AFileThatIsCutShortIsRefusedByItsReader) {
  save_language_model(file(), LanguageModel(small()), letters);
  const std::string whole = text_of("model.safetensors");
  for (size_t bytes = 0; bytes < whole.size(); bytes += 97) {
    std::ofstream(file(), std::ios::binary) << whole.substr(0, bytes);
    expect_refused({"cannot read"});
  }
}

}  // namespace
}  // namespace rill::nn
