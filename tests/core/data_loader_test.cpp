#include <rill/core/data_loader.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <rill/core/ops.h>
#include <rill/core/threads.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;
using Rows = std::vector<int64_t>;

/// The rows 0 ... n - 1, each holding its number.
Tensor rows(int64_t n) { return arange(static_cast<double>(n)); }

/// The rows that the next loop gives, batch by batch.
std::vector<Rows> epoch_of(DataLoader& batches) {
  std::vector<Rows> found;
  for (const std::vector<Tensor>& batch : batches) found.push_back(batch[0].to_vector<int64_t>());
  return found;
}

Rows joined(const std::vector<Rows>& batches) {
  Rows all;
  for (const Rows& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

TEST(Batches, CutTheRowsInTheirOrder) {
  DataLoader batches({rows(5)}, {.batch_size = 2});
  EXPECT_EQ(batches.size(), 3);
  EXPECT_EQ(epoch_of(batches), (std::vector<Rows>{{0, 1}, {2, 3}, {4}}));
  EXPECT_EQ(epoch_of(batches), (std::vector<Rows>{{0, 1}, {2, 3}, {4}}));
}

TEST(Batches, HoldOneRowUnlessTold) {
  DataLoader batches({rows(3)});
  EXPECT_EQ(epoch_of(batches), (std::vector<Rows>{{0}, {1}, {2}}));
}

TEST(Batches, TakeTheSameRowsOfAllTensors) {
  for (const bool shuffle : {false, true}) {
    const Tensor x = rows(7).to(float32).unsqueeze(1).expand({7, 3});
    const Tensor y = rows(7), is_small = lt(y, 3);
    DataLoader batches({x, y, is_small}, {.batch_size = 3, .shuffle = shuffle});
    for (const std::vector<Tensor>& batch : batches) {
      ASSERT_EQ(batch.size(), 3u);
      const Rows numbers = batch[1].to_vector<int64_t>();
      EXPECT_EQ(batch[0].shape(), Shape({batch[1].size(0), 3}));
      EXPECT_EQ(batch[0].select(1, 2).to_vector<int64_t>(), numbers);
      EXPECT_EQ(batch[2].dtype(), bool_);
      for (size_t i = 0; i < numbers.size(); ++i)
        EXPECT_EQ(batch[2].to_vector()[i] != 0, numbers[i] < 3);
    }
  }
}

TEST(Batches, OfTwoTensorsComeApartInTheLoop) {
  DataLoader pairs({rows(5), rows(5) * 10}, 2);
  Rows first, second;
  for (const auto& [x, y] : pairs) {
    first.push_back(x[-1].item<int64_t>());
    second.push_back(y[-1].item<int64_t>());
  }
  EXPECT_EQ(first, Rows({1, 3, 4}));
  EXPECT_EQ(second, Rows({10, 30, 40}));
  for (auto [x, y] : pairs) EXPECT_TRUE(equal(x * 10, y));
  static_assert(std::is_same_v<decltype(*pairs.begin()), DataLoader::Batch>, "it outlives begin()");
  for (const size_t count : {1U, 3U}) {
    DataLoader others(std::vector<Tensor>(count, rows(2)));
    expect_error<ValueError>([&] { [[maybe_unused]] const auto& [x, y] = *others.begin(); },
                             {"two tensors", std::to_string(count), "batch[0]"});
  }
}

TEST(Batches, TakeTheirSizeByPosition) {
  EXPECT_EQ(DataLoader({rows(5)}, 2).size(), 3);
  EXPECT_EQ(DataLoader({rows(5), rows(5)}).size(), 5);
  const auto shuffle = [](const DataLoader& batches) {
    return batches.state_dict()[5].tensor.item<bool>();
  };
  EXPECT_FALSE(shuffle(DataLoader({rows(5)}, 2)));
  EXPECT_TRUE(shuffle(DataLoader({rows(5)}, 2, true)));
  static_assert(!std::is_constructible_v<DataLoader, std::vector<Tensor>, bool>);
}

TEST(Batches, DropTheLastWhereItIsSmallerAndTheyAreTold) {
  DataLoader five({rows(5)}, {.batch_size = 2, .drop_last = true});
  EXPECT_EQ(five.size(), 2);
  EXPECT_EQ(epoch_of(five), (std::vector<Rows>{{0, 1}, {2, 3}}));
  DataLoader four({rows(4)}, {.batch_size = 2, .drop_last = true});
  EXPECT_EQ(epoch_of(four), (std::vector<Rows>{{0, 1}, {2, 3}}));
}

TEST(Batches, OfFewerRowsThanABatchAreOneBatch) {
  DataLoader batches({rows(3)}, {.batch_size = 32});
  EXPECT_EQ(epoch_of(batches), (std::vector<Rows>{{0, 1, 2}}));
}

TEST(Batches, OfNoRowsAreNone) {
  for (const bool drop_last : {false, true})
    for (const bool shuffle : {false, true}) {
      DataLoader batches({zeros({0, 3})}, {.shuffle = shuffle, .drop_last = drop_last});
      EXPECT_EQ(batches.size(), 0);
      EXPECT_TRUE(epoch_of(batches).empty());
    }
}

TEST(Batches, ThatAreNotShuffledAreViews) {
  const Tensor x = rows(4);
  DataLoader batches({x}, {.batch_size = 2});
  for (const std::vector<Tensor>& batch : batches) EXPECT_TRUE(batch[0].is_view());
}

TEST(Batches, LetGradientsFlowToTheirTensors) {
  for (const bool shuffle : {false, true}) {
    const Tensor x = ones({3}).requires_grad_();
    DataLoader batches({x, tensor({1.0, 2.0, 3.0})}, {.batch_size = 2, .shuffle = shuffle});
    for (const std::vector<Tensor>& batch : batches) (batch[0] * batch[1]).sum().backward();
    expect_values(x.grad(), {1, 2, 3});
  }
}

TEST(Batches, RefuseWhatHasNoRowsInCommon) {
  expect_error<ValueError>([] { DataLoader(std::vector<Tensor>{}); },
                           {"DataLoader", "at least one"});
  expect_error<ValueError>([] { DataLoader({ones({2}), Tensor()}); }, {"tensor 1", "undefined"});
  expect_error<ShapeError>([] { DataLoader({scalar(1)}); }, {"tensor 0", "no dimensions"});
  expect_error<ShapeError>(
      [] {
        DataLoader({ones({4, 2}), ones({4}), ones({3, 5})});
      },
      {"tensor 0 has 4", "tensor 2", "[3, 5]"});
}

TEST(Batches, RefuseSizesThatMakeNone) {
  for (const int64_t size : {0, -1})
    expect_error<ValueError>([&] { DataLoader({ones({2})}, {.batch_size = size}); },
                             {"batch_size", std::to_string(size)});
  expect_error<ValueError>([] { DataLoader({ones({5})}, {.batch_size = 8, .drop_last = true}); },
                           {"drop_last", "5 rows", "8"});
}

// ---- the order -------------------------------------------------------------------------------

TEST(ShuffledBatches, GiveEachRowOnceInAnotherOrderEachEpoch) {
  DataLoader batches({rows(100)}, {.batch_size = 7, .shuffle = true});
  const Rows all = rows(100).to_vector<int64_t>();
  Rows last = all;
  for (int epoch = 0; epoch < 3; ++epoch) {
    Rows found = joined(epoch_of(batches));
    EXPECT_NE(found, last);
    last = found;
    std::ranges::sort(found);
    EXPECT_EQ(found, all);
  }
}

/// Two epochs of what `generator` shuffles.
std::vector<Rows> two_epochs(Generator* generator, int64_t batch_size = 7) {
  DataLoader batches({rows(100)},
                     {.batch_size = batch_size, .shuffle = true, .generator = generator});
  return {joined(epoch_of(batches)), joined(epoch_of(batches))};
}

TEST(ShuffledBatches, OfTheSameSeedHaveTheSameOrder) {
  Generator a(3), b(3), c(4);
  const std::vector<Rows> first = two_epochs(&a);
  EXPECT_EQ(two_epochs(&b), first);
  EXPECT_NE(two_epochs(&c), first);
  EXPECT_NE(two_epochs(&a), first) << "made later from the same generator";
}

TEST(ShuffledBatches, DrawFromTheDefaultGeneratorUnlessTold) {
  manual_seed(3);
  const std::vector<Rows> first = two_epochs(nullptr);
  EXPECT_NE(two_epochs(nullptr), first);
  manual_seed(3);
  EXPECT_EQ(two_epochs(nullptr), first);
}

TEST(ShuffledBatches, DrawOneSeedAndNothingLater) {
  Generator generator(3), other(3);
  DataLoader batches({rows(1000)}, {.shuffle = true, .generator = &generator});
  const uint64_t drawn = generator.offset();
  const DataLoader few({rows(2)}, {.shuffle = true, .generator = &other});
  EXPECT_GT(drawn, 0u);
  EXPECT_EQ(other.offset(), drawn);
  manual_seed(5);
  for (int epoch = 0; epoch < 2; ++epoch) epoch_of(batches);
  EXPECT_EQ(generator.offset(), drawn);
  EXPECT_EQ(default_generator().offset(), 0u);
}

TEST(Batches, ThatAreNotShuffledDrawNothing) {
  manual_seed(5);
  DataLoader batches({rows(10)});
  epoch_of(batches);
  EXPECT_EQ(default_generator().offset(), 0u);
}

TEST(ShuffledBatches, HaveAnOrderThatDoesNotDependOnTheirSize) {
  Generator a(3), b(3);
  EXPECT_EQ(two_epochs(&a, 7), two_epochs(&b, 64));
}

TEST(ShuffledBatches, AreTheSameOnAnyNumberOfThreads) {
  const auto order_on = [](int threads) {
    set_num_threads(threads);
    Generator generator(3);
    DataLoader batches({rows(100000)},
                       {.batch_size = 30000, .shuffle = true, .generator = &generator});
    return epoch_of(batches);
  };
  const int before = num_threads();
  const std::vector<Rows> on_one = order_on(1);
  for (const int threads : {2, 3, 8}) EXPECT_EQ(order_on(threads), on_one) << threads;
  set_num_threads(before);
}

// ---- a loop that ends early, loops in loops ----------------------------------------------------

TEST(Batches, CountEpochs) {
  DataLoader batches({rows(4)}, {.batch_size = 2});
  EXPECT_EQ(batches.epoch(), 0);
  for (const std::vector<Tensor>& batch : batches) {
    EXPECT_EQ(batches.epoch(), 0) << batch[0];
  }
  EXPECT_EQ(batches.epoch(), 1);
}

TEST(Batches, BeginANewEpochAfterALoopThatWasLeft) {
  DataLoader batches({rows(6)}, {.batch_size = 2, .shuffle = true});
  DataLoader same = batches;
  for (const std::vector<Tensor>& batch : batches)
    if (batch[0].defined()) break;
  epoch_of(same);
  EXPECT_EQ(epoch_of(batches), epoch_of(same));
  EXPECT_EQ(batches.epoch(), 2);
}

TEST(Batches, RefuseToGoOnWithALoopInWhichAnotherBegan) {
  DataLoader batches({rows(6)}, {.batch_size = 2});
  DataLoader other = batches;
  const auto nested = [&](DataLoader& inner) {
    int64_t count = 0;
    for (const std::vector<Tensor>& batch : batches)
      for (const std::vector<Tensor>& again : inner) count += batch[0].size(0) * again[0].size(0);
    return count;
  };
  expect_error<ValueError>([&] { nested(batches); }, {"another loop", "two DataLoaders"});
  EXPECT_EQ(nested(other), 36);
}

// ---- saved and loaded
// ----------------------------------------------------------------------------

/// What a run gives: the batches of three epochs, each beginning with its number.
std::vector<Rows> run_to_epoch_three(DataLoader& batches, std::vector<Rows> given = {}) {
  while (batches.epoch() < 3) {
    const int64_t epoch = batches.epoch();
    for (const std::vector<Tensor>& batch : batches) {
      given.push_back(batch[0].to_vector<int64_t>());
      given.back().insert(given.back().begin(), epoch);
    }
  }
  return given;
}

DataLoader seeded(uint64_t seed, bool shuffle) {
  Generator generator(seed);
  return DataLoader({rows(10)}, {.batch_size = 4, .shuffle = shuffle, .generator = &generator});
}

TEST(Batches, GoOnFromAStateSavedInAnyTurn) {
  for (const bool shuffle : {false, true}) {
    DataLoader whole = seeded(1, shuffle);
    const std::vector<Rows> expected = run_to_epoch_three(whole);
    ASSERT_EQ(expected.size(), 9u);
    for (size_t saved_after = 1; saved_after <= 9; ++saved_after) {
      DataLoader first = seeded(1, shuffle);
      size_t given = 0;
      StateDict saved;
      while (first.epoch() < 3)
        for (const std::vector<Tensor>& batch : first)
          if (++given == saved_after && batch[0].defined()) saved = first.state_dict();
      DataLoader second = seeded(2, shuffle);
      manual_seed(saved_after);
      second.load_state_dict(saved);
      const std::vector<Rows> before(expected.begin(),
                                     expected.begin() + static_cast<std::ptrdiff_t>(saved_after));
      EXPECT_EQ(run_to_epoch_three(second, before), expected) << saved_after;
    }
  }
}

TEST(Batches, SavedInTheLastTurnOfAnEpochHaveNoneLeftInIt) {
  DataLoader batches = seeded(1, true);
  StateDict saved;
  for (const std::vector<Tensor>& batch : batches)
    if (batch[0].defined()) saved = batches.state_dict();
  DataLoader loaded = seeded(2, true);
  loaded.load_state_dict(saved);
  EXPECT_EQ(loaded.epoch(), 0);
  EXPECT_TRUE(epoch_of(loaded).empty());
  EXPECT_EQ(loaded.epoch(), 1);
  EXPECT_EQ(epoch_of(loaded), epoch_of(batches));
}

TEST(Batches, SavedBetweenEpochsGoOnWithAWholeOne) {
  for (const int epochs : {0, 1, 2}) {
    DataLoader batches = seeded(1, true), loaded = seeded(2, true);
    for (int epoch = 0; epoch < epochs; ++epoch) epoch_of(batches);
    loaded.load_state_dict(batches.state_dict());
    EXPECT_EQ(loaded.epoch(), epochs);
    EXPECT_EQ(epoch_of(loaded), epoch_of(batches));
  }
}

TEST(Batches, LoadedTwiceBeginTwiceAtThatPlace) {
  DataLoader batches = seeded(1, true);
  StateDict saved;
  for (const std::vector<Tensor>& batch : batches)
    if (saved.empty() && batch[0].defined()) saved = batches.state_dict();
  batches.load_state_dict(saved);
  const std::vector<Rows> rest = epoch_of(batches);
  EXPECT_EQ(rest.size(), 2u);
  batches.load_state_dict(saved);
  EXPECT_EQ(epoch_of(batches), rest);
}

TEST(Batches, LoadedAndLeftBeginANewEpoch) {
  DataLoader batches = seeded(1, true), whole = seeded(1, true);
  batches.load_state_dict(batches.state_dict());
  for (const std::vector<Tensor>& batch : batches)
    if (batch[0].defined()) break;
  epoch_of(whole);
  EXPECT_EQ(epoch_of(batches), epoch_of(whole));
}

StateDict with(StateDict state, const std::string& name, int64_t value) {
  for (NamedTensor& entry : state)
    if (entry.name == name) entry.tensor = from_vector(Rows{value}, {});
  return state;
}

TEST(Batches, AStateThatTheyRefuseChangesNothing) {
  DataLoader batches = seeded(1, true);
  for (const std::vector<Tensor>& batch : batches)
    if (batch[0].defined()) break;
  const StateDict good = batches.state_dict();
  const auto expect_refused = [&](const StateDict& state, const std::vector<std::string>& parts) {
    expect_error<ValueError>([&] { batches.load_state_dict(state); }, parts);
    const StateDict after = batches.state_dict();
    for (size_t i = 0; i < good.size(); ++i)
      EXPECT_EQ(after[i].tensor.item<int64_t>(), good[i].tensor.item<int64_t>()) << good[i].name;
  };
  expect_refused({}, {"seed", "next_batch", "drop_last"});
  StateDict doubles = good, undefined = good;
  doubles[0].tensor = scalar(1, float64);
  undefined[1].tensor = {};
  expect_refused(doubles, {"int64"});
  expect_refused(undefined, {"int64"});
  expect_refused(with(good, "rows", 11), {"rows is 11", "10"});
  expect_refused(with(good, "batch_size", 5), {"batch_size is 5", "4"});
  expect_refused(with(good, "shuffle", 0), {"shuffle is 0", "1"});
  expect_refused(with(good, "drop_last", 1), {"drop_last is 1", "0"});
  for (const char* name : {"seed", "epoch", "next_batch"})
    expect_refused(with(good, name, -1), {name, "-1"});
  expect_refused(with(good, "next_batch", 4), {"next_batch", "4", "3 batches"});
  EXPECT_NO_THROW(batches.load_state_dict(with(good, "next_batch", 3)));
}

TEST(Batches, RefuseToGoOnWithALoopInWhichAStateWasLoaded) {
  DataLoader batches = seeded(1, true);
  const StateDict saved = batches.state_dict();
  expect_error<ValueError>(
      [&] {
        for (const std::vector<Tensor>& batch : batches)
          if (batch[0].defined()) batches.load_state_dict(saved);
      },
      {"state was loaded"});
}

}  // namespace
}  // namespace rill
