#include <gtest/gtest.h>

#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/core/scope.h>
#include <rill/nn/decoder.h>
#include <rill/nn/generate.h>
#include <rill/nn/init.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>
#include <rill/optim/lr_scheduler.h>

#include <functional>
#include <map>

#include "tests/memory/failing_allocation.h"

// Memory ends at each place of a training in turn: the program goes on, nothing has changed, and
// what is tried again gives the bits that it gives where there was memory enough.

namespace rill::nn {
namespace {

using optim::clip_grad_norm_;
using optim::clip_grad_value_;
using testing::Failing;
using testing::FailingAllocation;
using Numbers = std::map<std::string, std::vector<double>>;

/// Runs `attempt` with the n-th allocation failing. Whether there were as many.
bool fails_at(int64_t n, Failing failing, const std::function<void()>& attempt,
              const std::function<void()>& after_failure) {
  empty_cache();  // so that rill asks the system again
  bool has_thrown = false;
  bool has_failed = false;
  {
    const FailingAllocation allocation(n, failing);
    try {
      attempt();
    } catch (const OutOfMemoryError&) {
      has_thrown = true;
    } catch (const std::bad_alloc&) {
      has_thrown = true;
    }
    has_failed = allocation.has_failed();
  }
  if (has_thrown) after_failure();
  return has_failed;
}

void add(Numbers& numbers, const std::string& prefix, const StateDict& state) {
  for (const auto& [name, tensor] : state) numbers[prefix + name] = tensor.to_vector<double>();
}

/// The name of what differs first, "" where nothing does.
std::string difference(const Numbers& a, const Numbers& b) {
  for (const Numbers* one : {&a, &b})
    for (const auto& [name, values] : *one)
      if (!a.contains(name) || !b.contains(name) || a.at(name) != b.at(name)) return name;
  return "";
}

/// What this thread is in the middle of.
void add_thread(Numbers& numbers) {
  numbers["thread"] = {is_grad_enabled() ? 1.0 : 0.0, Op::current() ? 1.0 : 0.0,
                       Scope::current() ? 1.0 : 0.0};
}

const LanguageModelOptions tiny{
    .vocab_size = 5, .block_size = 4, .n_layer = 1, .n_head = 2, .n_embd = 4, .dropout = 0.25};

/// A model in training.
struct Training {
  LanguageModel model{(manual_seed(1), tiny)};
  optim::AdamW optimizer{model.parameters(), {.lr = 0.1}};
  optim::LRScheduler scheduler{optimizer, optim::cosine_schedule(10)};

  void backward(const Tensor& ids) {
    manual_seed(7);  // what is dropped is the same in each attempt
    model.loss(ids, ids).backward();
  }
  Numbers state() const {
    Numbers numbers;
    add(numbers, "model.", model.state_dict());
    add(numbers, "buffer.", model.named_buffers());
    add(numbers, "optimizer.", optimizer.state_dict());
    add(numbers, "scheduler.", scheduler.state_dict());
    for (const auto& [name, tensor] : model.named_parameters())
      if (tensor.grad().defined()) add(numbers, "gradient.", {{name, tensor.grad()}});
    numbers["training"] = {model.is_training() ? 1.0 : 0.0};
    add_thread(numbers);
    return numbers;
  }
};

struct Phase {
  std::string name;
  std::function<void(Training&)> run;
};

std::vector<Phase> phases_of_a_step() {
  const Tensor ids = tensor({{0, 1, 2, 3}, {4, 3, 2, 1}}, int64);
  return {{"backward", [=](Training& t) { t.backward(ids); }},
          {"a second backward", [=](Training& t) { t.backward(ids.narrow(1, 1, 2)); }},
          {"clip_grad_norm_", [](Training& t) { clip_grad_norm_(t.model.parameters(), 0.01); }},
          {"clip_grad_value_", [](Training& t) { clip_grad_value_(t.model.parameters(), 0.001); }},
          {"step", [](Training& t) { t.optimizer.step(); }},
          {"the scheduler's step", [](Training& t) { t.scheduler.step(); }},
          {"zero_grad of the model", [](Training& t) { t.model.zero_grad(); }},
          {"zero_grad", [](Training& t) { t.optimizer.zero_grad(); }}};
}

/// Two steps, since in the second there is more to be changed, and what may come then.
std::vector<Phase> phases_of_a_training() {
  std::vector<Phase> phases = phases_of_a_step();
  for (const Phase& phase : phases_of_a_step()) phases.push_back(phase);
  Training other;
  for (const Phase& phase : phases_of_a_step()) phase.run(other);
  for (const Tensor& parameter : other.model.parameters()) parameter.detach().add_(1);
  const StateDict model = other.model.state_dict(), optimizer = other.optimizer.state_dict(),
                  scheduler = other.scheduler.state_dict();
  phases.push_back({"loading the model", [=](Training& t) { t.model.load_state_dict(model); }});
  phases.push_back(
      {"loading the optimizer", [=](Training& t) { t.optimizer.load_state_dict(optimizer); }});
  phases.push_back(
      {"loading the scheduler", [=](Training& t) { t.scheduler.load_state_dict(scheduler); }});
  phases.push_back({"eval", [](Training& t) { t.model.eval(); }});
  return phases;
}

/// The state before each phase, and after the last.
std::vector<Numbers> undisturbed_states(const std::vector<Phase>& phases) {
  Training training;
  std::vector<Numbers> states{training.state()};
  for (const Phase& phase : phases) {
    phase.run(training);
    states.push_back(training.state());
  }
  return states;
}

/// Trains, with the n-th allocation of phase number `disturbed` failing; whether there were as
/// many.
bool train_disturbed(const std::vector<Phase>& phases, const std::vector<Numbers>& expected,
                     size_t disturbed, int64_t n, Failing failing) {
  Training training;
  bool has_failed = false;
  for (size_t i = 0; i < phases.size(); ++i) {
    if (i != disturbed) {
      phases[i].run(training);
      continue;
    }
    const auto attempt = [&] { phases[i].run(training); };
    has_failed = fails_at(n, failing, attempt, [&] {
      EXPECT_EQ(difference(training.state(), expected[i]), "") << "changed";
      attempt();
    });
    EXPECT_EQ(difference(training.state(), expected[i + 1]), "") << "done again";
  }
  EXPECT_EQ(difference(training.state(), expected.back()), "") << "at the end";
  return has_failed;
}

class OutOfMemory : public ::testing::TestWithParam<Failing> {};
INSTANTIATE_TEST_SUITE_P(, OutOfMemory,
                         ::testing::Values(Failing::the_nth_alone, Failing::the_nth_and_all_after));

TEST_P(OutOfMemory, InATrainingChangesNothingAndWhatFailedCanBeDoneAgain) {
  const std::vector<Phase> phases = phases_of_a_training();
  const std::vector<Numbers> expected = undisturbed_states(phases);
  for (size_t phase = 0; phase < phases.size(); ++phase)
    for (int64_t n = 1; train_disturbed(phases, expected, phase, n, GetParam()); ++n)
      if (HasFailure()) FAIL() << phases[phase].name << ", allocation " << n;
}

/// Fails each allocation of `attempt` in turn. Each time `state` is to be as before, and the result
/// of another attempt as where there was memory enough.
void expect_all_or_nothing(Failing failing, const std::function<Numbers()>& attempt,
                           const std::function<Numbers()>& state) {
  const Numbers expected = attempt();
  for (int64_t n = 1;; ++n) {
    const Numbers before = state();
    Numbers result;
    const bool has_failed = fails_at(
        n, failing, [&] { result = attempt(); },
        [&] {
          ASSERT_EQ(difference(state(), before), "") << "changed by allocation " << n;
          result = attempt();
        });
    ASSERT_EQ(difference(result, expected), "") << "after allocation " << n;
    if (!has_failed) return;
  }
}

Numbers numbers_of(const Tensor& tensor) {
  Numbers numbers;
  add(numbers, "", {{"", tensor}});
  return numbers;
}

TEST_P(OutOfMemory, InGeneratingChangesNothing) {
  const Training training;
  const auto generated = [&] {
    manual_seed(3);
    const EvalGuard eval(training.model);
    return numbers_of(generate(training.model, tensor({0, 1}, int64), 4, {.top_k = 3}));
  };
  expect_all_or_nothing(GetParam(), generated, [&] { return training.state(); });
}

TEST_P(OutOfMemory, InSavingChangesNothing) {
  Training training;
  for (const Phase& phase : phases_of_a_step()) phase.run(training);
  const auto saved = [&] {
    Numbers numbers;
    add(numbers, "", training.model.state_dict());
    add(numbers, "", training.optimizer.state_dict());
    add(numbers, "", training.scheduler.state_dict());
    return numbers;
  };
  expect_all_or_nothing(GetParam(), saved, [&] { return training.state(); });
}

TEST_P(OutOfMemory, InBuildingAModelLeavesNothingBehind) {
  const auto live = [] {
    Numbers numbers{{"bytes", {static_cast<double>(live_tensor_bytes())}},
                    {"tensors", {static_cast<double>(live_tensors())}},
                    {"nodes", {static_cast<double>(live_nodes())}}};
    add_thread(numbers);
    return numbers;
  };
  expect_all_or_nothing(
      GetParam(), [] { return Training().state(); }, live);
}

TEST_P(OutOfMemory, InWhatDrawsLeavesTheGeneratorWhereItWas) {
  const Tensor x = rand({2, 4, 6}), weights = x.select(0, 0);
  const std::map<std::string, std::function<Tensor(Generator&)>> draws{
      {"rand", [](Generator& g) { return rand({300}, g); }},
      {"randn", [](Generator& g) { return randn({300}, g); }},
      {"randint", [](Generator& g) { return randint(0, 9, {300}, g); }},
      {"randperm", [](Generator& g) { return randperm(300, g); }},
      {"dropout", [&](Generator& g) { return dropout(x, 0.5, true, g); }},
      {"multinomial", [&](Generator& g) { return multinomial(weights, 3, false, g); }},
      {"sample", [&](Generator& g) { return sample(weights, {.top_k = 2, .generator = &g}); }},
      {"attention",
       [&](Generator& g) {
         return scaled_dot_product_attention(x, x, x, {.dropout_p = 0.5, .generator = &g});
       }},
      {"uniform_", [](Generator& g) { return init::uniform_(zeros({300}), 0, 1, g); }},
      {"normal_", [](Generator& g) { return init::normal_(zeros({300}), 0, 1, g); }},
      {"trunc_normal_",
       [](Generator& g) { return init::trunc_normal_(zeros({300}), 0, 1, 1, 2, g); }}};
  for (const auto& [name, draw] : draws) {
    Generator undisturbed(5);
    const Numbers expected = numbers_of(draw(undisturbed));
    bool has_failed = true;
    for (int64_t n = 1; has_failed; ++n) {
      Generator generator(5);
      Tensor drawn;
      const auto attempt = [&, &draw = draw] { drawn = draw(generator); };
      has_failed = fails_at(n, GetParam(), attempt, [&] {
        EXPECT_EQ(generator.offset(), 0u);
        attempt();
      });
      ASSERT_EQ(difference(numbers_of(drawn), expected), "") << name << ", allocation " << n;
      ASSERT_FALSE(HasFailure()) << name << ", allocation " << n;
    }
  }
}

TEST_P(OutOfMemory, InAnInPlaceOpChangesNothing) {
  const std::map<std::string, std::function<void(const Tensor&, const Tensor&)>> ops{
      {"add_", [](const Tensor& x, const Tensor& y) { x.add_(y, 3); }},
      {"sub_", [](const Tensor& x, const Tensor& y) { x.sub_(y); }},
      {"mul_", [](const Tensor& x, const Tensor& y) { x.mul_(y); }},
      {"div_", [](const Tensor& x, const Tensor& y) { x.div_(y); }},
      {"copy_", [](const Tensor& x, const Tensor& y) { x.copy_(y); }},
      {"fill_", [](const Tensor& x, const Tensor&) { x.fill_(2); }}};
  for (const auto& [name, op] : ops)
    for (const bool is_recorded : {true, false}) {
      bool has_failed = true;
      for (int64_t n = 1; has_failed; ++n) {
        const Tensor leaf = full({3, 400}, 3, float64).requires_grad_(is_recorded);
        const Tensor other = full({400}, 4, float64), x = leaf * 1.0;
        const Node* made_by = x.grad_fn();
        const auto attempt = [&, &op = op] { op(x, other); };
        has_failed = fails_at(n, GetParam(), attempt, [&] {
          EXPECT_EQ(x.to_vector(), std::vector<double>(1200, 3));
          EXPECT_EQ(x.version(), 0u);
          EXPECT_EQ(x.grad_fn(), made_by);
          attempt();
        });
        ASSERT_FALSE(HasFailure()) << name << (is_recorded ? ", recorded" : "") << ", " << n;
        EXPECT_EQ(x.version(), 1u);
        EXPECT_EQ(x.requires_grad(), is_recorded);
      }
    }
}

}  // namespace
}  // namespace rill::nn
