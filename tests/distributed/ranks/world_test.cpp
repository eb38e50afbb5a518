#include <rill/core/distributed/world.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"
#include "this_world.h"

namespace rill::ranks {
namespace {

using testing::expect_error;
using testing::expect_values;

TEST(World, GathersWhatEachRankGaveInTheirOrder) {
  World& world = this_world();
  const std::string mine(static_cast<size_t>(world.rank()) * 3, 'a');
  const std::vector<std::string> all = world.gather(mine);
  ASSERT_EQ(all.size(), static_cast<size_t>(world.size()));
  for (size_t r = 0; r < all.size(); ++r) EXPECT_EQ(all[r], std::string(r * 3, 'a'));
}

constexpr size_t more_than_a_message = (size_t{1} << 24) + 5;  // bytes: they go in two

/// No two pieces of it are alike.
std::string long_text(int rank) {
  std::string text(more_than_a_message, 'a');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>((i + i / 1000) % 251);
  text[0] = static_cast<char>(rank);
  return text;
}

TEST(World, GathersMoreThanOneMessageTakes) {
  World& world = this_world();
  const std::vector<std::string> all = world.gather(long_text(world.rank()));
  for (int r = 0; r < world.size(); ++r)
    EXPECT_TRUE(all[static_cast<size_t>(r)] == long_text(r)) << r;
}

TEST(World, BroadcastsMoreThanOneMessageTakes) {
  World& world = this_world();
  const Tensor expected = arange(int64_t{more_than_a_message} / 4 + 1, float32);
  const Tensor x = world.rank() == 0 ? expected.clone() : zeros(expected.shape());
  world.broadcast(x);
  EXPECT_TRUE(equal(x, expected));
}

TEST(World, BroadcastsWhatAnyRankHolds) {
  World& world = this_world();
  for (int root = 0; root < world.size(); ++root) {
    const Tensor x = full({3}, 10.0 * world.rank() + 1);
    const Tensor ids = full({2}, int64_t{world.rank()}, int64);
    world.broadcast(x, root);
    world.broadcast(ids, root);
    expect_values(x, std::vector<double>(3, 10.0 * root + 1));
    expect_values(ids, std::vector<double>(2, root));
  }
}

TEST(World, SumsOverRanksInPairsOfNeighbours) {
  World& world = this_world();
  // In float32, (1e8 + 1) + ... loses the ones, and the order of the sum shows.
  const float items[] = {1e8F, 1.0F, -1e8F, 3.0F};
  const Tensor x = full({5}, items[world.rank()]);
  world.all_reduce(x);
  float sum = items[0];
  if (world.size() > 1) sum = items[0] + items[1];
  if (world.size() == 3) sum = sum + items[2];
  if (world.size() == 4) sum = sum + (items[2] + items[3]);
  for (const double value : x.to_vector()) EXPECT_EQ(value, static_cast<double>(sum));
}

TEST(World, SumsFewerNumbersThanThereAreRanksAndMoreThanGoAtOnce) {
  World& world = this_world();
  for (const int64_t numbers : {0, 1, 2, 5'000'001}) {
    const Tensor places = arange(numbers, float64) + 1.0;
    const Tensor x = places * (world.rank() + 1.0);
    world.all_reduce(x);
    EXPECT_TRUE(equal(x, places * (world.size() * (world.size() + 1) / 2.0)));
  }
}

TEST(World, RefusesWhatItCannotSendOrSum) {
  World& world = this_world();
  expect_error<ShapeError>([&] { world.broadcast(zeros({2, 3}).T()); }, {"row-major"});
  expect_error<DTypeError>([&] { world.all_reduce(zeros({2}, int64)); }, {"int64"});
  expect_error<IndexError>([&] { world.broadcast(zeros({2}), 7); }, {"no rank 7"});
}

TEST(World, NamesTheRankThatCallsSomethingElseOnAll) {
  World& world = this_world();
  if (world.size() == 1) GTEST_SKIP() << "one rank agrees with itself";
  const bool is_last = world.rank() == world.size() - 1;
  const std::string last = "rank " + std::to_string(world.size() - 1);
  const Tensor x = ones({2, 3}), reshaped = ones({6}), wide = ones({2, 3}, float64);
  const auto expect = [&](const std::function<void()>& call, const std::string& usual,
                          const std::string& other) {
    expect_error<ValueError>(call, {"rank 0 calls " + usual, "but " + last + " calls " + other});
  };
  expect([&] { world.broadcast(is_last ? reshaped : x); }, "broadcast([2, 3] float32, 0)",
         "broadcast([6] float32, 0)");
  expect([&] { world.broadcast(x, is_last ? 1 : 0); }, "broadcast([2, 3] float32, 0)",
         "broadcast([2, 3] float32, 1)");
  expect([&] { world.all_reduce(is_last ? wide : x); }, "all_reduce([2, 3] float32)",
         "all_reduce([2, 3] float64)");
  expect([&] { is_last ? world.all_reduce(x) : world.barrier(); }, "barrier()", "all_reduce(");
  expect([&] { is_last ? world.want_same({}) : static_cast<void>(world.gather("")); }, "gather()",
         "want_same()");
  world.all_reduce(x);  // they go on
  EXPECT_TRUE(equal(x, full({2, 3}, world.size())));
}

TEST(World, AgreesOnWhatIsTheSame) {
  EXPECT_NO_THROW(this_world().want_same({{"n-layer", "4"}, {"seed", ""}}));
  EXPECT_NO_THROW(this_world().want_same(World::build()));
}

TEST(World, NamesEachFieldThatDiffersWithItsValues) {
  World& world = this_world();
  if (world.size() == 1) GTEST_SKIP() << "one rank agrees with itself";
  World::Fields fields{{"n-layer", world.rank() == 1 ? "3" : "4"}, {"seed", "7"}};
  if (world.rank() == 0) fields.emplace_back("text", "a.txt");
  expect_error<ValueError>(
      [&] { world.want_same(fields); },
      {"n-layer (4 on rank 0", ", 3 on rank 1", "text (a.txt on rank 0, nothing"});
  EXPECT_EQ(testing::message_of<ValueError>([&] { world.want_same(fields); }).find("seed"),
            std::string::npos);
}

TEST(World, DISABLED_EndsAndDoesNothingMore) {
  World& world = this_world();
  world.run([] {});
  const Tensor x = zeros({2});
  for (const std::function<void()>& call : std::vector<std::function<void()>>{
           [&] { world.barrier(); }, [&] { world.broadcast(x); }, [&] { world.all_reduce(x); },
           [&] { world.gather("more"); },
           [&] {
             world.want_same({{"seed", "7"}});
           },
           [&] { world.run([] {}); }})
    expect_error<Error>(call, {"World: it has ended"});
  if (world.size() > 1) expect_error<Error>([] { World(); }, {"has had its World"});
}

TEST(World, TellsTensorsApartByTheirHash) {
  const Tensor a = arange(9, float32), b = a.clone();
  EXPECT_EQ(hash_of(std::vector{a}), hash_of(std::vector{b}));
  b.narrow(0, 8, 1).fill_(8.000001);
  EXPECT_NE(hash_of(std::vector{a}), hash_of(std::vector{b}));
}

}  // namespace
}  // namespace rill::ranks
