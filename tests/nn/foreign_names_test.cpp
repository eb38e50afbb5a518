#include <rill/nn/foreign_names.h>

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include <rill/core/data_loader.h>
#include <rill/core/ops.h>
#include <rill/nn/bert_embeddings.h>
#include <rill/nn/decoder.h>
#include <rill/nn/transformer_encoder.h>

#include "test_paths.h"
#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

// Models of Hugging Face with random weights, which tests/reference/hugging_face.py wrote.

namespace rill::nn {
namespace {

using testing::expect_error;

using ForeignNames = testing::OwnFolder;
using Json = nlohmann::json;

/// float32 and float32 in another order differ by a few units in the last place of numbers of
/// about 4.
constexpr double tolerance = 2e-5;

std::string reference(const std::string& file) {
  return std::string(RILL_REFERENCE_DIR) + "/" + file;
}

Json outputs_of(const std::string& model) {
  return Json::parse(std::ifstream(reference("hugging_face.json"))).at(model);
}

Tensor ids_of(const Json& json) {
  return from_vector(json.at("values").get<std::vector<int64_t>>(),
                     Shape(json.at("shape").get<std::vector<int64_t>>()));
}

void expect_outputs(const Tensor& actual, const Json& json, double within = tolerance) {
  testing::expect_values(actual, json.at("values").get<std::vector<double>>(), within);
}

LanguageModel gpt2() {
  return LanguageModel(
      {.vocab_size = 29, .block_size = 12, .n_layer = 2, .n_head = 4, .n_embd = 16});
}

class Bert final : public Layer<Bert> {
 public:
  Tensor forward(const Tensor& ids, const Tensor& segments, const Tensor& padding) const {
    return encoder(embeddings(ids, segments), {.src_key_padding_mask = padding});
  }
  const BertEmbeddings embeddings =
      register_module("embeddings", BertEmbeddings(31, 16, {.max_len = 14}));
  const TransformerEncoder encoder =
      register_module("encoder", TransformerEncoder(16, 4, 2,
                                                    {.layer = {.dim_feedforward = 40,
                                                               .activation = Activation::gelu,
                                                               .layer_norm_eps = 1e-12}}));
};

Tensor outputs(const Bert& bert, const Json& json) {
  bert.eval();
  const std::vector<int64_t> lengths = json.at("lengths");
  return bert(ids_of(json.at("ids")), ids_of(json.at("segments")), padding_mask(lengths));
}

/// The file's tensors with other names.
void rewrite(const std::string& from, const std::string& to,
             const std::function<std::string(std::string)>& name) {
  StateDict state;
  for (const auto& [old, tensor] : load_safetensors(from)) state.push_back({name(old), tensor});
  save_safetensors(to, state);
}

std::string without(std::string text, const std::string& part) {
  const size_t at = text.find(part);
  return at == std::string::npos ? text : text.erase(at, part.size());
}

std::string replaced(std::string text, const std::string& part, const std::string& other) {
  const size_t at = text.find(part);
  return at == std::string::npos ? text : text.replace(at, part.size(), other);
}

TEST_F(ForeignNames, Gpt2OfHuggingFaceGivesItsLogits) {
  const LanguageModel model = gpt2();
  load(model, reference("gpt2.safetensors"), gpt2_layout());
  const Json json = outputs_of("gpt2");
  expect_outputs(model(ids_of(json.at("ids"))), json.at("logits"));
}

TEST_F(ForeignNames, Gpt2AsItIsOnTheHubHasMasksAndNoPrefixOrAHead) {
  StateDict state;
  for (const auto& [name, tensor] : load_safetensors(reference("gpt2.safetensors"))) {
    state.push_back({without(name, "transformer."), tensor});
    if (name.ends_with("wte.weight")) state.push_back({"lm_head.weight", tensor.clone()});
  }
  state.push_back({"h.0.attn.bias", ones({1, 1, 12, 12}, bool_)});
  state.push_back({"h.1.attn.masked_bias", full({}, -1e4)});
  save_safetensors(path("hub.safetensors"), state);
  const LanguageModel model = gpt2();
  load(model, path("hub.safetensors"), gpt2_layout());
  const Json json = outputs_of("gpt2");
  expect_outputs(model(ids_of(json.at("ids"))), json.at("logits"));
}

TEST_F(ForeignNames, AGpt2OfAnotherSizeIsRefusedWithWhatDiffers) {
  const LanguageModel deeper(
      {.vocab_size = 29, .block_size = 16, .n_layer = 3, .n_head = 4, .n_embd = 16});
  expect_error<ValueError>([&] { load(deeper, reference("gpt2.safetensors"), gpt2_layout()); },
                           {"gpt2.safetensors", "missing: blocks.2.norm1.weight",
                            "positions.weight is [16, 16], given [12, 16]"});
}

TEST_F(ForeignNames, BertOfHuggingFaceGivesItsStatesWithSegmentsAndPadding) {
  const Bert bert;
  load(bert, reference("bert.safetensors"), bert_layout());
  const Json json = outputs_of("bert");
  expect_outputs(outputs(bert, json), json.at("hidden"));
}

TEST_F(ForeignNames, BertInItsFirstNamesAndWithoutPrefixLoadsToo) {
  rewrite(reference("bert.safetensors"), path("old.safetensors"), [](std::string name) {
    name = without(std::move(name), "bert.");
    return replaced(replaced(std::move(name), "LayerNorm.weight", "LayerNorm.gamma"),
                    "LayerNorm.bias", "LayerNorm.beta");
  });
  const Bert bert;
  load(bert, path("old.safetensors"), bert_layout());
  const Json json = outputs_of("bert");
  expect_outputs(outputs(bert, json), json.at("hidden"));
}

TEST_F(ForeignNames, ABertWithoutAKeyProjectionIsRefusedByName) {
  StateDict state = load_safetensors(reference("bert.safetensors"));
  std::erase_if(state, [](const NamedTensor& one) {
    return one.name == "bert.encoder.layer.1.attention.self.key.weight";
  });
  save_safetensors(path("part.safetensors"), state);
  expect_error<ValueError>([&] { load(Bert(), path("part.safetensors"), bert_layout()); },
                           {"missing: encoder.layers.1.self_attn.in_proj_weight",
                            "unexpected: encoder.layer.1.attention.self.query.weight"});
}

}  // namespace
}  // namespace rill::nn
