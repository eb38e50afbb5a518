#include <rill/core/gradcheck.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <rill/core/random.h>

namespace rill {
namespace {

/// Where two numbers are to be compared: element `out_element` of output `out`, with respect to
/// element `element` of input `input`.
struct Place {
  size_t out;
  int64_t out_element;
  size_t input;
  int64_t element;
};

/// Whether a gradient is to be checked; an undefined tensor stands for an option left out.
bool is_checked(const Tensor& input) { return input.defined() && input.requires_grad(); }

/// "[1, 0]": the index of an element by its row-major number.
Shape index_of(int64_t element, const Shape& shape) {
  Shape index = shape;
  for (int d = shape.dims() - 1; d >= 0; --d) {
    index[d] = element % shape[d];
    element /= shape[d];
  }
  return index;
}

/// How messages begin and end.
struct Subject {
  std::string title;
  std::string hint = {};
};

const char* op_name(const Tensor& out) {
  return out.grad_fn() ? out.grad_fn()->name() : "no recorded op";
}

/// The formula of the row that leads from `out` straight to `input`, else all those of the op.
std::string formula_of(const Tensor& out, const Tensor& input) {
  if (!out.grad_fn())
    return "none: is op.record(...) missing, or a detach() or NoGradGuard in the way?";
  std::string formulas;
  for (const Input& row : out.grad_fn()->inputs())
    if (row.node && row.node.get() == input.impl()->node.get())
      formulas += (formulas.empty() ? "" : " and ") + std::string(row.formula);
  return formulas.empty() ? out.grad_fn()->explain() : formulas;
}

bool agree(double found, double expected, const GradcheckOptions& options) {
  if (found == expected || (std::isnan(found) && std::isnan(expected))) return true;
  return std::abs(found - expected) <= options.atol + options.rtol * std::abs(expected);
}

/// The same numbers, every second element of a storage whose gaps are NaN; the result of views
/// that merge or split dimensions can still be expressed.
Tensor spread(const Tensor& x) {
  const Tensor storage = full({2 * x.numel()}, std::numeric_limits<double>::quiet_NaN(), float64);
  Shape strides = contiguous_strides(x.shape());
  for (int d = 0; d < x.dims(); ++d) strides[d] *= 2;
  const Tensor out = make_view(storage, x.shape(), strides, 0);
  const std::vector<double> values = x.to_vector();
  for (size_t i = 0; i < values.size(); ++i) storage.data<double>()[2 * i] = values[i];
  return out;
}

/// Each input that requires a gradient as a leaf of its own.
std::vector<Tensor> leaves(const std::vector<Tensor>& inputs, bool strided) {
  std::vector<Tensor> out;
  for (const Tensor& input : inputs)
    out.push_back(!is_checked(input) ? input
                  : strided          ? spread(input).requires_grad_()
                                     : input.detach().requires_grad_());
  return out;
}

std::vector<Tensor> only_required(const std::vector<Tensor>& inputs) {
  std::vector<Tensor> out;
  for (const Tensor& input : inputs)
    if (is_checked(input)) out.push_back(input);
  return out;
}

void check_inputs(const std::vector<Tensor>& inputs) {
  bool any = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!is_checked(inputs[i])) continue;
    any = true;
    if (inputs[i].dtype() != float64)
      fail<DTypeError>("gradcheck: input ", i, " is ", inputs[i].dtype(),
                       "; differences want float64: make it with dtype float64");
  }
  if (!any) fail<ValueError>("gradcheck: no input requires a gradient: call requires_grad_()");
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// The first element in which two tensors of one size differ, -1 where there is none.
int64_t first_difference(const Tensor& a, const Tensor& b) {
  const std::vector<double> left = a.to_vector(), right = b.to_vector();
  for (size_t i = 0; i < std::min(left.size(), right.size()); ++i)
    if (!same_bits(left[i], right[i])) return static_cast<int64_t>(i);
  return -1;
}

/// One check: the function, what it was given, and its outputs.
class Check {
 public:
  Check(const Subject& subject, const TensorsFunction& function, const std::vector<Tensor>& inputs,
        const GradcheckOptions& options, bool strided)
      : subject_(subject),
        function_(function),
        options_(options),
        inputs_(leaves(inputs, strided)),
        outputs_(function(inputs_)) {}

  /// Refuses outputs that are others when the function runs again.
  void expect_same_outputs_again() const {
    const std::vector<Tensor> again = outputs_of(inputs_);
    for (size_t o = 0; o < outputs_.size(); ++o) {
      const int64_t e = first_difference(outputs_[o], again[o]);
      if (e < 0) continue;
      refuse_output(o, e, "is ", outputs_[o].to_vector()[static_cast<size_t>(e)], " and then ",
                    again[o].to_vector()[static_cast<size_t>(e)],
                    " for the same input: the function is not deterministic; let it draw random "
                    "numbers from a Generator that it makes itself");
    }
  }

  /// Refuses outputs that change with the layout of the inputs.
  void expect_outputs_of(const Check& other) const {
    expect_shapes_of(other.outputs_);
    for (size_t o = 0; o < outputs_.size(); ++o) {
      const std::vector<double> here = outputs_[o].to_vector();
      const std::vector<double> there = other.outputs_[o].to_vector();
      for (size_t e = 0; e < here.size(); ++e)
        if (!agree(here[e], there[e], options_))
          refuse_output(o, static_cast<int64_t>(e), "is ", here[e],
                        " where the inputs lie apart in memory, and ", there[e],
                        " where they do not: their strides are not heeded");
    }
  }

  void run() const {
    const auto analytic = all_gradients();
    for (size_t i = 0; i < inputs_.size(); ++i)
      if (is_checked(inputs_[i]))
        for (int64_t e = 0; e < inputs_[i].numel(); ++e) compare(i, e, analytic);
  }

 private:
  /// [output][element of it][input that requires a gradient].
  using Gradients = std::vector<std::vector<std::vector<std::vector<double>>>>;

  Gradients all_gradients() const {
    Gradients all(outputs_.size());
    for (size_t o = 0; o < outputs_.size(); ++o)
      for (int64_t e = 0; e < outputs_[o].numel(); ++e) all[o].push_back(gradients_of(o, e));
    return all;
  }

  std::vector<std::vector<double>> gradients_of(size_t o, int64_t element) const {
    const std::vector<Tensor> first = backward(o, element), second = backward(o, element);
    std::vector<std::vector<double>> all(inputs_.size());
    for (size_t i = 0, next = 0; i < inputs_.size(); ++i) {
      if (!is_checked(inputs_[i])) continue;
      all[i] = checked({o, element, i, 0}, first[next], second[next]);
      ++next;
    }
    return all;
  }

  std::vector<Tensor> backward(size_t o, int64_t element) const {
    const std::vector<Tensor> wanted = only_required(inputs_);
    if (!outputs_[o].requires_grad()) return std::vector<Tensor>(wanted.size());
    const Tensor dout = zeros(outputs_[o].shape(), outputs_[o].dtype());
    dout.data<double>()[element] = 1;
    return grad({outputs_[o]}, wanted,
                {.grad_outputs = {dout}, .retain_graph = true, .allow_unused = true});
  }

  /// The numbers of a gradient that has the right shape and came out alike twice.
  std::vector<double> checked(const Place& place, const Tensor& first, const Tensor& second) const {
    const Tensor& input = inputs_[place.input];
    if (!first.defined()) return std::vector<double>(static_cast<size_t>(input.numel()));
    if (!(first.shape() == input.shape()))
      refuse(place, "has shape ", first.shape(), " where the input has ", input.shape());
    if (first_difference(first, second) >= 0)
      refuse(place, "differs from one backward to the next");
    return first.to_vector();
  }

  void compare(size_t input, int64_t element, const Gradients& analytic) const {
    const std::vector<Tensor> above = moved(input, element, options_.eps);
    const std::vector<Tensor> below = moved(input, element, -options_.eps);
    for (size_t o = 0; o < outputs_.size(); ++o) {
      const std::vector<double> high = above[o].to_vector(), low = below[o].to_vector();
      for (size_t e = 0; e < high.size(); ++e) {
        const double found = analytic[o][e][input][static_cast<size_t>(element)];
        const double expected = (high[e] - low[e]) / (2 * options_.eps);
        if (!agree(found, expected, options_))
          refuse({o, static_cast<int64_t>(e), input, element}, "is ", found, " by its formula and ",
                 expected, " by differences (atol ", options_.atol, ", rtol ", options_.rtol, ")");
      }
    }
  }

  /// The outputs with one element of one input moved by `step`, unrecorded.
  std::vector<Tensor> moved(size_t input, int64_t element, double step) const {
    std::vector<Tensor> inputs;
    for (const Tensor& x : inputs_) inputs.push_back(x.defined() ? x.detach() : x);
    inputs[input] = inputs[input].clone();
    inputs[input].data<double>()[element] += step;
    return outputs_of(inputs);
  }

  /// What the function makes of other inputs.
  std::vector<Tensor> outputs_of(const std::vector<Tensor>& inputs) const {
    std::vector<Tensor> outputs = function_(inputs);
    expect_shapes_of(outputs);
    return outputs;
  }

  void expect_shapes_of(const std::vector<Tensor>& others) const {
    if (!std::ranges::equal(others, outputs_, {}, &Tensor::shape, &Tensor::shape))
      fail<GradcheckError>(subject_.title,
                           ": the function gave outputs of other shapes when it ran "
                           "again: their number and shapes may depend on neither the values nor "
                           "the layout of the inputs");
  }

  template <class... Parts>
  [[noreturn]] void refuse(const Place& place, const Parts&... what) const {
    const Tensor& out = outputs_[place.out];
    const Tensor& input = inputs_[place.input];
    fail<GradcheckError>(subject_.title, ": ", op_name(out), ": the gradient of output ", place.out,
                         " at ", index_of(place.out_element, out.shape()),
                         " with respect to input ", place.input, " at ",
                         index_of(place.element, input.shape()), " ", what...,
                         "; formula: ", formula_of(out, input), subject_.hint);
  }

  template <class... Parts>
  [[noreturn]] void refuse_output(size_t o, int64_t element, const Parts&... what) const {
    fail<GradcheckError>(subject_.title, ": ", op_name(outputs_[o]), ": output ", o, " at ",
                         index_of(element, outputs_[o].shape()), " ", what...);
  }

  const Subject& subject_;
  const TensorsFunction& function_;
  const GradcheckOptions& options_;
  std::vector<Tensor> inputs_;
  std::vector<Tensor> outputs_;
};

TensorsFunction as_list(const TensorFunction& function) {
  return [&function](const std::vector<Tensor>& inputs) { return std::vector{function(inputs)}; };
}

void check_all(const Subject& subject, const TensorsFunction& function,
               const std::vector<Tensor>& inputs, const GradcheckOptions& options) {
  const Check plain(subject, function, inputs, options, false);
  plain.expect_same_outputs_again();
  plain.run();
  if (!options.check_strided) return;
  const Check strided(subject, function, inputs, options, true);
  strided.expect_outputs_of(plain);
  strided.run();
}

/// inputs..., dout... -> the gradients of those inputs that `required` names.
struct GradientFunction {
  const TensorsFunction& function;
  std::vector<bool> required;

  std::vector<Tensor> operator()(const std::vector<Tensor>& inputs_and_douts) const {
    GradModeGuard recording(true);
    std::vector<Tensor> inputs, wanted;
    for (size_t i = 0; i < required.size(); ++i) {
      const Tensor& x = inputs_and_douts[i];
      inputs.push_back(required[i] && !x.requires_grad() ? x.detach().requires_grad_() : x);
      if (required[i]) wanted.push_back(inputs[i]);
    }
    return gradients(function(inputs), wanted, inputs_and_douts);
  }

  std::vector<Tensor> gradients(const std::vector<Tensor>& outputs,
                                const std::vector<Tensor>& wanted,
                                const std::vector<Tensor>& inputs_and_douts) const {
    std::vector<Tensor> recorded, douts;
    for (size_t o = 0; o < outputs.size(); ++o) {
      if (!outputs[o].requires_grad()) continue;
      recorded.push_back(outputs[o]);
      douts.push_back(inputs_and_douts[required.size() + o]);
    }
    std::vector<Tensor> found(wanted.size());
    if (!recorded.empty())
      found = grad(recorded, wanted,
                   {.grad_outputs = douts, .create_graph = true, .allow_unused = true});
    for (size_t i = 0; i < found.size(); ++i)
      if (!found[i].defined()) found[i] = zeros_like(wanted[i]);
    return found;
  }
};

std::vector<Tensor> with_random_douts(const std::vector<Tensor>& inputs,
                                      const std::vector<Tensor>& outputs) {
  std::vector<Tensor> all = inputs;
  Generator generator(0);
  for (const Tensor& out : outputs)
    all.push_back(randn(out.shape(), generator, out.dtype()).requires_grad_());
  return all;
}

/// What `gradgradcheck` looks into: the gradient of whatever made `outputs`.
Subject gradient_of(const std::vector<Tensor>& outputs) {
  const std::string op = outputs.empty() ? "nothing" : op_name(outputs[0]);
  return {"gradgradcheck: in the gradient of " + op,
          "; does a row of " + op + " keep a constant(t) that depends on an input?"};
}

template <class Run>
bool run_check(const GradcheckOptions& options, Run run) {
  try {
    run();
  } catch (const GradcheckError&) {
    if (options.raise_exception) throw;
    return false;
  }
  return true;
}

}  // namespace

bool gradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
               const GradcheckOptions& options) {
  check_inputs(inputs);
  return run_check(options, [&] { check_all({"gradcheck"}, function, inputs, options); });
}

bool gradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
               const GradcheckOptions& options) {
  return gradcheck(as_list(function), inputs, options);
}

bool gradgradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
                   const GradcheckOptions& options) {
  check_inputs(inputs);
  GradientFunction gradients{function, {}};
  for (const Tensor& input : inputs) gradients.required.push_back(is_checked(input));
  const std::vector<Tensor> outputs = function(inputs);
  return run_check(options, [&] {
    check_all(gradient_of(outputs), gradients, with_random_douts(inputs, outputs), options);
  });
}

bool gradgradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
                   const GradcheckOptions& options) {
  return gradgradcheck(as_list(function), inputs, options);
}

}  // namespace rill
