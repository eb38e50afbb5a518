#include <rill/core/detail/warn.h>
#include <rill/core/fused.h>
#include <rill/core/kernels/cross_entropy.h>
#include <rill/core/ops.h>
#include <rill/core/ops/batch.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/option.h>

#include <algorithm>
#include <atomic>
#include <limits>

namespace rill {
namespace {

Tensor reduce(const Tensor& losses, Reduction reduction) {
  if (reduction == Reduction::none) return losses;
  if (reduction == Reduction::mean) return losses.mean();
  const double parts = reduction == Reduction::sum ? 1 : static_cast<double>(losses.size(0));
  return parts == 1 ? losses.sum() : losses.sum() / parts;
}

void check_alike(const Tensor& input, const Tensor& target) {
  detail::want_floating("input", input);
  detail::want_same_dtype("input", input, "target", target);
  if (input.shape() != target.shape())
    fail<ShapeError>("input is ", input.shape(), " and target ", target.shape(),
                     ": a loss wants equal shapes and does not broadcast");
}

void check_broadcasts(const char* role, const Tensor& weight, const Tensor& logits) {
  if (!weight.defined()) return;
  detail::want_same_dtype("logits", logits, role, weight);
  if (broadcast_shapes(weight.shape(), logits.shape()) != logits.shape())
    fail<ShapeError>(role, " is ", weight.shape(), ", which does not broadcast to logits ",
                     logits.shape());
}

// ---- cross_entropy: checks -----------------------------------------------------------------

/// Where the classes lie: [C], or [N, C, ...].
int class_dim(const Tensor& logits) { return logits.dims() == 1 ? 0 : 1; }

void check_class_weight(const Tensor& logits, const Tensor& weight) {
  if (!weight.defined()) return;
  const Shape wanted{logits.size(class_dim(logits))};
  if (weight.shape() != wanted)
    fail<ShapeError>("weight is ", weight.shape(), ", but logits ", logits.shape(), " want ",
                     wanted, ", one for each class");
  detail::want_same_dtype("logits", logits, "weight", weight);
  if (detail::wants_gradient(weight))
    fail<AutogradError>("weight requires a gradient, and this loss has none for it: detach() it");
}

void check_logits(const Tensor& logits, const CrossEntropyOptions& options) {
  if (logits.dims() == 0)
    fail<ShapeError>("logits are [], but must be [C], [N, C] or [N, C, d...]");
  detail::want_floating("logits", logits);
  check_class_weight(logits, options.weight);
  detail::want_share("label_smoothing", options.label_smoothing);
}

void check_class_ids(const Tensor& logits, const Tensor& target, int64_t ignore_index) {
  Shape wanted = logits.shape();
  wanted.erase(class_dim(logits));
  if (target.dtype() != int64)
    fail<DTypeError>("target is ", target.dtype(), " ", target.shape(), " for logits ",
                     logits.dtype(), " ", logits.shape(), ": wanted int64 class ids ", wanted,
                     ", or probabilities like the logits");
  if (target.shape() != wanted)
    fail<ShapeError>("target is ", target.shape(), ", but logits ", logits.shape(),
                     " want class ids ", wanted, ": dimension ", class_dim(logits),
                     " is that of the classes. Logits [B, T, V] are seen as [B·T, V] by ",
                     "flatten(0, 1), their targets by flatten()");
  const int64_t classes = logits.size(class_dim(logits));
  const Tensor ids = detail::packed(target);
  for (int64_t i = 0; i < ids.numel(); ++i) {
    const int64_t id = ids.data<int64_t>()[i];
    if (id != ignore_index && (id < 0 || id >= classes))
      fail<IndexError>("target is ", id, " at ", detail::index_of(i, wanted), ", but there are ",
                       classes, " classes: ids must be in [0, ", classes, "), or ", ignore_index,
                       " for what is to be ignored (ignore_index)");
  }
}

// ---- cross_entropy of class ids ------------------------------------------------------------

/// Plain values of CrossEntropyOptions, as rows keep them.
struct RowOptions {
  int64_t ignore_index;
  double label_smoothing;

  template <class T>
  kernels::CrossEntropy<T> with(const Tensor& weight) const {
    return {weight.defined() ? weight.data<T>() : nullptr, ignore_index, label_smoothing};
  }
};

std::array<Tensor, 1> gradient_of_rows(const Tensor& dout, const Tensor& logits,
                                       const Tensor& target, const Tensor& weight,
                                       const Tensor& lse, const RowOptions& options) {
  const Tensor from = detail::packed(dout), rows = detail::packed(logits);
  const Tensor out = Tensor::empty(logits.shape(), logits.dtype());
  detail::for_floating(logits.dtype(), [&]<class T>(T) {
    kernels::cross_entropy_backward<T>(rows.size(0), rows.size(1), rows.data<T>(),
                                       target.data<int64_t>(), options.with<T>(weight),
                                       lse.data<double>(), from.data<T>(), out.data<T>());
  });
  return {out};
}

/// The losses of rows, of plain ops.
Tensor twin_of_rows(const Tensor& logits, const Tensor& target, const Tensor& weight,
                    const RowOptions& options) {
  const Tensor ignored = eq(target, static_cast<double>(options.ignore_index));
  const Tensor ids = masked_fill(target, ignored, 0).unsqueeze(1);
  const Tensor w = weight.defined() ? weight : ones({logits.size(1)}, logits.dtype());
  const Tensor costs = -log_softmax(masked_fill(logits, ignored.unsqueeze(1), 0), 1) * w;
  const double smoothing = options.label_smoothing;
  Tensor losses = gather(costs, 1, ids).squeeze(1) * (1 - smoothing);
  if (smoothing > 0)
    losses = losses + costs.sum({1}) * (smoothing / static_cast<double>(logits.size(1)));
  return masked_fill(losses, ignored, 0);
}

/// What each row of logits [rows, C] costs: [rows]. An op of its own, which observers are told of.
Tensor losses_of_rows(const Tensor& logits, const Tensor& target, const Tensor& weight,
                      const RowOptions& options) {
  Op op("cross_entropy_of_rows");
  op.reads(target, weight);
  const Tensor out = Tensor::empty({logits.size(0)}, logits.dtype());
  const Tensor lse = Tensor::empty({logits.size(0)}, float64);
  const Tensor rows = detail::packed(logits);
  detail::for_floating(logits.dtype(), [&]<class T>(T) {
    kernels::cross_entropy<T>(rows.size(0), rows.size(1), rows.data<T>(), target.data<int64_t>(),
                              options.with<T>(weight), out.data<T>(), lse.data<double>());
  });
  return op.record_fused(
      out, inputs(logits).with_formulas("dout · (p − y), p = softmax(logits)"),
      keep(constant(target), constant(weight), constant(lse), options),
      [](const Tensor& dout, const Wanted<1>&, const Tensor& logits, const Tensor& target,
         const Tensor& weight, const Tensor& lse, const RowOptions& options) {
        return gradient_of_rows(dout, logits, target, weight, lse, options);
      },
      [](const Tensor& logits, const Tensor& target, const Tensor& weight, const Tensor&,
         const RowOptions& options) { return twin_of_rows(logits, target, weight, options); });
}

/// What the mean divides by; warns, once, where nothing is left to take the mean of.
double total_weight(const Tensor& target, const Tensor& weight, const RowOptions& options,
                    DType dtype) {
  double total = 0;
  detail::for_floating(dtype, [&]<class T>(T) {
    total = kernels::cross_entropy_weight<T>(target.numel(), target.data<int64_t>(),
                                             options.with<T>(weight));
  });
  const auto* ids = target.data<int64_t>();
  const bool all_ignored = std::all_of(ids, ids + target.numel(),
                                       [&](int64_t id) { return id == options.ignore_index; });
  static std::atomic_flag warned;
  if (all_ignored && !warned.test_and_set())
    detail::warn("cross_entropy: every target is ignored (ignore_index ", options.ignore_index,
                 "), so the mean is NaN");
  return total;
}

/// Logits with their classes last, as a matrix [..., C].
Tensor classes_last(const Tensor& logits) {
  if (logits.dims() <= 2) return detail::as_matrix(logits);
  Shape order{0};
  for (int d = 2; d < logits.dims(); ++d) order.push_back(d);
  order.push_back(1);
  return detail::as_matrix(logits.permute(order));
}

Tensor of_class_ids(const Tensor& logits, const Tensor& target,
                    const CrossEntropyOptions& options) {
  check_class_ids(logits, target, options.ignore_index);
  const RowOptions plain{options.ignore_index, options.label_smoothing};
  const Tensor ids = detail::packed(target), weight = detail::packed(options.weight);
  const Tensor flat = ids.reshape({ids.numel()});
  const Tensor losses = losses_of_rows(classes_last(logits), flat, weight, plain);
  if (options.reduction != Reduction::mean)
    return reduce(losses.reshape(target.shape()), options.reduction);
  return losses.sum() / total_weight(flat, weight, plain, logits.dtype());
}

// ---- cross_entropy of probabilities --------------------------------------------------------

/// −Σ_c w_c p'_c log softmax_c with p' = p (1 − ε) + ε / C; the mean divides by the rows.
Tensor of_probabilities(const Tensor& logits, const Tensor& target,
                        const CrossEntropyOptions& options) {
  detail::want_same_dtype("logits", logits, "target", target);
  const int dim = class_dim(logits);
  const double smoothing = options.label_smoothing;
  Tensor wanted = target;
  if (smoothing > 0)
    wanted = target * (1 - smoothing) + smoothing / static_cast<double>(logits.size(dim));
  if (options.weight.defined()) {
    Shape sizes = Shape::filled(logits.dims(), 1);
    sizes[dim] = logits.size(dim);
    wanted = wanted * options.weight.view(sizes);
  }
  return reduce(-(wanted * log_softmax(logits, dim)).sum({dim}), options.reduction);
}

// ---- binary cross-entropy --------------------------------------------------------------------

/// log(1 + eˣ) for every x: −log σ(−x).
Tensor whole_softplus(const Tensor& x) {
  return softplus(x, 1, std::numeric_limits<double>::infinity());
}

/// −(w t log σ(z) + (1 − t) log(1 − σ(z))), w the weight of the positives. Each part is 0 or more
/// and exact by itself, and so is each part of a gradient: nothing cancels.
Tensor binary_losses(Op& op, const Tensor& z, const Tensor& t, const Tensor& w) {
  Tensor out;
  {
    const NoGradGuard no_grad;
    out = w * t * whole_softplus(-z) + (1 - t) * whole_softplus(z);
  }
  op.connect(out,
             row(z, "dout · ((1 − t) σ(z) − w t σ(−z))", keep(z, t, w),
                 [](const Tensor& dout, const Tensor& z, const Tensor& t, const Tensor& w) {
                   return dout * ((1 - t) * sigmoid(z) - w * t * sigmoid(-z));
                 }),
             row(t, "dout · ((w − 1) softplus(−z) − z)", keep(z, w),
                 [](const Tensor& dout, const Tensor& z, const Tensor& w) {
                   const Tensor extra = masked_fill((w - 1) * whole_softplus(-z), eq(w, 1), 0);
                   return dout * (extra - z);
                 }),
             broadcast_row(w, "dout · t softplus(−z)", keep(z, t),
                           [](const Tensor& dout, const Tensor& z, const Tensor& t) {
                             return dout * t * whole_softplus(-z);
                           }));
  return out;
}

}  // namespace

std::span<const char* const> names_of(Reduction) {
  static constexpr const char* names[] = {"mean", "none", "sum", "batchmean"};
  return names;
}

Tensor cross_entropy(const Tensor& logits, const Tensor& target,
                     const CrossEntropyOptions& options) {
  Op op("cross_entropy");
  op.reads(logits, target, options.weight);
  check_logits(logits, options);
  const bool probabilities = is_floating(target.dtype()) && target.shape() == logits.shape();
  return op.done(probabilities ? of_probabilities(logits, target, options)
                               : of_class_ids(logits, target, options));
}

Tensor nll_loss(const Tensor& log_probabilities, const Tensor& target, const NllOptions& options) {
  Op op("nll_loss");
  op.reads(log_probabilities, target, options.weight);
  check_logits(log_probabilities, {.weight = options.weight});
  check_class_ids(log_probabilities, target, options.ignore_index);
  const int dim = class_dim(log_probabilities);
  const Tensor kept = target != static_cast<double>(options.ignore_index);
  const Tensor ids = where(kept, target, 0);
  const Tensor weights = options.weight.defined()
                             ? reshape(index_select(options.weight, 0, flatten(ids)), ids.shape())
                             : ones(ids.shape(), log_probabilities.dtype());
  const Tensor counted = where(kept, weights, 0.0);
  const Tensor picked = gather(log_probabilities, dim, unsqueeze(ids, dim)).squeeze(dim);
  const Tensor losses = where(kept, -picked * weights, 0.0);
  if (options.reduction != Reduction::mean) return op.done(reduce(losses, options.reduction));
  return op.done(sum(losses) / sum(counted));
}

Tensor mse_loss(const Tensor& input, const Tensor& target, Choice<Reduction> reduction) {
  Op op("mse_loss");
  op.reads(input, target);
  check_alike(input, target);
  return op.done(reduce((input - target).pow(2), reduction));
}

Tensor l1_loss(const Tensor& input, const Tensor& target, Choice<Reduction> reduction) {
  Op op("l1_loss");
  op.reads(input, target);
  check_alike(input, target);
  return op.done(reduce((input - target).abs(), reduction));
}

Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberOptions& options) {
  Op op("huber_loss");
  op.reads(input, target);
  check_alike(input, target);
  detail::want_positive("delta", options.delta);
  const Tensor r = input - target;
  const Tensor near = clamp(r, -options.delta, options.delta);  // c (r − c / 2): r² / 2 where c = r
  return op.done(reduce(near * (r - near * 0.5), options.reduction));
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, Choice<Reduction> reduction,
                      double beta) {
  Op op("smooth_l1_loss");
  op.reads(input, target);
  detail::want_not_negative("beta", beta);
  if (beta == 0) return op.done(l1_loss(input, target, reduction));
  return op.done(huber_loss(input, target, {.reduction = reduction, .delta = beta}) / beta);
}

Tensor kl_div(const Tensor& input, const Tensor& target, const KlDivOptions& options) {
  Op op("kl_div");
  op.reads(input, target);
  check_alike(input, target);
  const Tensor p = options.log_target ? exp(target) : target;
  const Tensor log_p = options.log_target ? target : log(where(p != 0, p, 1.0));
  return op.done(reduce(where(p != 0, p * (log_p - input), 0.0), options.reduction));
}

Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& target,
                                        const BinaryCrossEntropyOptions& options) {
  Op op("binary_cross_entropy_with_logits");
  op.reads(logits, target, options.weight, options.pos_weight);
  check_alike(logits, target);
  check_broadcasts("weight", options.weight, logits);
  check_broadcasts("pos_weight", options.pos_weight, logits);
  const Tensor& given = options.pos_weight;
  Tensor losses =
      binary_losses(op, logits, target, given.defined() ? given : scalar(1, logits.dtype()));
  if (options.weight.defined()) losses = losses * options.weight;
  return op.done(reduce(losses, options.reduction));
}

}  // namespace rill
