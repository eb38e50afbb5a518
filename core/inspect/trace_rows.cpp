#include <algorithm>
#include <cmath>

#include <rill/core/autograd.h>
#include <rill/core/inspect/trace.h>
#include <rill/core/ops.h>

// What a trace asks the rows of an op for, once a gradient has passed them.

namespace rill::inspect {
namespace {

/// One element of what `row` of `node` gives for `dout`, recorded.
Tensor element_of_row(const Node& node, int row, int64_t element, const Tensor& dout) {
  std::vector<Tensor> gradients(node.inputs().size());
  node.gradients(dout, gradients);
  return gradients[row].reshape({-1})[element];
}

/// d(`element`) / d(`dout`); zeros where it does not depend on that.
Tensor derivative_of(const Tensor& element, const Tensor& dout) {
  if (!element.requires_grad()) return zeros_like(dout);
  const Tensor found = grad(element, {dout}, {.allow_unused = true})[0];
  return found.defined() ? found : zeros_like(dout);
}

}  // namespace

const Trace::Hidden& Trace::want_rows(int64_t op) const {
  if (op < 0 || op >= static_cast<int64_t>(ops_.size()))
    fail<IndexError>("the trace has ", ops_.size(), " ops, none of number ", op);
  const Hidden& hidden = hidden_[op];
  if (!hidden.node)
    fail<ValueError>("the rows of op ", op, ", ", ops_[op].name,
                     ", are not kept: nothing was recorded, or the trace has .keep_rows = false");
  return hidden;
}

std::vector<Term> Trace::terms(int64_t op, int row, int64_t element) const {
  const Hidden& hidden = want_rows(op);
  const auto& rows = ops_[op].rows;
  if (row < 0 || row >= static_cast<int>(rows.size()) || !rows[row].outgoing)
    fail<ValueError>("no gradient has passed row ", row, " of op ", op, ", ", ops_[op].name,
                     ": run backward while the trace watches");
  if (element < 0 || element >= rows[row].outgoing->numel())
    fail<IndexError>("there is no element ", element, " in the gradient ",
                     rows[row].outgoing->shape, " that row ", row, " of ", ops_[op].name, " gave");
  const UnobservedGuard unobserved;
  const GradModeGuard recording(true);
  const Tensor dout = hidden.incoming.detach().requires_grad_();
  const std::vector<double> derivatives =
      derivative_of(element_of_row(*hidden.node, row, element, dout), dout).to_vector();
  const std::vector<double> incoming = hidden.incoming.to_vector();
  std::vector<Term> terms;
  for (size_t i = 0; i < incoming.size(); ++i)
    if (const double product = incoming[i] * derivatives[i]; product != 0)
      terms.push_back({static_cast<int64_t>(i), incoming[i], derivatives[i], product});
  std::ranges::stable_sort(terms, std::ranges::greater{},
                           [](const Term& term) { return std::abs(term.product); });
  return terms;
}

std::shared_ptr<const Trace> Trace::inside(int64_t op) const {
  if (op < 0 || op >= static_cast<int64_t>(ops_.size()))
    fail<IndexError>("the trace has ", ops_.size(), " ops, none of number ", op);
  const Hidden& hidden = hidden_[op];
  if (!hidden.node || hidden.inside) return hidden.inside;
  const UnobservedGuard unobserved;
  const GradModeGuard recording(true);
  auto trace = std::make_shared<Trace>(options_);
  const ObserverGuard watching(*trace);
  const std::optional<Node::Twin> twin = hidden.node->twin();
  if (!twin) return {};
  std::vector<Tensor> wanted;
  for (const Tensor& input : twin->inputs)
    if (input.defined() && input.requires_grad()) wanted.push_back(input);
  if (hidden.incoming.defined() && !wanted.empty())
    static_cast<void>(
        grad({twin->out}, wanted, {.grad_outputs = {hidden.incoming}, .allow_unused = true}));
  return hidden.inside = trace;
}

}  // namespace rill::inspect
