#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include <rill/core/distributed/detail/deadline.h>
#include <rill/core/distributed/detail/exchange_thread.h>
#include <rill/core/distributed/detail/ranks.h>
#include <rill/core/distributed/detail/watchdog.h>
#include <rill/core/error.h>

namespace rill::distributed {
namespace {

/// Looks often at first, and then less and less, so that who computes is hardly disturbed.
class Waiting {
 public:
  void wait() {
    if (looks_++ < 5) return std::this_thread::yield();
    std::this_thread::sleep_for(pause_);
    pause_ = std::min(pause_ * 5 / 4, std::chrono::microseconds(500));
  }

 private:
  int looks_ = 0;
  std::chrono::microseconds pause_{20};
};

class MpiRanks final : public Ranks {
 public:
  explicit MpiRanks(const Launch& launch) {
    const auto begin = [this] {
      mpi::begin();
      rank_ = mpi::rank();
      size_ = mpi::size();
    };
    thread_.post(begin).get();
    if (size_ != launch.size)
      fail<Error>("the launcher started ", launch.size, " ranks (", launch.variable, "), but ",
                  mpi::library(), ", which rill was built with, sees ", size_,
                  ": start it with that library's own mpirun");
    watchdog_.emplace(rank_, whereabouts_);
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void watch(const Gather& gather) override {
    watchdog_->meet(size_, gather);
    start_.reset();
  }
  void at_step(int64_t step) override { whereabouts_.step = step; }
  void give_up() override { is_abandoned_ = true; }

  std::future<void> post(std::function<void()> work, int64_t bucket) override {
    return thread_.post([this, work = std::move(work), bucket] {
      whereabouts_.bucket = bucket;
      work();
      whereabouts_.bucket = Whereabouts::nowhere;
    });
  }

  /// MPI may write to the memory of one that does not come to its end. What is an error to it is
  /// mostly a rank that is missing, of which the watchdog hears too, and says more.
  void exchange(std::span<const mpi::Bytes> to, std::span<const mpi::Bytes> from) override {
    try {
      wait_for_others(to, from);
    } catch (const std::exception& error) {
      if (!is_abandoned_) std::this_thread::sleep_for(std::chrono::seconds(1));
      const std::string here = " (rank " + std::to_string(rank_) + ", " + whereabouts_.text() + ")";
      thread_.stay(std::make_exception_ptr(Error(error.what() + here)));
    }
  }

  void tell_failure(const std::string& why) override {
    give_up();
    watchdog_->fail(why);
  }

  void end() override {
    thread_.post(mpi::end).get();
    watchdog_->leave();
  }

 private:
  void wait_for_others(std::span<const mpi::Bytes> to, std::span<const mpi::Bytes> from) {
    want_going_on();
    mpi::Exchange exchange(to, from);
    for (Waiting waiting; !exchange.is_done(); waiting.wait()) want_going_on();
  }
  void want_going_on() const {
    if (is_abandoned_) fail<Error>("the exchange with other ranks was given up");
  }

  std::optional<Deadline> start_{std::in_place, std::chrono::minutes(2),
                                 "not all ranks have come to their World in 2 minutes"};
  int rank_ = 0, size_ = 1;
  Whereabouts whereabouts_;
  std::atomic<bool> is_abandoned_ = false;
  std::optional<Watchdog> watchdog_;
  ExchangeThread thread_;  // ended before what it uses
};

}  // namespace

std::unique_ptr<Ranks> begin_ranks(const Launch& launch) {
  return std::make_unique<MpiRanks>(launch);
}

}  // namespace rill::distributed
