// What the key-value cache saves: the time to write 256 tokens, one by one, with the cache and by
// running the whole sequence again for each; 4 layers, 4 heads, width 128, vocabulary 65. Prints a
// line "POSITION,CACHED_MS,WHOLE_MS,RATIO" for each encoding. usage: generate [ROUNDS]
#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/decoder.h>
#include <rill/nn/generate.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>

using namespace rill;

namespace {

constexpr int64_t new_tokens = 256;

template <class Run>
double milliseconds(Run run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

void write_with_cache(const nn::LanguageModel& model) {
  nn::generate(model, zeros({1}, int64), new_tokens, {.temperature = 0});
}

void write_anew(const nn::LanguageModel& model) {
  const NoGradGuard no_grad;
  Tensor ids = zeros({1, 1}, int64);
  for (int64_t i = 0; i < new_tokens; ++i)
    ids = cat({ids, nn::sample(model(ids).select(1, -1), {.temperature = 0}).unsqueeze(1)}, 1);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  for (const auto& [name, position] : nn::position_names()) {
    manual_seed(1);
    const nn::LanguageModel model(
        {.vocab_size = 65, .block_size = new_tokens + 1, .position = position});
    model.eval();
    double cached = std::numeric_limits<double>::infinity(), whole = cached;
    for (int round = 0; round < rounds; ++round) {  // in turn, the best of each
      cached = std::min(cached, milliseconds([&] { write_with_cache(model); }));
      whole = std::min(whole, milliseconds([&] { write_anew(model); }));
    }
    std::printf("%s,%.1f,%.1f,%.1f\n", name.c_str(), cached, whole, whole / cached);
    std::fflush(stdout);
  }
}
