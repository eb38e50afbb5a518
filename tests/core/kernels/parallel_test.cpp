#include <gtest/gtest.h>
#include <omp.h>

#include <rill/core/error.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/threads.h>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace rill::kernels {
namespace {

struct Threads {
  explicit Threads(int n) : saved(num_threads()) { set_num_threads(n); }
  ~Threads() { set_num_threads(saved); }
  int saved;
};

TEST(ParallelFor, VisitsEachElementOnceInChunksThatTheThreadsDoNotChange) {
  for (int64_t n : {0, 1, 7, 100, 1000, 100000}) {
    std::vector<std::vector<int64_t>> ends;
    for (int threads : {1, 2, 5, 8}) {
      const Threads restore(threads);
      std::vector<std::atomic<int>> seen(static_cast<size_t>(n));
      std::vector<int64_t> end_of(static_cast<size_t>(n));
      parallel_for(n, 16, [&](int64_t begin, int64_t end) {
        end_of[static_cast<size_t>(begin)] = end;
        for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
      });
      for (const auto& count : seen) ASSERT_EQ(count, 1);
      ends.push_back(end_of);
    }
    for (const auto& end_of : ends) EXPECT_EQ(end_of, ends[0]) << n;
  }
}

TEST(ParallelFor, RunsOnAsManyThreadsAsWereAskedFor) {
  for (const int threads : {1, 2, 3}) {
    const Threads restore(threads);
    std::mutex mutex;
    std::set<std::thread::id> seen;
    parallel_for(100000, 16, [&](int64_t, int64_t) {
      const std::lock_guard lock(mutex);
      seen.insert(std::this_thread::get_id());
    });
    EXPECT_EQ(seen.size(), static_cast<size_t>(threads));
  }
}

/// How many threads a loop of two parts runs on; the one that is not the caller sleeps meanwhile.
size_t threads_of_a_loop(std::chrono::milliseconds sleep) {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  const std::thread::id caller = std::this_thread::get_id();
  parallel_for(2, 1, [&](int64_t, int64_t) {
    if (std::this_thread::get_id() != caller) std::this_thread::sleep_for(sleep);
    const std::lock_guard lock(mutex);
    seen.insert(std::this_thread::get_id());
  });
  return seen.size();
}

TEST(ParallelFor, RunsOnFewerThreadsAfterAWaitForOneThatStoodStill) {
  const Threads restore(2);
  bool ran_on_one = false;
  for (int i = 0; i < 50 && !ran_on_one; ++i) {  // again where the machine itself stood still
    threads_of_a_loop(std::chrono::milliseconds(0));
    threads_of_a_loop(std::chrono::milliseconds(20));
    ran_on_one = threads_of_a_loop(std::chrono::milliseconds(0)) == 1;
  }
  EXPECT_TRUE(ran_on_one);
  EXPECT_EQ(num_threads(), 2);
}

TEST(ParallelFor, StaysOnOneThreadUpToTheGrainAndInsideAnotherLoop) {
  const Threads restore(4);
  parallel_for(100, 100, [](int64_t, int64_t) { EXPECT_FALSE(in_parallel()); });
  std::atomic<int> outer = 0, inner = 0;
  parallel_for(8, 1, [&](int64_t, int64_t) {
    outer += in_parallel();
    parallel_for(1000, 1,
                 [&](int64_t begin, int64_t end) { inner += static_cast<int>(end - begin); });
  });
  EXPECT_EQ(outer, 8);
  EXPECT_EQ(inner, 8000);
}

TEST(ParallelFor, RethrowsAnExceptionAndWorksAfterwards) {
  for (int threads : {1, 4}) {
    const Threads restore(threads);
    EXPECT_THROW(parallel_for(1000, 1, [](int64_t, int64_t) { throw std::out_of_range("here"); }),
                 std::out_of_range);
    std::atomic<int64_t> sum = 0;
    parallel_for(1000, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
    EXPECT_EQ(sum, 1000);
  }
}

TEST(ParallelReduce, AddsInAnOrderThatTheThreadsDoNotChange) {
  std::vector<float> sums;
  for (int threads = 1; threads <= 8; ++threads) {
    const Threads restore(threads);
    sums.push_back(parallel_reduce(
        int64_t{100001}, 256, 0.0f,
        [](int64_t begin, int64_t end) {
          float part = 0;
          for (int64_t i = begin; i < end; ++i) part += 1.0f / static_cast<float>(i + 1);
          return part;
        },
        [](float left, float right) { return left + right; }));
  }
  EXPECT_NEAR(sums[0], 12.0901561, 1e-4);  // H(100001)
  for (float sum : sums) EXPECT_EQ(sum, sums[0]);
}

TEST(NumThreads, IsWhatWasSetAndNeverBelowOne) {
  const Threads restore(3);
  EXPECT_EQ(num_threads(), 3);
  EXPECT_THROW(set_num_threads(0), ValueError);
  EXPECT_THROW(set_num_threads(-2), ValueError);
  EXPECT_EQ(num_threads(), 3);
}

/// A program that has run ops, and then speaks to OpenMP itself.
void ask_openmp_late() {
  const int first = num_threads();
  omp_set_num_threads(first + 1);
  std::exit(num_threads() == first + 1 ? 0 : 1);
}

TEST(NumThreadsDeathTest, HeedsOpenMPAfterTheFirstOp) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(ask_openmp_late(), testing::ExitedWithCode(0), "");
}

/// In a process of its own, the first question to num_threads() reads OMP_NUM_THREADS.
void ask_with(const char* value) {
  setenv("OMP_NUM_THREADS", value, 1);
  try {
    std::exit(num_threads() >= 1 ? 0 : 2);
  } catch (const ValueError& error) {
    std::fputs(error.what(), stderr);
    std::exit(1);
  }
}

TEST(NumThreadsDeathTest, RefusesAnEnvironmentThatIsNoCount) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const char* value : {"0", "abc", "-1", "3x", "99999999999", " "}) {
    EXPECT_EXIT(ask_with(value), testing::ExitedWithCode(1), "OMP_NUM_THREADS is .*1 or more");
  }
  for (const char* value : {"1", "4", "4,2"}) {
    EXPECT_EXIT(ask_with(value), testing::ExitedWithCode(0), "");
  }
}

}  // namespace
}  // namespace rill::kernels
