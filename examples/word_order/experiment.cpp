#include "experiment.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/positions/position.h>
#include <rill/optim/adamw.h>

#include <utility>

#include "../support/progress.h"
#include "../support/stop_signal.h"

using rill::Tensor;
namespace nn = rill::nn;

namespace word_order {
namespace {

constexpr int64_t names = 20;
constexpr int64_t length = 5;
constexpr int64_t width = 32;
constexpr int64_t heads = 4;

nn::Position position_of(Way way) {
  switch (way) {
    case Way::sinusoidal: return nn::Position::sinusoidal;
    case Way::learned: return nn::Position::learned;
    case Way::rotary: return nn::Position::rotary;
    case Way::alibi: return nn::Position::alibi;
    case Way::t5: return nn::Position::t5;
    case Way::none:
    case Way::segment:
    case Way::causal: break;
  }
  return nn::Position::none;
}

nn::TransformerEncoderOptions encoder_options(const nn::AnyEncoding& encoding) {
  return {.layer = {.dim_feedforward = 2 * width,
                    .dropout = 0,
                    .norm_first = true,
                    .encoding = encoding},
          .final_norm = true};
}

Sentences sentences_of(const std::vector<std::pair<int64_t, int64_t>>& pairs) {
  std::vector<int64_t> ids;
  std::vector<int64_t> first;
  for (const auto& [a, b] : pairs) {
    ids.insert(ids.end(), {a, names, b, names + 1, names + 2});
    ids.insert(ids.end(), {b, names, a, names + 1, names + 2});
    first.insert(first.end(), {a, b});
  }
  return {rill::from_vector(ids, {static_cast<int64_t>(first.size()), length}),
          rill::from_vector(first)};
}

/// Each word of "A and B ..." in "B and A ...".
Tensor swapped(const Tensor& x) {
  return index_select(x, 1, rill::tensor({2, 1, 0, 3, 4}, rill::int64));
}

}  // namespace

const std::vector<Way>& ways() {
  static const std::vector<Way> all{Way::none,   Way::segment, Way::sinusoidal, Way::learned,
                                    Way::rotary, Way::alibi,   Way::t5,         Way::causal};
  return all;
}

std::string name_of(Way way) {
  if (way == Way::segment) return "segment only";
  if (way == Way::causal) return "none, causal";
  return nn::name_of(position_of(way));
}

const std::string& word(int64_t id) {
  static const std::vector<std::string> words{
      "King", "Queen", "Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivan",    "Jo",
      "Kira", "Leo",   "Mia", "Ned", "Olga", "Paul", "Rosa", "Sam", "and", "are",  "awesome."};
  return words.at(static_cast<size_t>(id));
}

Split split_pairs(uint64_t seed, int64_t test_pairs) {
  std::vector<std::pair<int64_t, int64_t>> pairs;
  for (int64_t a = 0; a < names; ++a)
    for (int64_t b = a + 1; b < names; ++b) pairs.emplace_back(a, b);
  rill::Generator generator(seed);
  std::vector<std::pair<int64_t, int64_t>> test;
  std::vector<std::pair<int64_t, int64_t>> training;
  for (const auto i : randperm(static_cast<int64_t>(pairs.size()), generator).to_vector<int64_t>())
    (static_cast<int64_t>(test.size()) < test_pairs ? test : training)
        .push_back(pairs[static_cast<size_t>(i)]);
  return {sentences_of(training), sentences_of(test)};
}

Reader::Reader(Way way)
    : way_(way),
      token(register_module("token", nn::Embedding(names + 3, width))),
      segment(way == Way::segment ? register_module("segment", nn::SegmentEmbedding(width))
                                  : nn::SegmentEmbedding(width)),
      position(register_module(
          "position",
          nn::make_encoding(
              position_of(way),
              {.d_model = width, .num_heads = heads, .max_len = length, .bidirectional = true}))),
      encoder(register_module("encoder",
                              nn::TransformerEncoder(width, heads, 2, encoder_options(position)))),
      head(register_module("head", nn::Linear(width, names))) {}

Tensor Reader::read(const Tensor& ids) const {
  Tensor x = position(token(ids));
  // One sentence is one segment: each of its words gets the same vector.
  if (way_ == Way::segment) x = segment(x, zeros_like(ids));
  return encoder(x, nn::EncoderMasks{.is_causal = way_ == Way::causal});
}

Tensor Reader::forward(const Tensor& ids) const { return head(read(ids).mean({1})); }

Reader train(Way way, const Sentences& sentences, uint64_t seed, const Training& training) {
  rill::manual_seed(seed);
  Reader reader(way);
  rill::optim::AdamW optimizer(reader.parameters(), {.lr = training.lr});
  const int64_t n = sentences.ids.size(0);
  examples::Progress progress("step", training.steps);
  for (int64_t step = 0; step < training.steps && examples::stop_signal() == 0; ++step) {
    const Tensor batch = rill::randint(0, n, {training.batch_size});
    const Tensor loss = cross_entropy(reader(index_select(sentences.ids, 0, batch)),
                                      index_select(sentences.first, 0, batch));
    optimizer.zero_grad();
    loss.backward();
    optimizer.set_learning_rate(
        training.lr * (1 - static_cast<double>(step) / static_cast<double>(training.steps)));
    optimizer.step();
    progress.advance(loss.item());
  }
  reader.eval();
  reader.to(rill::float64);
  return reader;
}

double accuracy(const Reader& reader, const Sentences& sentences) {
  const rill::NoGradGuard no_grad;
  return eq(reader(sentences.ids).argmax(1), sentences.first).to(rill::float64).mean().item();
}

double order_gap(const Reader& reader, const Tensor& ids) {
  const rill::NoGradGuard no_grad;
  return (reader.read(swapped(ids)) - swapped(reader.read(ids))).abs().max().item();
}

}  // namespace word_order
