#pragma once

#include <concepts>
#include <functional>
#include <vector>

#include <rill/core/autograd.h>

// Holds the gradients that an op's rows give against differences of its output. For the ops of
// rill, and for ops of one's own.

namespace rill {

/// A gradient that `gradcheck` refused.
class GradcheckError : public Error {
  using Error::Error;
};

struct GradcheckOptions {
  /// The step of the central difference (f(x + eps) − f(x − eps)) / 2 eps.
  double eps = 1e-6;
  /// Two numbers agree where |a − b| ≤ atol + rtol · |b|, b being the difference.
  double atol = 1e-6;
  double rtol = 1e-5;
  /// Throw GradcheckError on the first disagreement, or else return false.
  bool raise_exception = true;
  /// Check once more with each input spread in memory, one element apart from the next.
  bool check_strided = true;
  /// What messages call the inputs; "input 0" and so on where nothing is given.
  std::vector<std::string> input_names = {};
};

using TensorFunction = std::function<Tensor(const std::vector<Tensor>&)>;
using TensorsFunction = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;
template <class Function>
concept TakesNoList = !std::constructible_from<TensorFunction, Function> &&
                      !std::constructible_from<TensorsFunction, Function>;
template <class Function>
concept TakesTwo = std::is_invocable_r_v<Tensor, Function, const Tensor&, const Tensor&>;

/// Compares the gradient of every output element with respect to every element of the inputs that
/// require one with a central difference. The elements are moved in place, and back again: an input
/// that is a leaf counts wherever the function meets it, so that the weight of a layer can be given
/// though the function does not pass it on (`nn::gradcheck` does so for all parameters). Any other
/// input is passed as a leaf of its own. The function and each backward run twice and must give
/// the same bits; a gradient must have its input's shape. The message of a refusal names the op
/// that made the output, the input and its index, both numbers, and the formula that stands with
/// the op's row. Throws DTypeError for inputs that require a gradient and are not float64 (float32
/// leaves no digits to compare), ValueError where no input requires a gradient.
bool gradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
               const GradcheckOptions& options = {});
/// The same for a function with several outputs.
bool gradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
               const GradcheckOptions& options = {});

/// The same for a function of one tensor: `gradcheck([](const Tensor& x) { return tanh(x); }, x)`.
/// (A template, so that braces always mean a list of inputs.)
template <class Function, std::same_as<Tensor> Input>
requires std::is_invocable_r_v<Tensor, Function, const Tensor&>
bool gradcheck(const Function& function, const Input& input, const GradcheckOptions& options = {}) {
  return gradcheck(TensorFunction([&](const auto& in) { return function(in[0]); }), {input},
                   options);
}

/// The same for a function of two tensors, which are listed. Throws ValueError for another number.
template <TakesNoList Function>
requires TakesTwo<Function>
bool gradcheck(const Function& function, std::initializer_list<Tensor> inputs,
               const GradcheckOptions& options = {}) {
  if (inputs.size() != 2) fail<ValueError>("gradcheck: of two tensors, found ", inputs.size());
  return gradcheck(TensorFunction([&](const auto& in) { return function(in[0], in[1]); }), inputs,
                   options);
}

/// Who lists others has a function of a list.
// clang-format off
template <TakesNoList Function>
requires(!TakesTwo<Function>)
void gradcheck(const Function&, std::initializer_list<Tensor>, auto...) = delete;  // gradcheck(f, x), or an f of a std::vector
// clang-format on

/// As PyTorch calls it: autograd::gradcheck.
namespace autograd {
using rill::gradcheck;
}

/// The same for gradients of gradients: checks the function that maps the inputs and random
/// gradients of the outputs to the gradients of the inputs. A message names first the op whose
/// gradient that is, then the op inside it whose own gradient differs.
bool gradgradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
                   const GradcheckOptions& options = {});
bool gradgradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
                   const GradcheckOptions& options = {});

template <class Function, std::same_as<Tensor> Input>
requires std::is_invocable_r_v<Tensor, Function, const Tensor&>
bool gradgradcheck(const Function& function, const Input& input,
                   const GradcheckOptions& options = {}) {
  return gradgradcheck(TensorFunction([&](const auto& in) { return function(in[0]); }), {input},
                       options);
}

namespace detail {

/// How messages of a check begin and end.
struct GradcheckSubject {
  std::string title;
  std::string hint = {};
};

/// Throws as `gradcheck` does for inputs that it cannot take.
void check_inputs(const std::vector<Tensor>& inputs);
bool gradcheck(const GradcheckSubject& subject, const TensorsFunction& function,
               const std::vector<Tensor>& inputs, const GradcheckOptions& options);

inline const char* op_name(const Tensor& out) {
  return out.grad_fn() ? out.grad_fn()->name() : "no recorded op";
}

/// Whether a gradient is to be checked; an undefined tensor stands for an option left out.
inline bool is_checked(const Tensor& input) { return input.defined() && input.requires_grad(); }
/// The inputs that are to be checked.
std::vector<Tensor> only_required(const std::vector<Tensor>& inputs);

}  // namespace detail
}  // namespace rill
