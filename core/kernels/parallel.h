#pragma once

#include <rill/core/kernels/float_state.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>

namespace rill::kernels {

constexpr int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t round_up(int64_t a, int64_t b) { return divide_up(a, b) * b; }

/// Elements from which waking the threads pays, where each is little work.
inline constexpr int64_t simple_grain = 16384;
/// The same for pieces of `size` elements each, at least 1.
constexpr int64_t pieces_worth_threads(int64_t size, int64_t elements = simple_grain) {
  return std::max<int64_t>(1, elements / std::max<int64_t>(size, 1));
}

/// No loop is cut into more chunks than this.
inline constexpr int64_t max_chunks = 128;

/// Elements of one chunk of a loop over n elements that is worth threads above `grain` elements: an
/// eighth of the grain or more. It depends on n and grain alone, never on the number of threads.
constexpr int64_t chunk_size(int64_t n, int64_t grain) {
  if (n <= grain) return n;
  const int64_t chunk = std::max((grain + 7) / 8, (n + max_chunks - 1) / max_chunks);
  return chunk < 1024 ? chunk : (chunk + 63) / 64 * 64;
}

/// True inside a loop that runs on several threads.
bool in_parallel();

/// How many threads a loop gets now: num_threads(), or fewer while other programs keep them
/// waiting.
int threads_now();

/// Runs body(context, i) for i in [0, count): on threads_now() threads if there is more than one
/// and none of them is running a loop already, else in order on the calling thread; each in a
/// FloatState of `denormals`. A process forked from one that has run threads has the calling thread
/// alone. The first exception is rethrown once all have stopped.
void run_parallel(Denormals denormals, int64_t count, void (*body)(void* context, int64_t i),
                  void* context);

/// Calls f(begin, end) on the chunks of [0, n), in a FloatState of `denormals`. Up to `grain`
/// elements: one call, on this thread.
template <class F>
void parallel_for(Denormals denormals, int64_t n, int64_t grain, F&& f) {
  if (n <= 0) return;
  const int64_t chunk = chunk_size(n, grain);
  if (chunk >= n) {
    const FloatState state(denormals);
    return static_cast<void>(f(int64_t{0}, n));
  }
  auto body = [&](int64_t i) { f(i * chunk, std::min(n, (i + 1) * chunk)); };
  run_parallel(
      denormals, (n + chunk - 1) / chunk,
      [](void* context, int64_t i) { (*static_cast<decltype(body)*>(context))(i); }, &body);
}

/// The same for arithmetic.
template <class F>
void parallel_for(int64_t n, int64_t grain, F&& f) {
  parallel_for(Denormals::are_zero, n, grain, f);
}

/// Folds [0, n): map(begin, end) gives each chunk's part, and combine(left, right) joins the parts
/// in the order of the chunks, so that the result does not depend on the number of threads.
template <class T, class Map, class Combine>
T parallel_reduce(Denormals denormals, int64_t n, int64_t grain, T identity, Map&& map,
                  Combine&& combine) {
  if (n <= 0) return identity;
  const FloatState state(denormals);
  const int64_t chunk = chunk_size(n, grain);
  if (chunk >= n) return combine(identity, map(int64_t{0}, n));
  std::array<T, max_chunks> parts;
  parallel_for(denormals, n, grain, [&](int64_t begin, int64_t end) {
    parts[static_cast<size_t>(begin / chunk)] = map(begin, end);
  });
  T result = identity;
  for (int64_t i = 0; i * chunk < n; ++i) {
    result = combine(result, parts[static_cast<size_t>(i)]);
  }
  return result;
}

/// The same for arithmetic.
template <class T, class Map, class Combine>
T parallel_reduce(int64_t n, int64_t grain, T identity, Map&& map, Combine&& combine) {
  return parallel_reduce(Denormals::are_zero, n, grain, identity, map, combine);
}

}  // namespace rill::kernels
