// examples/segments.cpp: two players' cards in one row: only segment embeddings tell whose card
// wins.
// Next: encoding_league
#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/dropout.h>
#include <rill/nn/embedding.h>
#include <rill/nn/linear.h>
#include <rill/nn/positions/learned_positional_encoding.h>
#include <rill/nn/positions/segment_embedding.h>
#include <rill/nn/transformer.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>

#include <cstdio>
#include <vector>

#include "segments/report.h"
#include "segments/summed.h"
#include "support/command_line.h"
#include "support/progress.h"

using namespace rill;

// A hand of the first player and a hand of the second are laid in one row without a gap. Who holds
// the highest card? The border is drawn so that at every place the winning card is as often the
// first player's as the second's: neither its value nor its place tells, its segment alone does.

constexpr int64_t length = 10;
constexpr int64_t values = 20;

struct Deals {
  Tensor cards;     // [n, length]
  Tensor segments;  // [n, length], 0 or 1
  Tensor winner;    // [n], 0 or 1
};

/// An integer in [low, high).
int64_t draw(int64_t low, int64_t high) { return randint(low, high, {1}).item<int64_t>(); }

Deals deal(int64_t n) {
  std::vector<int64_t> cards;
  std::vector<int64_t> segments;
  std::vector<int64_t> winner;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t place = draw(1, length - 1);  // of the highest card
    const int64_t highest = draw(values / 2, values);
    winner.push_back(draw(0, 2));
    const int64_t border = winner.back() == 1 ? draw(1, place + 1) : draw(place + 1, length);
    for (int64_t j = 0; j < length; ++j) {
      cards.push_back(j == place ? highest : draw(0, highest));
      segments.push_back(j < border ? 0 : 1);
    }
  }
  return {from_vector(cards, {n, length}), from_vector(segments, {n, length}), from_vector(winner)};
}

/// An encoder over token + position + segment embeddings, read at its strongest answer: the mean.
class Referee final : public nn::Layer<Referee> {
 public:
  static constexpr int64_t width = 32;

  explicit Referee(bool with_segments)
      : with_segments_(with_segments),
        token(register_module("token", nn::Embedding(values, width))),
        position(register_module(
            "position",
            nn::LearnedPositionalEncoding(width, {.dropout = 0, .max_len = length, .std = 1}))),
        segment(register_module("segment", nn::SegmentEmbedding(width))),
        dropout(register_module("dropout", nn::Dropout(0.05))),
        encoder(register_module(
            "encoder", nn::TransformerEncoder(
                           width, 4, 2,
                           {.layer = {.dim_feedforward = 64, .dropout = 0.05, .norm_first = true},
                            .final_norm = true}))),
        head(register_module("head", nn::Linear(width, 2))) {}

  Tensor forward(const Tensor& cards, const Tensor& segments) const {
    const Tensor placed = position(token(cards));
    const Tensor told = with_segments_ ? segment(placed, segments) : placed;
    return head(encoder(dropout(told)).mean({1}));
  }

 private:
  const bool with_segments_;

 public:
  const nn::Embedding token;
  const nn::LearnedPositionalEncoding position;
  const nn::SegmentEmbedding segment;
  const nn::Dropout dropout;
  const nn::TransformerEncoder encoder;
  const nn::Linear head;
};

double accuracy(const Referee& referee, const Deals& deals) {
  const NoGradGuard no_grad;
  referee.eval();
  const Tensor guess = referee(deals.cards, deals.segments).argmax(1);
  referee.train();
  return eq(guess, deals.winner).to(float32).mean().item();
}

segments::Course train(bool with_segments, const Deals& test) {
  segments::Course course{with_segments ? "with segments" : "without"};
  std::printf("\n%s segment embeddings\n", with_segments ? "with" : "without");
  manual_seed(7);
  const Referee referee(with_segments);
  const std::vector<Tensor> parameters = referee.parameters();
  optim::AdamW optimizer(parameters, {.lr = 3e-3});
  constexpr int steps = 1200;
  examples::Progress progress("step", steps);
  for (int step = 1; step <= steps; ++step) {
    const Deals batch = deal(64);
    const Tensor loss = cross_entropy(referee(batch.cards, batch.segments), batch.winner);
    optimizer.zero_grad();
    loss.backward();
    optim::clip_grad_norm_(parameters, 1);
    optimizer.set_learning_rate(3e-3 * (1 - static_cast<double>(step) / (steps + 1)));
    optimizer.step();
    progress.advance(loss.item());
    if (step % 100 != 0) continue;
    course.steps.push_back(step);
    course.right.push_back(100 * accuracy(referee, test));
    if (step % 300 == 0)
      std::printf("  step %4d  loss %.4f  accuracy on new deals %.1f %%\n", step, loss.item(),
                  course.right.back());
  }
  return course;
}

void run(const std::string& folder) {
  examples::Teller teller("Segments: whose is it?", folder);
  tell(teller, segments::who_is_king());
  manual_seed(1);
  const Deals test = deal(4000);
  const examples::Progress trainings("training", 2);
  const segments::Course with = train(true, test), without = train(false, test);
  std::printf("\naccuracy with segments %.2f %%, without %.2f %% (chance is 50 %%)\n",
              with.right.back(), without.right.back());
  segments::tell(teller, test.cards[0], test.segments[0], {with, without});
  teller.write("segments.html");
}

int main(int argc, char** argv) {
  examples::CommandLine line("segments");
  std::string folder = "out/segments";
  examples::add_out_dir(line.app(), folder, "Folder for segments.html");
  return line.main(argc, argv, [&] { run(folder); });
}
