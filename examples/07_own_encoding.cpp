// examples/07_own_encoding.cpp: an encoding of positions of your own, checked, and then trained
// inside a language model.
// Next: 08_adder
#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/decoder.h>
#include <rill/nn/positions/check_encoding.h>
#include <rill/optim/adamw.h>

#include <cstdio>
#include <vector>

#include "07_own_encoding/report.h"
#include "support/command_line.h"

using namespace rill;

/// A trained number for each head and each distance to the left, added to the scores; all that is
/// farther than `reach` shares one.
class DistanceBias final : public nn::Layer<DistanceBias> {
 public:
  DistanceBias(int64_t num_heads, int64_t reach)
      : weight(register_parameter("weight", randn({num_heads, reach + 1}) * 0.02)) {}

  /// The queries are the last of the keys.
  Tensor bias(int64_t queries, int64_t keys) const {
    const Tensor query = arange(keys - queries, keys).unsqueeze(1), key = arange(keys);
    const Tensor distance = clamp(query - key, 0, static_cast<double>(weight.size(1) - 1));
    return index_select(weight, 1, distance.flatten()).view({weight.size(0), queries, keys});
  }

  const Tensor weight;
};

/// The same, but it takes the queries for the first of the keys.
class Forgetful final : public nn::Layer<Forgetful> {
 public:
  Tensor bias(int64_t queries, int64_t keys) const {
    return right.bias(keys, keys).narrow(1, 0, queries);
  }

  const DistanceBias right = register_module("right", DistanceBias(2, 6));
};

constexpr int64_t length = 24, back = 3;

/// A model of one layer learns to say which token stood three places before. Gives the loss of each
/// step.
std::vector<double> train(const DistanceBias& encoding) {
  constexpr int64_t vocab_size = 8;
  const nn::LanguageModel model({.vocab_size = vocab_size,
                                 .block_size = length,
                                 .n_layer = 1,
                                 .n_head = 1,
                                 .n_embd = 32,
                                 .encoding = encoding});
  optim::AdamW optimizer(model.parameters(), {.lr = 0.01});
  std::vector<double> losses;
  for (int step = 0; step <= 300; ++step) {
    const Tensor ids = randint(0, vocab_size, {32, length});
    const Tensor unknown = full({32, back}, -100, int64);  // skipped by the loss
    const Tensor targets = cat({unknown, ids.narrow(1, 0, length - back)}, 1);
    const Tensor loss = model.loss(ids, targets);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    losses.push_back(loss.item());
    if (step % 50 == 0) std::printf("step %3d  loss %.4f\n", step, losses.back());
  }
  return losses;
}

void run(const std::string& folder) {
  examples::Teller teller("An encoding of your own", folder);
  manual_seed(1);
  nn::check_encoding(DistanceBias(2, 6), {.d_model = 8, .num_heads = 2});
  std::printf("DistanceBias does what encodings promise\n");

  const DistanceBias encoding(1, 6);
  const Tensor drawn = encoding.weight.detach().clone();
  const std::vector<double> losses = train(encoding);
  std::printf("it listens most to the token at distance %lld\n",
              static_cast<long long>(argmax(encoding.weight).item<int64_t>()));

  // What is wrong with an encoding is told by name.
  try {
    nn::check_encoding(Forgetful());
  } catch (const nn::CheckEncodingError& error) {
    std::printf("\n%s\n", error.what());
  }

  const NoGradGuard no_grad;
  tell(teller, own_encoding::Findings{losses, drawn[0], encoding.weight[0],
                                      encoding.bias(length, length)[0], back});
  teller.write("own_encoding.html");
}

int main(int argc, char** argv) {
  examples::CommandLine line("07_own_encoding");
  std::string folder = "out/07_own_encoding";
  examples::add_out_dir(line.app(), folder, "Folder for own_encoding.html");
  return line.main(argc, argv, [&] { run(folder); });
}
