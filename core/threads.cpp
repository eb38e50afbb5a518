#include <cblas.h>
#include <omp.h>

#include <rill/core/detail/warn.h>
#include <rill/core/error.h>
#include <rill/core/threads.h>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

namespace rill {
namespace {

std::atomic<int> threads_asked = 0;  // 0: nobody asked

bool warn_about_another_openblas() {
  constexpr int openmp_build = 2;
  if (openblas_get_parallel() == openmp_build) return false;
  detail::warn(
      "the OpenBLAS loaded was not built for OpenMP, so its own threads may compete with "
      "rill's. On Debian: apt-get install libopenblas0-openmp.");
  return true;
}

// OMP_NUM_THREADS is a count, or a list of them with one for each level of nesting.
void check_environment() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  if (text == nullptr) return;
  std::string_view first(text);
  first = first.substr(0, first.find(','));
  while (!first.empty() && first.front() == ' ') first.remove_prefix(1);
  while (!first.empty() && first.back() == ' ') first.remove_suffix(1);
  int count = 0;
  const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), count);
  if (error == std::errc() && end == first.data() + first.size() && count >= 1) return;
  throw ValueError("OMP_NUM_THREADS is \"" + std::string(text) +
                   "\", but must be a number of threads, 1 or more: set it so, or unset it");
}

}  // namespace

int num_threads() {
  [[maybe_unused]] static const bool warned = warn_about_another_openblas();
  const int asked = threads_asked.load(std::memory_order_relaxed);
  if (asked > 0) return asked;
  [[maybe_unused]] static const bool checked = (check_environment(), true);
  return omp_get_max_threads();
}

void set_num_threads(int n) {
  if (n < 1) {
    throw ValueError("set_num_threads: asked for " + std::to_string(n) +
                     " threads, but there must be 1 or more");
  }
  threads_asked.store(n, std::memory_order_relaxed);
}

}  // namespace rill
