#include "task.h"

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/decoder.h>
#include <rill/nn/generate.h>
#include <rill/nn/init.h>
#include <rill/nn/positions/learned_positional_encoding.h>
#include <rill/nn/sequential.h>
#include <rill/nn/transformer.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace rill::benchmarks {
namespace {

constexpr int64_t ignored = -100;

Tensor draw_ids(const Recipe& recipe) {
  return randint(0, vocabulary, {recipe.batch, recipe.length});
}

Task make_decoder(const Recipe& recipe) {
  const nn::LanguageModel model({.vocab_size = vocabulary,
                                 .block_size = recipe.length,
                                 .n_layer = recipe.layers,
                                 .n_head = recipe.heads,
                                 .n_embd = recipe.width,
                                 .dropout = recipe.dropout});
  const Tensor ids = draw_ids(recipe);
  const Tensor targets = draw_ids(recipe);
  const auto sample = [model, ids] {
    const int64_t new_tokens = model.options().block_size - 1;
    nn::generate(model, ids.narrow(0, 0, 1).narrow(1, 0, 1), new_tokens);
    return new_tokens;
  };
  return {model,
          {{"ids", ids}, {"targets", targets}},
          [=] { return model.loss(ids, targets); },
          sample};
}

/// Sees both sides and guesses the tokens by the weights that they are looked up in.
class Encoder final : public nn::Layer<Encoder> {
 public:
  explicit Encoder(const Recipe& recipe)
      : token(register_module("token_embedding",
                              nn::Embedding(vocabulary, recipe.width, {.std = 0.02}))),
        positions(register_module(
            "positions",
            nn::LearnedPositionalEncoding(recipe.width, {.dropout = 0, .max_len = recipe.length}))),
        encoder(register_module(
            "encoder", nn::TransformerEncoder(recipe.width, recipe.heads, recipe.layers,
                                              {.layer = {.dim_feedforward = 4 * recipe.width,
                                                         .dropout = recipe.dropout,
                                                         .activation = nn::Activation::gelu_tanh,
                                                         .norm_first = true},
                                               .final_norm = true}))),
        head(register_module("head", nn::Linear(token.weight))) {
    nn::init::normal_(token.weight, 0, 0.02);
  }

  Tensor forward(const Tensor& ids, const Tensor& padding) const {
    const nn::EncoderMasks masks{.src_key_padding_mask = padding};
    return head(encoder(positions(token(ids)), masks));
  }

  const nn::Embedding token;
  const nn::LearnedPositionalEncoding positions;
  const nn::TransformerEncoder encoder;
  const nn::Linear head;
};

Task make_encoder(const Recipe& recipe) {
  const Encoder model(recipe);
  const Tensor ids = draw_ids(recipe);
  // Text b of B lacks b / 2B of the length: from no padding to nearly half.
  const Tensor start = arange(recipe.batch) * -recipe.length;
  const Tensor place = arange(recipe.length) - recipe.length;
  const Tensor padding = ge(place * (2 * recipe.batch), start.unsqueeze(1));
  const Tensor targets = draw_ids(recipe).masked_fill(padding, ignored);
  const auto loss = [=] {
    return cross_entropy(model(ids, padding).view({-1, vocabulary}), targets.view({-1}));
  };
  return {model, {{"ids", ids}, {"targets", targets}, {"padding", padding}}, loss, {}};
}

Task make_mlp(const Recipe& recipe) {
  const nn::Sequential model{nn::Linear(2, 16), nn::Tanh(), nn::Linear(16, 16), nn::Tanh(),
                             nn::Linear(16, 1)};
  const Tensor x = randn({recipe.batch, 2});
  const Tensor y = x.narrow(1, 0, 1) * x.narrow(1, 1, 1);
  return {model, {{"x", x}, {"y", y}}, [=] { return mse_loss(model(x), y); }, {}};
}

const char* name_of(Kind kind) {
  if (kind == Kind::decoder) return "decoder";
  return kind == Kind::encoder ? "encoder" : "mlp";
}

}  // namespace

const Recipe& find_recipe(const std::string& name) {
  const auto* found = std::find_if(recipes.begin(), recipes.end(),
                                   [&](const Recipe& recipe) { return recipe.name == name; });
  if (found == recipes.end()) throw std::invalid_argument("there is no model '" + name + "'");
  return *found;
}

Task make_task(const Recipe& recipe) {
  manual_seed(1);
  if (recipe.kind == Kind::mlp) return make_mlp(recipe);
  return recipe.kind == Kind::encoder ? make_encoder(recipe) : make_decoder(recipe);
}

void save_task(const Recipe& recipe, const Task& task, const std::string& path) {
  nlohmann::json header{{"kind", name_of(recipe.kind)},
                        {"layers", recipe.layers},
                        {"heads", recipe.heads},
                        {"dropout", recipe.dropout},
                        {"tensors", nlohmann::json::array()}};
  StateDict tensors = task.model.state_dict();
  tensors.insert(tensors.end(), task.batch.begin(), task.batch.end());
  for (const NamedTensor& named : tensors) {
    const Shape& shape = named.tensor.shape();
    header["tensors"].push_back({{"name", named.name},
                                 {"dtype", name_of(named.tensor.dtype())},
                                 {"shape", std::vector<int64_t>(shape.begin(), shape.end())}});
  }
  std::ofstream file(path, std::ios::binary);
  file << header << '\n';
  for (const NamedTensor& named : tensors) {
    const Tensor rows = named.tensor.contiguous();
    const size_t bytes = static_cast<size_t>(rows.numel()) * size_of(rows.dtype());
    file.write(static_cast<const char*>(rows.raw_data()), static_cast<std::streamsize>(bytes));
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace rill::benchmarks
