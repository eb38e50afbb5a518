#include <rill/core/distributed/detail/watchdog.h>
#include <rill/core/error.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "full_pipe.h"
#include "tests/support/expect.h"

namespace rill::distributed {
namespace {

/// Somebody who connects to the port at the end of `addresses`, and says this.
LineSocket stranger(const std::string& addresses, const std::string& text) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  place.sin_port =
      htons(static_cast<uint16_t>(std::stoi(addresses.substr(addresses.rfind(':') + 1))));
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(connect(descriptor, reinterpret_cast<sockaddr*>(&place), sizeof place), 0);
  EXPECT_EQ(send(descriptor, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  return LineSocket(descriptor);
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(Watchdog, IsNotHeldUpByStrangers) {
  const Listener listener;
  const std::string addresses = listener.addresses();
  std::vector<LineSocket> strangers;  // who stay
  for (const char* text : {"", "", "GET / HTTP/1.1\r\n\r\n", "no line's end", "other-token 1\n"})
    strangers.push_back(stranger(addresses, text));
  stranger(addresses, "");  // who goes at once
  const Whereabouts start;
  Watchdog watchdog(0, start);
  std::vector<std::thread> ranks;
  for (int rank = 1; rank < 3; ++rank)
    ranks.emplace_back([&, rank] {
      const std::string greeting = "token " + std::to_string(rank);
      EXPECT_NO_THROW(connect_to(addresses, greeting, 10));
    });
  EXPECT_LT(seconds_of([&] { watchdog.accept_all(listener, 3, "token"); }), 5);
  for (std::thread& rank : ranks) rank.join();
}

/// The ranks of a world within this process.
class Threads {
 public:
  explicit Threads(int ranks) : barrier_(ranks), texts_(static_cast<size_t>(ranks)) {}
  std::vector<std::string> gather(int rank, const std::string& mine) {
    texts_[static_cast<size_t>(rank)] = mine;
    barrier_.arrive_and_wait();
    std::vector<std::string> all = texts_;
    barrier_.arrive_and_wait();
    return all;
  }

 private:
  std::barrier<> barrier_;
  std::vector<std::string> texts_;
};

/// The ranks of a world, each on a thread, from before they meet.
void on_ranks(int ranks, const std::function<void(int, Watchdog&, const Gather&)>& work) {
  Threads world(ranks);
  const Whereabouts start;
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank)
    threads.emplace_back([&, rank] {
      Watchdog watchdog(rank, start);
      work(rank, watchdog, [&](const std::string& mine) { return world.gather(rank, mine); });
    });
  for (std::thread& thread : threads) thread.join();
}

TEST(Watchdog, DoesNotMissARankThatIsSlowToCome) {
  on_ranks(3, [](int rank, Watchdog& watchdog, const Gather& gather) {
    int gathered = 0;
    watchdog.meet(3, [&](const std::string& mine) {
      std::vector<std::string> all = gather(mine);
      if (rank == 2 && ++gathered == 3) std::this_thread::sleep_for(std::chrono::seconds(7));
      return all;
    });
    gather("");
    watchdog.leave();
  });
}

/// The parameter is the rank that leaves, and is gone while others go on.
class LeavingDeathTest : public ::testing::TestWithParam<int> {};

TEST_P(LeavingDeathTest, DoesNotMissARankThatHasLeft) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto all_leave = [] {
    on_ranks(3, [](int rank, Watchdog& watchdog, const Gather& gather) {
      watchdog.meet(3, gather);
      if (rank != GetParam()) std::this_thread::sleep_for(std::chrono::seconds(2));
      watchdog.leave();
    });
    std::_Exit(0);
  };
  EXPECT_EXIT(all_leave(), ::testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(OfRank, LeavingDeathTest, ::testing::Values(0, 1));

/// Rank 1 of two is gone without a word.
void lose_rank_1() {
  testing::block_standard_error();
  on_ranks(2, [](int rank, Watchdog& watchdog, const Gather& gather) {
    watchdog.meet(2, gather);
    if (rank == 0) std::this_thread::sleep_for(std::chrono::seconds(10));
  });
  std::_Exit(2);
}

TEST(WatchdogDeathTest, EndsWhereNobodyReadsStandardError) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(lose_rank_1(), ::testing::ExitedWithCode(1), "");
}

/// Rank 0 of two says every second or two that rank 1 is late, and is not taken to be missing.
void wait_for_rank_1() {
  testing::block_standard_error();
  Threads world(2);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < 2; ++rank)
    threads.emplace_back([&, rank] {
      Whereabouts here;
      here.step = 3;
      if (rank == 0) here.bucket = 0;
      Watchdog watchdog(rank, here, std::chrono::milliseconds(100));
      watchdog.meet(2, [&](const std::string& mine) { return world.gather(rank, mine); });
      std::this_thread::sleep_for(std::chrono::seconds(8));
      world.gather(rank, "");
      watchdog.leave();
    });
  for (std::thread& thread : threads) thread.join();
  std::_Exit(0);
}

TEST(WatchdogDeathTest, WaitsForALateRankWhereNobodyReadsStandardError) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(wait_for_rank_1(), ::testing::ExitedWithCode(0), "");
}

/// The longest that one of three ranks takes to leave.
double seconds_of_leaving() {
  std::array<double, 3> seconds{};
  on_ranks(3, [&](int rank, Watchdog& watchdog, const Gather& gather) {
    watchdog.meet(3, gather);
    gather("");
    seconds[static_cast<size_t>(rank)] = seconds_of([&] { watchdog.leave(); });
  });
  return std::ranges::max(seconds);
}

TEST(Watchdog, IsLeftAtOnceWhereAllLeave) {
  double least = seconds_of_leaving();  // a needless wait takes 1 s each time
  for (int i = 0; i < 4 && least >= 0.7; ++i) least = std::min(least, seconds_of_leaving());
  EXPECT_LT(least, 0.7);
}

TEST(Watchdog, SaysOnAllRanksWhatHoldsUpOne) {
  const Whereabouts start;
  Watchdog watchdog(1, start);
  int gathered = 0;
  const auto gather = [&](const std::string& mine) {
    return std::vector<std::string>{++gathered == 1 ? "no port" : mine, mine};
  };
  testing::expect_error<Error>([&] { watchdog.meet(2, gather); }, {"no port"});
}

}  // namespace
}  // namespace rill::distributed
