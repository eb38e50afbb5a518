#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/core/threads.h>

#include "tests/core/kernels/simd_levels.h"

namespace rill::testing {
namespace {

/// Large enough for several threads, by rill's own kernels and by BLAS.
std::vector<double> results() {
  Generator generator(3);
  const Tensor x = randn({400, 300}, generator, float64);
  return matmul(x, softmax(x, -1).T()).sum({1}).to_vector();
}

template <class Function>
[[noreturn]] void end_with(Function function) noexcept {
  alarm(60);
  _exit(function());
}

/// What `function` returns in a child process, which ends there; negative where it throws, crashes,
/// or does not end within a minute.
template <class Function>
int in_a_child(Function function) {
  const pid_t child = fork();
  if (child == 0) end_with(function);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Fork, TheChildComputesTheSameBitsAfterTheParentHasUsedThreads) {
  const kernels::Settings restore;
  set_num_threads(4);
  const std::vector<double> expected = results();
  const auto gives_the_same = [&] { return results() == expected ? 0 : 1; };
  EXPECT_EQ(in_a_child(gives_the_same), 0);
  EXPECT_EQ(in_a_child([&] {
              set_num_threads(3);
              return gives_the_same() + in_a_child(gives_the_same);
            }),
            0);
  EXPECT_EQ(results(), expected) << "in the parent, afterwards";
}

}  // namespace
}  // namespace rill::testing
