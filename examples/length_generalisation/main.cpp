// examples/length_generalisation/main.cpp: trains on copying up to 16 letters with every encoding
// of positions, and tests on up to 32.
// Next: masked_words
#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/core/threads.h>
#include <rill/nn/decoder.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>
#include <rill/optim/lr_scheduler.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <future>

#include "../support/command_line.h"
#include "../support/progress.h"
#include "../support/stop_signal.h"
#include "../support/teller.h"
#include "task.h"

using namespace rill;
using examples::add_number;
using examples::stop_signal;
using namespace length_generalisation;

namespace {

// In training the prompt has up to 16 letters.
constexpr int64_t longest_trained = 16;
constexpr int64_t tested[] = {16, 17, 20, 24, 32};
constexpr int64_t longest_tested = 32;

struct Flags {
  std::vector<nn::Position> positions;
  Task task = Task::copy;
  std::string out_dir = "out/length_generalisation";
  int64_t steps = 5000, seeds = 1, seed = 1;
  int64_t batch_size = 16, examples = 200, n_layer = 2, n_head = 4, n_embd = 64;
  double learning_rate = 3e-3;
};

nn::LanguageModel make_model(nn::Position position, const Flags& flags) {
  return nn::LanguageModel({.vocab_size = letters + 1,
                            .block_size = 2 * longest_tested,
                            .n_layer = flags.n_layer,
                            .n_head = flags.n_head,
                            .n_embd = flags.n_embd,
                            .position = position,
                            .tie = false});
}

void train(const nn::LanguageModel& model, const Flags& flags, Generator& generator) {
  const std::vector<Tensor> parameters = model.parameters();
  optim::AdamW optimizer(parameters, {.lr = flags.learning_rate, .betas = {0.9, 0.99}});
  optim::WarmupCosineLR scheduler(optimizer, std::min<int64_t>(100, flags.steps / 10), flags.steps,
                                  flags.learning_rate / 20);
  examples::Progress progress("step", flags.steps);
  for (int64_t step = 0; step < flags.steps && stop_signal() == 0; ++step) {
    const Tensor lengths = randint(1, longest_trained + 1, {flags.batch_size}, generator);
    const Batch batch = make_batch(flags.task, lengths.to_vector<int64_t>(), generator);
    optimizer.zero_grad();
    const Tensor loss = model.loss(batch.ids, batch.targets);
    loss.backward();
    optim::clip_grad_norm_(parameters, 1);
    optimizer.step();
    scheduler.step();
    progress.advance(loss.item());
  }
}

/// The share of answers without a mistake, in percent.
double exact_match(const nn::LanguageModel& model, const Flags& flags, int64_t length) {
  const NoGradGuard no_grad;
  model.eval();
  Generator generator(static_cast<uint64_t>(length));  // the same prompts for all
  const Batch batch = make_batch(
      flags.task, std::vector<int64_t>(static_cast<size_t>(flags.examples), length), generator);
  return 100 * share_right(model(batch.ids), batch.targets);
}

/// Exact match at each of `tested` after a training from `seed`; nothing where a signal stopped it.
std::vector<double> one_run(nn::Position position, const Flags& flags, int64_t seed) {
  default_generator() = Generator(static_cast<uint64_t>(seed));
  Generator batches(static_cast<uint64_t>(seed));
  batches.set_offset(uint64_t{1} << 48);  // other numbers than the weights
  const nn::LanguageModel model = make_model(position, flags);
  train(model, flags, batches);
  if (stop_signal() != 0) return {};
  std::vector<double> shares;
  for (const int64_t length : tested) shares.push_back(exact_match(model, flags, length));
  spdlog::info("{}, seed {}: {:.1f} % right at length {}, {:.1f} % at {}", nn::name_of(position),
               seed, shares[0], tested[0], shares[1], tested[1]);
  return shares;
}

/// The mean over the seeds; nothing where a signal stopped one of them.
std::vector<double> result_of(nn::Position position, const Flags& flags) {
  std::vector<double> means(std::size(tested), 0);
  for (int64_t i = 0; i < flags.seeds; ++i) {
    const std::vector<double> shares = one_run(position, flags, flags.seed + i);
    if (shares.empty()) return {};
    for (size_t j = 0; j < means.size(); ++j)
      means[j] += shares[j] / static_cast<double>(flags.seeds);
  }
  return means;
}

/// Exact match by encoding, in percent.
using Results = std::vector<std::pair<std::string, std::vector<double>>>;

const char* name_of(Task task) { return task == Task::copy ? "copy" : "reverse"; }

inspect::Table table_of(const Results& results) {
  inspect::Table table{.columns = {"encoding"}};
  for (const int64_t length : tested) table.columns.push_back(fmt::format("length {}", length));
  for (const auto& [name, shares] : results) {
    table.rows.push_back({name});
    for (const double share : shares) table.rows.back().push_back(fmt::format("{:.1f} %", share));
  }
  return table;
}

inspect::LineChart chart_of(const Results& results) {
  inspect::LineChart chart{
      .title = "Answers without a mistake",
      .x = {"length of the prompt", "letters"},
      .y = {.title = "exact match", .unit = "%", .domain = inspect::Range{0, 100}}};
  const std::vector<double> lengths(std::begin(tested), std::end(tested));
  for (const auto& [name, shares] : results)
    chart.lines.push_back({.name = name, .x = lengths, .y = shares, .points = true});
  chart.rules.push_back({"longest in training", static_cast<double>(longest_trained), true});
  return chart;
}

/// The encodings that reach `least` % at tested[i], with what they reach.
std::string reaching(const Results& results, size_t i, double least) {
  std::string names;
  for (const auto& [name, shares] : results)
    if (shares[i] >= least)
      names += fmt::format("{}{} ({:.1f} %)", names.empty() ? "" : ", ", name, shares[i]);
  return names.empty() ? "no encoding" : names;
}

int64_t count_reaching(const Results& results, size_t i, double least) {
  return std::count_if(results.begin(), results.end(),
                       [&](const auto& result) { return result.second[i] >= least; });
}

std::vector<std::string> conclusions(const Results& results) {
  std::vector<std::string> said{fmt::format(
      "At length 16, as in training, 90 % or more are right with {}.", reaching(results, 0, 90))};
  for (size_t i = 1; i < std::size(tested); ++i)
    said.push_back(fmt::format("At length {}, 10 % or more are right with {}.", tested[i],
                               reaching(results, i, 10)));
  said.push_back(
      fmt::format("Of {} encodings {} reach 90 % at the longest length that was trained, and {} "
                  "one letter beyond.",
                  results.size(), count_reaching(results, 0, 90), count_reaching(results, 1, 90)));
  if (std::ranges::count(results, "learned", &Results::value_type::first) > 0)
    said.push_back(
        "In training a model sees 32 tokens at most (16 letters, SEP, 15 letters): no gradient "
        "reached the learned table's rows from 32 on.");
  return said;
}

/// Each thread takes one encoding after the other: models this small gain little from many threads.
/// Where a signal stops it, the results there are.
Results all_results(const Flags& flags) {
  const examples::StopSignals heeded;
  const examples::Progress runs("run", static_cast<int64_t>(flags.positions.size()) * flags.seeds);
  Results results(flags.positions.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < results.size(); i = next++)
      results[i] = {nn::name_of(flags.positions[i]), result_of(flags.positions[i], flags)};
  };
  const int threads = num_threads();
  set_num_threads(1);
  std::vector<std::future<void>> workers;
  for (int i = 0; i < threads; ++i) workers.push_back(std::async(std::launch::async, work));
  for (std::future<void>& worker : workers) worker.get();
  std::erase_if(results, [](const auto& result) { return result.second.empty(); });
  return results;
}

std::string settings_of(const Flags& flags) {
  return fmt::format(
      "Task: {}. A causal model of {} layers, width {}, {} heads reads \"prompt SEP answer\"; "
      "{} steps of {} prompts of 1 to {} of {} letters; tested on {} prompts of each length; "
      "{} seed{}.",
      name_of(flags.task), flags.n_layer, flags.n_embd, flags.n_head, flags.steps, flags.batch_size,
      longest_trained, letters, flags.examples, flags.seeds, flags.seeds == 1 ? "" : "s");
}

void add_flags(CLI::App& app, Flags& flags) {
  examples::add_choice<Task>(app, "--task", flags.task,
                             {{"copy", Task::copy}, {"reverse", Task::reverse}},
                             "What the answer is");
  examples::add_positions(app, flags.positions);
  examples::add_out_dir(app, flags.out_dir, "Folder for length_generalisation.html");
  add_number(app, "--steps", flags.steps, 1, 1000000000, "Steps of training");
  add_number(app, "--seeds", flags.seeds, 1, 1000, "Runs of each encoding");
  add_number(app, "--seed", flags.seed, 0, 1000000000, "The first seed");
  add_number(app, "--batch-size", flags.batch_size, 1, 65536, "Prompts a step");
  add_number(app, "--examples", flags.examples, 1, 100000, "Prompts of each length in the test");
  add_number(app, "--n-layer", flags.n_layer, 1, 1000, "Blocks of the model");
  add_number(app, "--n-head", flags.n_head, 1, 1000, "Attention heads a block");
  add_number(app, "--n-embd", flags.n_embd, 1, 65536, "Width");
  add_number(app, "--learning-rate", flags.learning_rate, 1e-9, 1.0, "Highest learning rate");
}

void run(const Flags& flags) {
  examples::check_even_heads(flags.n_embd, flags.n_head);
  examples::Teller teller("Length generalisation", flags.out_dir);
  teller.text(settings_of(flags));
  const Results results = all_results(flags);
  if (stop_signal() != 0)
    teller.text(examples::say_stopped(
        fmt::format("after {} of {} encodings", results.size(), flags.positions.size())));
  if (results.empty()) return;
  teller.chart("exact_match", chart_of(results));
  teller.table("results", table_of(results));
  teller.heading("What the numbers show");
  for (const std::string& sentence : conclusions(results)) teller.text(sentence);
  teller.write("length_generalisation.html");
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  examples::CommandLine line("length_generalisation",
                             "With its defaults it takes less than 2 minutes on 2 cores.");
  add_flags(line.app(), flags);
  return line.main(argc, argv, [&] { run(flags); });
}
