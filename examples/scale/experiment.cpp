#include "experiment.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/positions/positional_encoding.h>
#include <rill/optim/adamw.h>

#include <cmath>

#include "../support/progress.h"
#include "../support/stop_signal.h"

using rill::Tensor;
namespace nn = rill::nn;

namespace scale {
namespace {

constexpr int64_t names = 20;
constexpr int64_t words = names + 3;
constexpr int64_t length = 5;
constexpr int64_t batch_size = 56;
constexpr double learning_rate = 5e-3;

/// Of a word and of a place.
int64_t width_of_each(Together together) { return together == Together::beside ? 16 : 32; }

int64_t width_of_both(Together together) { return together == Together::beside_wide ? 64 : 32; }

double share(const Tensor& is_right) { return is_right.to(rill::float64).mean().item(); }

Tensor guesses(const Reader& reader, const Tensor& ids) {
  const rill::NoGradGuard no_grad;
  return reader(ids).argmax(1);
}

/// Some of the answers are the second name.
word_order::Sentences with_slips(const word_order::Sentences& sentences, double slips) {
  const Tensor is_slip = rill::rand(sentences.first.shape()) < slips;
  return {sentences.ids, where(is_slip, sentences.ids.select(1, 2), sentences.first)};
}

void train(const Reader& reader, const word_order::Sentences& sentences, int64_t steps) {
  rill::optim::AdamW optimizer(reader.parameters(), {.lr = learning_rate});
  examples::Progress progress("step", steps);
  for (int64_t step = 0; step < steps && examples::stop_signal() == 0; ++step) {
    const Tensor batch = rill::randint(0, sentences.ids.size(0), {batch_size});
    const Tensor loss = cross_entropy(reader(index_select(sentences.ids, 0, batch)),
                                      index_select(sentences.first, 0, batch));
    optimizer.zero_grad();
    loss.backward();
    optimizer.set_learning_rate(learning_rate *
                                (1 - static_cast<double>(step) / static_cast<double>(steps)));
    optimizer.step();
    progress.advance(loss.item());
  }
}

/// The cosines of all rows of a [..., d] and b [..., d].
Tensor cosines(const Tensor& a, const Tensor& b) {
  return (a * b).sum(-1) / ((a * a).sum(-1).sqrt() * (b * b).sum(-1).sqrt());
}

}  // namespace

std::string name_of(Together together) {
  switch (together) {
    case Together::sum: return "added, 32";
    case Together::beside: return "side by side, 16 + 16";
    case Together::beside_wide: return "side by side, 32 + 32";
  }
  return "";
}

Tensor positions_of(int64_t length, int64_t width, double rms) {
  return nn::sinusoidal_table(length, width) * (rms * std::sqrt(2.0));  // sin² + cos² = 1
}

Reader::Reader(const Setting& setting)
    : together_(setting.together),
      token(register_module("token", nn::Embedding(words, width_of_each(together_)))),
      position(register_buffer("position",
                               positions_of(length, width_of_each(together_), setting.ratio))),
      dropout(register_module("dropout", nn::Dropout(setting.dropout))),
      encoder(register_module(
          "encoder",
          nn::TransformerEncoder(width_of_both(together_), 4, 2,
                                 {.layer = {.dim_feedforward = 2 * width_of_both(together_),
                                            .dropout = 0,
                                            .norm_first = true},
                                  .final_norm = true}))),
      head(register_module("head", nn::Linear(width_of_both(together_), names))) {}

Tensor Reader::forward(const Tensor& ids) const {
  const Tensor word = token(ids), place = position.expand_as(word);
  const Tensor both = together_ == Together::sum ? word + place : rill::cat({word, place}, 2);
  return head(encoder(dropout(both)).mean({1}));
}

Score measure(const Setting& setting, uint64_t seed, const Training& training) {
  const word_order::Split split = word_order::split_pairs(seed, training.test_pairs);
  rill::manual_seed(seed);
  const Reader reader(setting);
  train(reader, with_slips(split.training, training.slips), training.steps);
  reader.eval();
  const Tensor guess = guesses(reader, split.test.ids);
  const Tensor first = split.test.ids.select(1, 0), second = split.test.ids.select(1, 2);
  return {.first = share(eq(guess, first)),
          .either = share(eq(guess, first)) + share(eq(guess, second)),
          .trained = share(eq(guesses(reader, split.training.ids), split.training.first))};
}

int64_t parameters_behind_words(Together together) {
  const Reader reader({.together = together});
  return reader.parameter_count() - reader.token.parameter_count();
}

Likeness likeness(double ratio) {
  rill::Generator generator(1);
  const Tensor word = randn({100, 32}, generator), place = positions_of(length, 32, ratio);
  const Tensor here = word + place[0], there = word + place[2];
  const Tensor others = word.roll({1}, {0}) + place[0];
  return {.same_word = cosines(here, there).mean().item(),
          .same_place = cosines(here, others).mean().item()};
}

}  // namespace scale
