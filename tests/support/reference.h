#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <rill/core/tensor.h>

// PyTorch's numbers: the files that the scripts in tests/reference/ write (see the README there).

namespace rill::testing {

/// A tensor as the file has it. `layout` tells how it is to lie in memory: "contiguous",
/// "transposed" (its last two dimensions), "sliced" (every other column of something wider) or
/// "expanded" (one row seen several times).
struct ReferenceTensor {
  std::string name;
  DType dtype = float64;
  std::vector<int64_t> shape;
  std::vector<double> values;
  std::string layout = "contiguous";
  bool requires_grad = false;
};

/// Named arguments. A getter without a fallback throws std::out_of_range where the argument is
/// missing; all throw std::invalid_argument where it is of another kind.
class ReferenceArgs {
 public:
  using Value = std::variant<bool, double, std::string, std::vector<double>>;

  bool has(const std::string& name) const { return values_.contains(name); }
  int64_t integer(const std::string& name) const;
  int64_t integer(const std::string& name, int64_t fallback) const;
  double number(const std::string& name) const;
  double number(const std::string& name, double fallback) const;
  bool flag(const std::string& name, bool fallback = false) const;
  std::string text(const std::string& name) const;
  std::string text(const std::string& name, const std::string& fallback) const;
  std::vector<int64_t> integers(const std::string& name) const;
  std::vector<double> numbers(const std::string& name) const;

  void set(const std::string& name, Value value) { values_[name] = std::move(value); }

 private:
  template <class Kind>
  const Kind& get(const std::string& name) const;
  std::map<std::string, Value> values_;
};

/// Numbers in row-major order, or none: where something has no gradient.
using ReferenceNumbers = std::optional<std::vector<double>>;

/// What one optimizer step was given, and what the parameters held after it.
struct ReferenceStep {
  std::vector<ReferenceNumbers> grads;
  std::vector<std::vector<double>> values;
};

/// One case of a file: an op, a layer, a model, an optimizer or a schedule.
struct ReferenceCase {
  std::string op;
  std::string name;
  ReferenceArgs args;
  std::vector<ReferenceTensor> inputs;
  std::vector<ReferenceTensor> parameters;
  std::vector<ReferenceTensor> outputs;
  /// One for each output; none where the output has no gradient.
  std::vector<ReferenceNumbers> cotangents;
  /// One for each input; none where it has no gradient.
  std::vector<ReferenceNumbers> grads;
  /// One for each parameter.
  std::vector<ReferenceNumbers> parameter_grads;
  std::vector<ReferenceStep> steps;
  /// The learning rate at each step of a schedule.
  std::vector<double> rates;
  /// Whether finite differences apply (no kinks, no NaN), once and twice.
  bool gradcheck = false;
  bool gradgradcheck = false;
  /// Whether the numbers hold in single precision too.
  bool float32 = true;

  /// "matmul: left transposed".
  std::string label() const { return op + ": " + name; }
  /// The parameter of that name. Throws std::out_of_range.
  const ReferenceTensor& parameter(const std::string& parameter_name) const;
};

/// The cases of a file of tests/reference, read once. Throws std::runtime_error that says how to
/// make the file where it is missing, and where in it something is unknown.
const std::vector<ReferenceCase>& reference_cases(const std::string& file);
/// Those of one op, in their order. Throws std::out_of_range where there is none.
std::vector<ReferenceCase> reference_cases(const std::string& file, const std::string& op);
/// Throws std::out_of_range.
const ReferenceCase& reference_case(const std::string& file, const std::string& op,
                                    const std::string& name);

/// The tensor, in its layout, wanting a gradient if it says so. Floating tensors become
/// `floating`; ids and masks keep their dtype.
Tensor to_tensor(const ReferenceTensor& reference, DType floating = float64);
/// A contiguous tensor of `dtype`.
Tensor to_tensor(const std::vector<double>& values, const std::vector<int64_t>& shape, DType dtype);
/// What is to be passed back into output `index`, in the dtype that `output` has.
Tensor cotangent_of(const ReferenceCase& reference, size_t index, const Tensor& output);

}  // namespace rill::testing
