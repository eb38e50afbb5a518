#include <rill/core/distributed/detail/exchange_thread.h>
#include <rill/core/error.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/expect.h"

namespace rill::distributed {
namespace {

TEST(ExchangeThread, DoesWhatIsPostedInItsOrderAndThrowsWhatItThrew) {
  std::string done;
  std::vector<std::future<void>> futures;
  {
    ExchangeThread thread;
    for (const char each : std::string("abc"))
      futures.push_back(thread.post([&done, each] { done += each; }));
    futures.push_back(thread.post([] { fail<Error>("no route"); }));
    futures.push_back(thread.post([&done] { done += 'd'; }));
  }
  EXPECT_EQ(done, "abcd");
  testing::expect_error<Error>([&] { futures[3].get(); }, {"no route"});
}

TEST(ExchangeThread, LetsGoOfWhatTheWorkHasBeforeItIsDone) {
  ExchangeThread thread;
  auto buffer = std::make_shared<int>(7);
  const std::weak_ptr<int> still_there = buffer;
  thread.post([buffer = std::move(buffer)] { ++*buffer; }).get();
  EXPECT_TRUE(still_there.expired());
}

TEST(ExchangeThread, KeepsTheMemoryOfWorkThatIsGivenUp) {
  auto buffer = std::make_shared<int>(7);
  const std::weak_ptr<int> still_there = buffer;
  std::future<void> given_up, next, late;
  {
    ExchangeThread thread;
    given_up = thread.post([&thread, buffer = std::move(buffer)] {
      thread.stay(std::make_exception_ptr(Error("given up")));
    });
    next = thread.post([] {});
    given_up.wait();
    late = thread.post([] {});
  }
  for (std::future<void>* each : {&given_up, &next, &late})
    testing::expect_error<Error>([&] { each->get(); }, {"given up"});
  EXPECT_FALSE(still_there.expired());
}

}  // namespace
}  // namespace rill::distributed
