#include <rill/core/inspect/check_rows.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>

#include <rill/core/autograd.h>
#include <rill/core/ops/copy.h>
#include <rill/core/scope.h>
#include <spdlog/fmt/fmt.h>

namespace rill::inspect {
namespace {

constexpr double eps = 1e-6, rtol = 1e-4, atol = 1e-6;

/// Numbers in [-1, 1] that are the same each time.
std::vector<double> direction(int64_t n, size_t seed) {
  std::vector<double> out;
  for (int64_t i = 0; i < n; ++i)
    out.push_back(std::sin(1.0 + 12.9898 * static_cast<double>(i) + static_cast<double>(seed)));
  return out;
}

/// Σ values · along.
double product(const Tensor& values, const std::vector<double>& along) {
  const Tensor ordered = rill::detail::row_major_copy(values);
  double sum = 0;
  for (size_t i = 0; i < along.size(); ++i) sum += ordered.data<double>()[i] * along[i];
  return sum;
}

/// Where an op finds an input, in each run anew: what op number `maker` gave, or a leaf.
struct Source {
  int64_t maker = -1;
  Tensor leaf;
  bool operator==(const Source& other) const {
    return maker == other.maker && (maker >= 0 || leaf.impl() == other.leaf.impl());
  }
};

struct CheckedRow {
  Source input;
  std::string formula;
  double given = 0;
  /// The output along its direction, with the input moved back and forth; NaN where it was not.
  double after[2] = {std::nan(""), std::nan("")};
};

struct CheckedOp {
  std::string name, module;
  Tensor output;  // a copy
  std::vector<CheckedRow> rows;
};

/// Counts the ops of a run and knows what each gave.
class Run : public Observer {
 public:
  void on_begin(const char*) override {
    running_.push_back(begun_++);
    begin(running_.back());
  }
  void on_end(const char*, const Tensor&) override {
    if (!running_.empty()) running_.pop_back();
  }
  void on_record(const Node& node) override {
    if (!running_.empty()) node_of_[running_.back()] = &node;
  }
  void on_output(const char* name, const Tensor& out, std::span<const Tensor> inputs) override {
    const int64_t op = running_.back();
    const auto node = node_of_.find(op);
    const auto maker = maker_.find(out.impl()->number);
    const bool is_overwritten = maker != maker_.end() && maker->second < op;
    const bool is_own = out.requires_grad() && node != node_of_.end() &&
                        node->second == out.grad_fn() && !is_overwritten;
    if (is_own) end(op, name, out, inputs);
    maker_[out.impl()->number] = op;
    outputs_[op] = out;
  }

 protected:
  virtual void begin(int64_t /*op*/) {}
  virtual void end(int64_t op, const char* name, const Tensor& out,
                   std::span<const Tensor> inputs) = 0;
  std::optional<Source> source_of(const Tensor& input) const {
    const auto maker = maker_.find(input.impl()->number);
    if (maker != maker_.end()) return Source{maker->second, {}};
    return input.is_leaf() ? std::optional<Source>({-1, input}) : std::nullopt;
  }
  Tensor now(const Source& source) const {
    if (source.maker < 0) return source.leaf;
    const auto made = outputs_.find(source.maker);
    return made == outputs_.end() ? Tensor() : made->second;
  }

 private:
  int64_t begun_ = 0;
  std::vector<int64_t> running_;
  std::unordered_map<int64_t, const Node*> node_of_;
  std::unordered_map<uint64_t, int64_t> maker_;  // by the numbers of tensors
  std::unordered_map<int64_t, Tensor> outputs_;
};

using CheckedOps = std::unordered_map<int64_t, CheckedOp>;

/// The first run: asks all rows.
class Asking final : public Run {
 public:
  CheckedOps ops;

 private:
  void end(int64_t number, const char* name, const Tensor& out,
           std::span<const Tensor> inputs) override {
    if (out.dtype() != float64) return;
    CheckedOp op{name, Scope::current_path(), rill::detail::row_major_copy(out), {}};
    const Node& node = *out.grad_fn();
    std::vector<Tensor> gradients(node.inputs().size());
    {
      const UnobservedGuard unobserved;
      const NoGradGuard no_grad;
      const auto along = direction(out.numel(), 0);
      node.gradients(from_vector(along, out.shape()), gradients);
    }
    for (size_t row = 0; row < gradients.size(); ++row) {
      const Node* from = node.inputs()[row].node.get();
      const auto input = std::ranges::find_if(inputs, [&](const Tensor& one) {
        return from && one.defined() && one.requires_grad() && one.grad_fn() == from;
      });
      if (input == inputs.end() || input->dtype() != float64) continue;
      const std::optional<Source> source = source_of(*input);
      if (!source) return;
      op.rows.push_back({*source, node.inputs()[row].formula,
                         product(gradients[row], direction(input->numel(), 1))});
    }
    ops.emplace(number, std::move(op));
  }
};

/// A further run: moves the input of row `row` of each op.
class Moving final : public Run {
 public:
  Moving(CheckedOps& ops, size_t row, double by) : ops_(ops), row_(row), by_(by) {}

 private:
  void begin(int64_t number) override {
    const auto op = ops_.find(number);
    if (moving_ >= 0 || op == ops_.end() || row_ >= op->second.rows.size()) return;
    const Tensor input = now(op->second.rows[row_].input);
    if (!input.defined()) return;
    before_ = rill::detail::row_major_copy(input);
    const Tensor moved = rill::detail::row_major_copy(input);
    const std::vector<double> along = direction(input.numel(), 1);
    for (size_t i = 0; i < along.size(); ++i) moved.data<double>()[i] += by_ * along[i];
    rill::detail::copy_into(input, moved);
    moving_ = number;
  }
  void end(int64_t number, const char*, const Tensor& out, std::span<const Tensor>) override {
    if (number != moving_) return;
    moving_ = -1;
    CheckedOp& op = ops_.at(number);
    op.rows[row_].after[by_ > 0] = product(out, direction(out.numel(), 0));
    rill::detail::copy_into(now(op.rows[row_].input), before_);
    rill::detail::copy_into(out, op.output);
  }

  CheckedOps& ops_;
  const size_t row_;
  const double by_;
  int64_t moving_ = -1;
  Tensor before_;
};

/// An input that is given twice is moved once, for both rows.
double given_for(const CheckedOp& op, const Source& input) {
  double sum = 0;
  for (const CheckedRow& row : op.rows)
    if (row.input == input) sum += row.given;
  return sum;
}

std::optional<WrongRow> judge(const CheckedOp& op, const CheckedRow& row) {
  WrongRow wrong{op.name, op.module, row.formula, given_for(op, row.input),
                 (row.after[1] - row.after[0]) / (2 * eps)};
  if (std::isnan(wrong.expected)) return {};  // it ran inside an op that was moved itself
  const double larger = std::max(std::abs(wrong.given), std::abs(wrong.expected));
  if (std::abs(wrong.given - wrong.expected) <= atol + rtol * larger) return {};
  wrong.text = fmt::format(
      "`{}`{}{}: its row \"{}\" gives {:.6g} along a direction, differences of its output give "
      "{:.6g}. Mend the row; gradcheck of the op alone shows each element.",
      op.name, op.module.empty() ? "" : " in ", op.module, row.formula, wrong.given,
      wrong.expected);
  return wrong;
}

void watch(const std::function<Tensor()>& run, Run& by) {
  const UnobservedGuard by_others;
  const ObserverGuard watching(by);
  static_cast<void>(run());
}

}  // namespace

std::vector<WrongRow> check_rows(const std::function<Tensor()>& run) {
  Asking asking;
  watch(run, asking);
  size_t most = 0;
  std::vector<int64_t> order;
  for (const auto& [number, op] : asking.ops) {
    most = std::max(most, op.rows.size());
    order.push_back(number);
  }
  for (size_t row = 0; row < most; ++row)
    for (const double by : {eps, -eps}) {
      Moving moving(asking.ops, row, by);
      watch(run, moving);
    }
  std::ranges::sort(order);
  std::vector<WrongRow> found;
  for (const int64_t number : order)
    for (const CheckedRow& row : asking.ops.at(number).rows)
      if (std::optional<WrongRow> wrong = judge(asking.ops.at(number), row))
        found.push_back(std::move(*wrong));
  return found;
}

}  // namespace rill::inspect
