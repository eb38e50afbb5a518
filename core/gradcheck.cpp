#include <rill/core/detail/overlap.h>
#include <rill/core/gradcheck.h>
#include <rill/core/ops/kernel_call.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace rill {
namespace {

using detail::GradcheckSubject;
using detail::is_checked;
using detail::only_required;
using detail::op_name;

/// Where two numbers are to be compared: element `out_element` of output `out`, with respect to
/// element `element` of input `input`.
struct Place {
  size_t out;
  int64_t out_element;
  size_t input;
  int64_t element;
};

/// The formula of the row that leads from `out` straight to `input`, else all those of the op.
std::string formula_of_row(const Tensor& out, const Tensor& input) {
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

/// Each input that requires a gradient as a leaf, and a leaf as itself: the function may hold it by
/// capture too, as a layer holds its weight.
std::vector<Tensor> leaves(const std::vector<Tensor>& inputs) {
  std::vector<Tensor> out;
  for (const Tensor& input : inputs)
    if (!is_checked(input) || (input.is_leaf() && !detail::overlaps_itself(input)))
      out.push_back(input);
    else
      out.push_back((detail::overlaps_itself(input) ? input.detach().clone() : input.detach())
                        .requires_grad_());
  return out;
}

/// The leaves spread in memory, for the lifetime of this.
class Spread {
 public:
  explicit Spread(const std::vector<Tensor>& leaves) {
    for (const Tensor& leaf : leaves)
      if (is_checked(leaf)) places_.emplace_back(leaf, spread(leaf).requires_grad_());
    for (const auto& [leaf, other] : places_) leaf.impl()->exchange(*other.impl());
  }
  ~Spread() {
    for (auto place = places_.rbegin(); place != places_.rend(); ++place)
      place->first.impl()->exchange(*place->second.impl());
  }
  Spread(const Spread&) = delete;
  Spread& operator=(const Spread&) = delete;

 private:
  std::vector<std::pair<Tensor, Tensor>> places_;
};

/// One element of a leaf moved, for the lifetime of this.
class Moved {
 public:
  Moved(const Tensor& leaf, int64_t element, double step)
      : place_(place_of(leaf, element)), before_(place_) {
    place_ += step;
  }
  ~Moved() { place_ = before_; }
  Moved(const Moved&) = delete;
  Moved& operator=(const Moved&) = delete;

 private:
  static double& place_of(const Tensor& leaf, int64_t element) {
    const Shape index = detail::index_of(element, leaf.shape());
    double* place = leaf.data<double>();
    for (int d = 0; d < leaf.dims(); ++d) place += index[d] * leaf.strides()[d];
    return *place;
  }

  double& place_;
  const double before_;
};

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// The first element in which two tensors of one size differ, -1 where there is none.
int64_t first_difference(const Tensor& a, const Tensor& b) {
  const std::vector<double> left = a.to_vector(), right = b.to_vector();
  for (size_t i = 0; i < left.size(); ++i)
    if (!same_bits(left[i], right[i])) return static_cast<int64_t>(i);
  return -1;
}

/// One check: the function, what it was given, and its outputs.
class Check {
 public:
  Check(const GradcheckSubject& subject, const TensorsFunction& function,
        const std::vector<Tensor>& leaves, const GradcheckOptions& options)
      : subject_(subject),
        function_(function),
        options_(options),
        inputs_(leaves),
        outputs_(function(inputs_)) {}

  /// Refuses outputs that are others when the function runs again.
  void expect_same_outputs_again() const {
    const std::vector<Tensor> again = run_again();
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
    for (size_t i = 0; i < inputs_.size(); ++i)
      if (is_checked(inputs_[i])) all[i] = checked({o, element, i, 0}, first[i], second[i]);
    return all;
  }

  /// Undefined for an input that no graph leads to.
  std::vector<Tensor> backward(size_t o, int64_t element) const {
    std::vector<Tensor> all(inputs_.size());
    if (!outputs_[o].requires_grad()) return all;
    const Tensor dout = zeros(outputs_[o].shape(), outputs_[o].dtype());
    dout.data<double>()[element] = 1;
    const std::vector<Tensor> found =
        grad({outputs_[o]}, only_required(inputs_),
             {.grad_outputs = {dout}, .retain_graph = true, .allow_unused = true});
    for (size_t i = 0, next = 0; i < all.size(); ++i)
      if (is_checked(inputs_[i])) all[i] = found[next++];
    return all;
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
    const auto above = moved(input, element, options_.eps);
    const auto below = moved(input, element, -options_.eps);
    for (size_t o = 0; o < outputs_.size(); ++o) {
      const std::vector<double>& high = above[o];
      const std::vector<double>& low = below[o];
      for (size_t e = 0; e < high.size(); ++e) {
        const double found = analytic[o][e][input][static_cast<size_t>(element)];
        const double expected = (high[e] - low[e]) / (2 * options_.eps);
        if (!agree(found, expected, options_))
          refuse({o, static_cast<int64_t>(e), input, element}, "is ", found, " by its formula and ",
                 expected, " by differences (atol ", options_.atol, ", rtol ", options_.rtol, ")");
      }
    }
  }

  /// The numbers of the outputs with one element of one input moved by `step`. They are read
  /// meanwhile: an output may be a view of the input.
  std::vector<std::vector<double>> moved(size_t input, int64_t element, double step) const {
    const Moved moved(inputs_[input], element, step);
    std::vector<std::vector<double>> numbers;
    for (const Tensor& output : run_again()) numbers.push_back(output.to_vector());
    return numbers;
  }

  std::vector<Tensor> run_again() const {
    std::vector<Tensor> outputs = function_(inputs_);
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

  std::string name_of(size_t input) const {
    return input < options_.input_names.size() ? options_.input_names[input]
                                               : "input " + std::to_string(input);
  }

  std::string formula_of(const Place& place) const {
    if (backward(place.out, place.out_element)[place.input].defined())
      return formula_of_row(outputs_[place.out], inputs_[place.input]);
    return "none, for no graph leads there: is op.record(...) missing, or a detach() or "
           "NoGradGuard in the way? What the function holds by itself must be given as the leaf";
  }

  template <class... Parts>
  [[noreturn]] void refuse(const Place& place, const Parts&... what) const {
    const Tensor& out = outputs_[place.out];
    const Tensor& input = inputs_[place.input];
    fail<GradcheckError>(subject_.title, ": ", op_name(out), ": the gradient of output ", place.out,
                         " at ", detail::index_of(place.out_element, out.shape()),
                         " with respect to ", name_of(place.input), " at ",
                         detail::index_of(place.element, input.shape()), " ", what...,
                         "; formula: ", formula_of(place), subject_.hint);
  }

  template <class... Parts>
  [[noreturn]] void refuse_output(size_t o, int64_t element, const Parts&... what) const {
    fail<GradcheckError>(subject_.title, ": ", op_name(outputs_[o]), ": output ", o, " at ",
                         detail::index_of(element, outputs_[o].shape()), " ", what...);
  }

  const GradcheckSubject& subject_;
  const TensorsFunction& function_;
  const GradcheckOptions& options_;
  std::vector<Tensor> inputs_;
  std::vector<Tensor> outputs_;
};

void check_all(const GradcheckSubject& subject, const TensorsFunction& function,
               const std::vector<Tensor>& inputs, const GradcheckOptions& options) {
  const std::vector<Tensor> checked = leaves(inputs);
  const Check plain(subject, function, checked, options);
  plain.expect_same_outputs_again();
  plain.run();
  if (!options.check_strided) return;
  const Spread apart(checked);
  const Check strided(subject, function, checked, options);
  strided.expect_outputs_of(plain);
  strided.run();
}

}  // namespace

std::vector<Tensor> detail::only_required(const std::vector<Tensor>& inputs) {
  std::vector<Tensor> out;
  for (const Tensor& input : inputs)
    if (is_checked(input)) out.push_back(input);
  return out;
}

void detail::check_inputs(const std::vector<Tensor>& inputs) {
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

bool detail::gradcheck(const GradcheckSubject& subject, const TensorsFunction& function,
                       const std::vector<Tensor>& inputs, const GradcheckOptions& options) {
  check_inputs(inputs);
  try {
    check_all(subject, function, inputs, options);
  } catch (const GradcheckError&) {
    if (options.raise_exception) throw;
    return false;
  }
  return true;
}

bool gradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
               const GradcheckOptions& options) {
  return detail::gradcheck({"gradcheck"}, function, inputs, options);
}

bool gradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
               const GradcheckOptions& options) {
  const TensorsFunction list = [&](const std::vector<Tensor>& in) {
    return std::vector{function(in)};
  };
  return gradcheck(list, inputs, options);
}

}  // namespace rill
