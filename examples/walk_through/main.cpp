// examples/walk_through/main.cpp: how sines and cosines tell the order of words, step by step, in
// numbers and pictures.
// Next: scale
#include <rill/core/random.h>
#include <rill/nn/positions/positional_encoding.h>

#include "../support/command_line.h"
#include "../support/teller.h"
#include "playground.h"
#include "report.h"
#include "waves.h"

using examples::add_number;
using examples::Teller;
using namespace walk_through;

namespace {

constexpr int64_t most_positions = 50257;  // as many as GPT-2's vocabulary has tokens

struct Flags {
  int64_t dim = 128;
  int64_t length = 100;
  int64_t seed = 1;
  std::string out_dir = "out/walk_through";
};

void add_flags(CLI::App& app, Flags& flags) {
  add_number(app, "--dim", flags.dim, 2, 1024, "Dimensions of the large encoding, an even number");
  add_number(app, "--length", flags.length, 2, most_positions,
             "Positions of the large encoding, up to the size of a vocabulary");
  add_number(app, "--seed", flags.seed, 0, 1000000000, "Seed of the token embeddings");
  examples::add_out_dir(app, flags.out_dir, "Folder for walk_through.html");
}

void check_even(const Flags& flags) {
  if (flags.dim % 2 != 0)
    throw CLI::ValidationError("--dim", std::to_string(flags.dim) + " is odd");
}

void let_play(Teller& teller, const Embedder& embedder) {
  teller.section(playground(embedder.encode("Transformers are awesome.")));
}

void tell_the_sum(Teller& teller, const Embedder& embedder) {
  const Encoded sentence = embedder.encode("Transformers are awesome.");
  teller.heading("1. A position is added to each word");
  teller.text("PE(pos, 2i) = sin(pos / 10000^(2i/d)) and PE(pos, 2i+1) = cos(pos / 10000^(2i/d)).");
  teller.text("\"Transformers are awesome.\" has length 3; here d = 4 numbers stand for a word.");
  teller.text("pos is the place of the word in the sentence, from 0 on: it moves along the waves.");
  teller.text(
      "i is the number of the pair of dimensions, one sine and one cosine, from 0 to d/2 − 1: it "
      "chooses the wave. Each pair turns more slowly than the one before.");
  teller.table("sum", sum_table(sentence));
  teller.chart("waves", wave_chart(sentence));
}

void tell_the_order(Teller& teller, const Embedder& embedder) {
  teller.heading("2. The same word at two positions");
  teller.text(
      "First \"King and Queen are awesome.\", then \"Queen and King are awesome.\". Before the sum "
      "a word is the same wherever it stands: the sentences are one bag of words. After it, a word "
      "that has moved is another vector; one that has stayed is not.");
  teller.table("moved", moved_table(embedder.encode("King and Queen are awesome."),
                                    embedder.encode("Queen and King are awesome.")));
}

void tell_the_table(Teller& teller, const Flags& flags) {
  const rill::Tensor table =
      rill::nn::sinusoidal_table(flags.length, flags.dim, {.dtype = rill::float64});
  teller.heading("3. Every position has a pattern of its own");
  teller.text(verdict(check(table), table));
  teller.chart("small", heat_map(rill::nn::sinusoidal_table(32, 8)));
  teller.chart("large", heat_map(table));
  teller.heading("4. How far apart two positions are can be read off");
  teller.text(
      "PE(p) · PE(q) is the sum of cos((p − q) / 10000^(2i/d)) over i: it depends on the distance "
      "alone, wherever the two stand, and is largest, d/2, at distance 0.");
  teller.table("dots", dot_table(table));
  teller.chart("dots", dot_chart(table));
}

void tell_the_wavelengths(Teller& teller, const Embedder& embedder, const Flags& flags) {
  teller.heading("5. Each hand is periodic, from quick to slow");
  teller.text(
      "Hand i is back where it was after 2π · 10000^(2i/d) positions, its wavelength: a quick one "
      "tells neighbours apart, a slow one the beginning from the end.");
  teller.table("wavelengths", wavelength_table(flags.dim, flags.length));
  teller.text(longest_wave(flags.dim));
  teller.chart("long_waves", long_wave_chart(embedder.encode("Transformers are awesome.")));
  teller.heading("6. Why 10000?");
  teller.text(
      "In 128 dimensions, for a text of 1000 positions. A hand slower than the text goes one way "
      "from its beginning to its end; with a small base there is none. A large base has many that "
      "stand still, turning by less than a hundredth: they tell nothing, and neighbours are less "
      "far apart.");
  teller.table("base", base_table(128, 1000));
}

void tell_the_smoothness(Teller& teller) {
  teller.heading("7. A small step is a small change");
  teller.text(
      "Binary digits tell positions apart too, but one step may flip one digit or all of them. "
      "Sines and cosines, here in 8 dimensions, move by the same distance at every step:");
  teller.table("steps", step_table(8));
  teller.text(
      "Between whole positions they go on without a jump or a kink: half a step is about half the "
      "distance, and the distance divided by the step tends to a number, the length of the "
      "derivative.");
  teller.table("slope", slope_table(8));
}

void run(const Flags& flags) {
  check_even(flags);
  rill::manual_seed(static_cast<uint64_t>(flags.seed));
  Teller teller("Sinusoidal positional encoding", flags.out_dir);
  const Embedder embedder({"Transformers", "are", "awesome.", "King", "and", "Queen"}, 4);
  let_play(teller, embedder);
  tell_the_sum(teller, embedder);
  tell_the_order(teller, embedder);
  tell_the_table(teller, flags);
  tell_the_wavelengths(teller, embedder, flags);
  tell_the_smoothness(teller);
  teller.write("walk_through.html");
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  examples::CommandLine line("walk_through", "Tables are shown here, charts on a page.");
  add_flags(line.app(), flags);
  return line.main(argc, argv, [&] { run(flags); });
}
