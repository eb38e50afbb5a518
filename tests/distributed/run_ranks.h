#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace rill::testing {

/// What several ranks left behind.
struct RanksOutcome {
  int exit_code = 0;      // of mpirun
  std::string said = {};  // standard output and error of all
  int64_t told = 0;       // when the last of those left said that it ends, in nanoseconds
};

/// Why no ranks can be started here; empty where they can.
std::string why_no_ranks();

/// Runs a line of the shell on so many ranks by mpirun, oversubscribed and as root where need be,
/// for two minutes at most.
RanksOutcome run_on_ranks(int ranks, const std::string& command);

/// Runs a line of the shell.
RanksOutcome run_line(const std::string& line);

/// For the beginning of a test.
#define RILL_WANT_RANKS() \
  if (const std::string why = ::rill::testing::why_no_ranks(); !why.empty()) GTEST_SKIP() << why

}  // namespace rill::testing
