#include <gtest/gtest.h>

#include <rill/core/error.h>
#include <rill/core/kernels/dispatch.h>
#include <algorithm>
#include <cstdlib>

#include "tests/core/kernels/simd_levels.h"

namespace rill::kernels {
namespace {

TEST(SimdLevel, AboveTheMachinesIsRefused) {
  const Settings restore;
  set_simd_level(SimdLevel::portable);
  EXPECT_EQ(simd_level(), SimdLevel::portable);
  if (best_simd_level() < SimdLevel::avx512) {
    EXPECT_THROW(set_simd_level(SimdLevel::avx512), ValueError);
  }
}

/// Ends the process with the level that RILL_SIMD asks for: in a process of its own, the first
/// question reads it.
void ask_with(const char* value) {
  if (value)
    setenv("RILL_SIMD", value, 1);
  else
    unsetenv("RILL_SIMD");
  try {
    std::exit(static_cast<int>(simd_level()));
  } catch (const ValueError& error) {
    std::fputs(error.what(), stderr);
    std::exit(100);
  }
}

TEST(SimdLevelDeathTest, IsWhatTheEnvironmentAsksForWhereTheMachineHasIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto exits_with = [](SimdLevel level) {
    return testing::ExitedWithCode(static_cast<int>(std::min(level, best_simd_level())));
  };
  EXPECT_EXIT(ask_with("portable"), exits_with(SimdLevel::portable), "");
  EXPECT_EXIT(ask_with("avx2"), exits_with(SimdLevel::avx2), "");
  EXPECT_EXIT(ask_with("avx512"), exits_with(SimdLevel::avx512), "");
  EXPECT_EXIT(ask_with(nullptr), exits_with(SimdLevel::avx512), "");
  EXPECT_EXIT(ask_with("sse"), testing::ExitedWithCode(100), "RILL_SIMD is \"sse\".*unset it");
}

}  // namespace
}  // namespace rill::kernels
