#include <gtest/gtest.h>
#include <rill/core/distributed/detail/bucket.h>
#include <rill/core/distributed/detail/one_rank.h>
#include <rill/core/error.h>
#include <rill/core/inplace.h>
#include <rill/core/memory/storage.h>

#include <utility>

namespace rill::distributed {
namespace {

/// Never comes to what is posted, and lets nothing go of it.
class StuckRanks final : public Ranks {
 public:
  int rank() const override { return 0; }
  int size() const override { return 2; }
  void watch(const Gather&) override {}
  void at_step(int64_t) override {}
  std::future<void> post(std::function<void()> work, int64_t) override {
    work_ = std::move(work);
    return done_.get_future();
  }
  void exchange(std::span<const mpi::Bytes>, std::span<const mpi::Bytes>) override {}
  void give_up() override { done_.set_exception(std::make_exception_ptr(Error("given up"))); }
  void tell_failure(const std::string&) override {}
  void end() override { work_ = nullptr; }

 private:
  std::function<void()> work_;
  std::promise<void> done_;
};

/// Two rows that are no neighbours, so that both are sent.
void send_two_rows(Bucket& bucket, Ranks& ranks) {
  bucket.begin_step();
  for (const int64_t item : {0, 2}) {
    bucket.row().fill_(1);
    bucket.close_row(item);
  }
  bucket.send(ranks, 4, 0);
}

TEST(Bucket, LeavesItsRowsToAnExchangeThatIsGivenUpWhichOthersMayWriteToYet) {
  StuckRanks ranks;
  const int64_t before = live_tensor_bytes();
  {
    Bucket bucket(float32);
    bucket.reserve(1000);
    send_two_rows(bucket, ranks);
    bucket.give_up();
  }
  EXPECT_EQ(live_tensor_bytes() - before, 2 * 1000 * 4);
  ranks.end();
  EXPECT_EQ(live_tensor_bytes(), before);
}

TEST(Bucket, LeavesNothingToAnExchangeThatIsDone) {
  OneRank rank;
  const int64_t before = live_tensor_bytes();
  Bucket bucket(float32);
  bucket.reserve(1000);
  send_two_rows(bucket, rank);
  EXPECT_EQ(bucket.receive()[0].item(), 2);
  EXPECT_EQ(live_tensor_bytes() - before, 1000 * 4);
}

}  // namespace
}  // namespace rill::distributed
