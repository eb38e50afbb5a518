#include <rill/core/autograd.h>
#include <rill/core/observer.h>
#include <rill/core/ops.h>
#include <rill/core/scope.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "tests/support/expect.h"

namespace rill {
namespace {

/// Writes down what it sees.
class Diary : public Observer {
 public:
  void on_begin(const char* op) override { lines.push_back(std::string("begin ") + op); }
  void on_end(const char* op, const Tensor& out) override {
    std::string line = std::string("end ") + op;
    if (out.defined()) line.append(" ").append(to_string(out.shape()));
    lines.push_back(line);
  }
  void on_begin(const Node& node) override { lines.push_back(std::string("walk ") + node.name()); }
  void on_record(const Node& node) override {
    lines.push_back(std::string("record ") + node.name());
  }
  void on_gradient(const Node& node, int row, const Tensor&, const Tensor& outgoing) override {
    lines.push_back(std::string("gradient ") + node.name() + " " + std::to_string(row) + " " +
                    to_string(outgoing.shape()));
  }
  void on_accumulate(const Node& node, const Tensor&) override {
    lines.push_back(std::string("accumulate ") + node.name());
  }
  int count(const std::string& line) const {
    return static_cast<int>(std::count(lines.begin(), lines.end(), line));
  }
  std::vector<std::string> lines;
};

TEST(Observer, SeesForwardOpsAndTheirOutputs) {
  Diary diary;
  const Tensor x = ones({2, 3});
  {
    const ObserverGuard guard(diary);
    exp(x);
  }
  exp(x);
  EXPECT_EQ(diary.lines, (std::vector<std::string>{"begin exp", "end exp [2, 3]"}));
}

TEST(Observer, SeesRecordingAndTheBackwardWalk) {
  Diary diary;
  const Tensor x = ones({2}).requires_grad_();
  const ObserverGuard guard(diary);
  exp(x).sum().backward();
  EXPECT_EQ(diary.count("record exp"), 1);
  EXPECT_EQ(diary.count("record sum"), 1);
  EXPECT_EQ(diary.count("walk exp"), 1);
  EXPECT_EQ(diary.count("gradient exp 0 [2]"), 1);
  EXPECT_EQ(diary.count("accumulate leaf"), 1);
}

TEST(Observer, SeesOpsUnderNoGradToo) {
  Diary diary;
  const Tensor x = ones({2}).requires_grad_();
  const ObserverGuard guard(diary);
  const NoGradGuard no_grad;
  exp(x);
  EXPECT_EQ(diary.count("end exp [2]"), 1);
  EXPECT_EQ(diary.count("record exp"), 0);
}

TEST(Observer, GuardsNest) {
  Diary outer;
  Diary inner;
  const ObserverGuard first(outer);
  {
    const ObserverGuard second(inner);
    exp(ones({1}));
  }
  exp(ones({1}));
  EXPECT_EQ(outer.count("begin exp"), 2);
  EXPECT_EQ(inner.count("begin exp"), 1);
}

TEST(Observer, AnOpThatFailsEndsWithoutOutput) {
  Diary diary;
  const ObserverGuard guard(diary);
  EXPECT_THROW(add(ones({2}), ones({3})), ShapeError);
  EXPECT_EQ(diary.count("end add"), 1);
}

/// Throws where it is told to.
class Rebel final : public Observer {
 public:
  explicit Rebel(std::string where) : where_(std::move(where)) {}
  void on_begin(const char*) override { rebel("on_begin"); }
  void on_end(const char*, const Tensor&) override { rebel("on_end"); }
  void on_begin(const Node&) override { rebel("on_begin of a node"); }
  void on_end(const Node&) override { rebel("on_end of a node"); }

 private:
  void rebel(const std::string& where) const {
    if (where == where_) throw std::runtime_error(where);
  }
  std::string where_;
};

TEST(Observer, MayThrowWhereAnOpBegins) {
  Diary inner, outer;
  Rebel rebel("on_begin");
  const ObserverGuard outer_guard(outer);
  {
    const ObserverGuard guard(rebel), inner_guard(inner);
    EXPECT_THROW(static_cast<void>(exp(ones({1}))), std::runtime_error);
    EXPECT_EQ(Op::current(), nullptr);
  }
  testing::expect_error<ShapeError>([] { return add(ones({2}), ones({3})); }, {"add: "});
  EXPECT_EQ(inner.lines, (std::vector<std::string>{"begin exp", "end exp"}));
  EXPECT_EQ(outer.count("begin exp"), 0) << "told after the one that threw";
  EXPECT_EQ(outer.count("end exp"), 0);
}

TEST(Observer, ThatThrowsAtTheEndIsAWarningAlone) {
  Rebel rebel("on_end"), rebel_in_backward("on_end of a node");
  Diary diary;
  const ObserverGuard guard(diary), rebelling(rebel), rebelling_too(rebel_in_backward);
  const Tensor x = ones({2}).requires_grad_();
  exp(x).sum().backward();
  EXPECT_EQ(diary.count("end exp [2]"), 1);
  EXPECT_TRUE(x.grad().defined());
}

TEST(Observer, ThatThrowsWhereANodeBeginsEndsTheBackward) {
  const Tensor x = ones({2}).requires_grad_();
  const Tensor y = exp(x).sum();
  {
    Rebel rebel("on_begin of a node");
    const ObserverGuard guard(rebel);
    EXPECT_THROW(y.backward(), std::runtime_error);
  }
  EXPECT_EQ(Op::current(), nullptr);
  exp(x).sum().backward();
  EXPECT_TRUE(x.grad().defined());
}

/// Writes down which tensors an op read, by their first values.
class Reader final : public Observer {
 public:
  void on_output(const char* op, const Tensor& out, std::span<const Tensor> inputs) override {
    if (std::exchange(is_reading_, true)) return;  // an op by which this reads
    std::vector<double> first;
    for (const Tensor& input : inputs)
      first.push_back(input.defined() ? input.to_vector().at(0) : -1);
    seen.emplace_back(op, std::pair(first, out.to_vector().at(0)));
    is_reading_ = false;
  }
  /// Of the ops by this name, the last one's inputs.
  std::vector<double> inputs_of(const std::string& op) const {
    std::vector<double> found;
    for (const auto& [name, values] : seen)
      if (name == op) found = values.first;
    return found;
  }
  int64_t count(const std::string& op) const {
    return std::count_if(seen.begin(), seen.end(),
                         [&](const auto& one) { return one.first == op; });
  }
  std::vector<std::pair<std::string, std::pair<std::vector<double>, double>>> seen;

 private:
  bool is_reading_ = false;
};

TEST(Observer, SeesAllInputsOfAnOp) {
  const Tensor two = full({2}, 2), three = full({2}, 3).requires_grad_();
  const Tensor condition = ones({2}, bool_), ids = full({1}, 1, int64);
  Reader reader;
  const ObserverGuard guard(reader);
  const auto expect_inputs = [&](const char* op, const Tensor&, const std::vector<double>& values) {
    EXPECT_EQ(reader.inputs_of(op), values) << op;
  };
  expect_inputs("add", add(two, three), {2, 3});
  expect_inputs("cat", cat({two, three}), {2, 3});
  expect_inputs("where", where(condition, two, three), {1, 2, 3});
  expect_inputs("embedding", embedding(three.view({2, 1}), ids), {1, 3});
  expect_inputs("gt", gt(two, three), {2, 3});
  expect_inputs("argmax", argmax(two), {2});
  expect_inputs("linear", linear(two, full({1, 2}, 4), {}), {2, 4});
  expect_inputs("layer_norm", layer_norm(three, {2}), {3, -1, -1});
  expect_inputs("softplus", softplus(three), {3});
  expect_inputs("sum", sum(ids), {1});
  const Tensor lone = scalar(5), first = full({1}, 0, int64);
  expect_inputs("index_select", index_select(lone, 0, first), {5, 0});
  expect_inputs("gather", gather(lone, 0, first[0]), {5, 0});
  expect_inputs("scatter_add", scatter_add(lone, 0, first[0], scalar(6)), {0, 5, 6});
  const NoGradGuard no_grad;
  expect_inputs("mul", mul(two, three), {2, 3});
}

TEST(Observer, SeesOneOutputOfALoss) {
  const Tensor logits = ones({2, 3}).requires_grad_(), ids = zeros({2}, int64);
  Reader reader;
  const ObserverGuard guard(reader);
  for (const Reduction how : {Reduction::none, Reduction::mean}) {
    reader.seen.clear();
    cross_entropy(logits, ids, {.reduction = how});
    binary_cross_entropy_with_logits(logits, zeros({2, 3}), {.reduction = how});
    EXPECT_EQ(reader.count("cross_entropy"), 1);
    EXPECT_EQ(reader.count("binary_cross_entropy_with_logits"), 1);
  }
}

/// Watches the first op alone.
class First final : public Observer {
 public:
  void on_begin(const char*) override {
    ++seen;
    guard.reset();
  }
  std::unique_ptr<ObserverGuard> guard;
  int seen = 0;
};

TEST(Observer, MayEndItsOwnGuard) {
  Diary outer, inner;
  const ObserverGuard outer_guard(outer);
  First first;
  first.guard = std::make_unique<ObserverGuard>(first);
  const ObserverGuard inner_guard(inner);
  exp(ones({2}));
  exp(ones({2}));
  EXPECT_EQ(first.seen, 1);
  for (const Diary& diary : {outer, inner}) EXPECT_EQ(diary.count("end exp [2]"), 2);
}

TEST(Observer, SeesWhatAnInPlaceOpFound) {
  const Tensor w = full({2}, 3).requires_grad_();
  const Tensor x = w * 2, y = full({2}, 5);
  Reader reader;
  const ObserverGuard guard(reader);
  x.mul_(y);
  EXPECT_EQ(reader.inputs_of("mul_"), (std::vector<double>{6, 5}));
  x.add_(y);
  EXPECT_EQ(reader.inputs_of("add_"), (std::vector<double>{30, 5}));
  y.copy_(tensor({7.0, 8.0}));
  EXPECT_EQ(reader.inputs_of("copy_"), (std::vector<double>{5, 7}));
  y.fill_(4);
  EXPECT_EQ(reader.inputs_of("fill_"), (std::vector<double>{7, 4}));
  for (const char* op : {"mul_", "add_", "copy_", "fill_"}) EXPECT_EQ(reader.count(op), 1) << op;
}

TEST(Observer, SeesNothingOfWhatRunsUnobserved) {
  Diary diary, inner;
  const ObserverGuard guard(diary);
  {
    const UnobservedGuard unobserved;
    exp(ones({1}));
    const ObserverGuard attached(inner);
    log(ones({1}));
  }
  EXPECT_TRUE(diary.lines.empty());
  EXPECT_EQ(inner.count("begin log"), 1);
  exp(ones({1}));
  EXPECT_EQ(diary.count("begin exp"), 1);
}

/// Writes down walks, finished gradients, releases and modules.
class WalkDiary final : public Observer {
 public:
  void on_begin_walk() override { lines.push_back("walk"); }
  void on_end_walk() override { lines.push_back("end of walk"); }
  void on_begin(const Node& node) override { lines.push_back(std::string("node ") + node.name()); }
  void on_finish(const Node& node, const Tensor& gradient) override {
    lines.push_back(std::string("finish ") + node.name() + " " + gradient.to_string());
  }
  void on_release(const Node& node) override {
    lines.push_back(std::string("release ") + node.name());
  }
  void on_enter(const Named& module) override { lines.push_back("enter " + module.path()); }
  void on_leave(const Named& module) override { lines.push_back("leave " + module.path()); }
  using Observer::on_begin;
  std::vector<std::string> lines;
};

TEST(Observer, SeesTheWalkItsFinishedGradientsAndWhatIsLetGo) {
  const Tensor x = tensor({2.0}).requires_grad_();
  const Tensor y = (x * 3 + x).sum();
  WalkDiary diary;
  const ObserverGuard guard(diary);
  y.backward({}, {.retain_graph = true});
  const std::vector<std::string> kept = {
      "walk",       "finish sum tensor(1.)",   "node sum", "finish add tensor([1.])",
      "node add",   "finish mul tensor([1.])", "node mul", "finish leaf tensor([4.])",
      "end of walk"};
  EXPECT_EQ(diary.lines, kept);
  diary.lines.clear();
  y.backward();
  EXPECT_EQ(std::ranges::count(diary.lines, "release sum"), 1);
  EXPECT_EQ(std::ranges::count(diary.lines, "release mul"), 1);
}

TEST(Observer, SeesTheEndOfAWalkThatFails) {
  const Tensor x = tensor({2.0}).requires_grad_();
  const Tensor y = x * 3;
  x.register_hook([](const Tensor&) -> Tensor { throw ValueError("no"); });
  WalkDiary diary;
  const ObserverGuard guard(diary);
  EXPECT_THROW(y.backward(), ValueError);
  EXPECT_EQ(diary.lines.back(), "end of walk");
}

struct Block final : Named {
  std::string path() const override { return "blocks.0"; }
  const std::string& type_name() const override { return type; }
  const std::string type = "Block";
};

TEST(Observer, SeesModulesBeginAndEnd) {
  const Block block;
  WalkDiary diary;
  const ObserverGuard guard(diary);
  EXPECT_THROW(
      {
        const Scope running(block);
        throw ValueError("no");
      },
      ValueError);
  EXPECT_EQ(diary.lines, (std::vector<std::string>{"enter blocks.0", "leave blocks.0"}));
}

}  // namespace
}  // namespace rill
