#include <rill/core/autograd.h>
#include <rill/core/observer.h>
#include <rill/core/ops.h>

#include <algorithm>

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

}  // namespace
}  // namespace rill
