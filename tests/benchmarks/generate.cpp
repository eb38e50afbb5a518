// What the key-value cache saves: the time to write 256 tokens, one by one, with the cache and by
// running the whole sequence again for each; 4 layers, 4 heads, width 128, vocabulary 65. Prints a
// line "POSITION,CACHED_MS,WHOLE_MS,RATIO" for each encoding. Then what the 100th and the 1,000th
// token cost with the cache, and how much of that is attention: a line "token,N,MS,ATTENTION_MS"
// each. usage: generate [ROUNDS]
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

constexpr int64_t n_layer = 4, n_head = 4, n_embd = 128;

/// The least time of attention to all that is in the cache, in all layers.
double attention_ms(const nn::KeyValueCache& cache) {
  const Tensor query = randn({1, n_head, 1, n_embd / n_head});
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 100; ++i)
    least =
        std::min(least, milliseconds([&] {
                   for (const nn::KeyValue& layer : cache.layers)
                     static_cast<void>(scaled_dot_product_attention(query, layer.key, layer.value));
                 }));
  return least;
}

/// Fills the cache with a few more than `count` tokens: the least time of those around that one.
double token_ms(const nn::LanguageModel& model, nn::KeyValueCache& cache, int64_t count) {
  double least = std::numeric_limits<double>::infinity();
  while (cache.length() < count + 10) {
    const double time = milliseconds([&] {
      static_cast<void>(model(zeros({1, 1}, int64), cache));
    });
    if (cache.length() > count - 10) least = std::min(least, time);
  }
  return least;
}

void time_tokens() {
  const nn::LanguageModel model({.vocab_size = 65,
                                 .block_size = 1024,
                                 .n_layer = n_layer,
                                 .n_head = n_head,
                                 .n_embd = n_embd});
  model.eval();
  const NoGradGuard no_grad;
  nn::KeyValueCache cache;
  for (const int count : {100, 1000}) {
    const double time = token_ms(model, cache, count);
    std::printf("token,%d,%.3f,%.3f\n", count, time, attention_ms(cache));
  }
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
  time_tokens();
}
