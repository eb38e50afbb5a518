#include "tests/core/op_table.h"

namespace rill::testing {
namespace {

/// The input at the position that argument `name` gives, or undefined.
Tensor optional(const Inputs& x, const Args& args, const std::string& name) {
  return args.has(name) ? x[static_cast<size_t>(args.integer(name))] : Tensor();
}

Tensor layer_norm_of(const Inputs& x, const Args& args) {
  return layer_norm(x[0], args.integers("normalized_shape"), optional(x, args, "weight"),
                    optional(x, args, "bias"), args.number("eps", 1e-5));
}

Tensor rms_norm_of(const Inputs& x, const Args& args) {
  const auto eps = args.has("eps") ? std::optional(args.number("eps")) : std::nullopt;
  return rms_norm(x[0], args.integers("normalized_shape"), optional(x, args, "weight"), eps);
}

AttentionOptions attention_options(const Inputs& x, const Args& args) {
  AttentionOptions options;
  options.attn_mask = optional(x, args, "mask");
  options.is_causal = args.flag("is_causal");
  if (args.text("alignment", "top_left") == "bottom_right")
    options.alignment = CausalAlignment::bottom_right;
  if (args.has("scale")) options.scale = args.number("scale");
  return options;
}

Tensor attention_of(const Inputs& x, const Args& args) {
  return scaled_dot_product_attention(x[0], x[1], x[2], attention_options(x, args));
}

Tensor packed_attention_of(const Inputs& x, const Args& args) {
  return packed_attention(x[0], attention_options(x, args));
}

template <auto turn>
Tensor turned(const Inputs& x, const Args& args) {
  const auto dim = args.has("dim") ? std::optional(args.integer("dim")) : std::nullopt;
  return turn(x[0], args.integer("offset", 0),
              {.dim = dim,
               .base = args.number("base", 10000),
               .pairs = args.flag("interleaved") ? RotaryPairs::interleaved : RotaryPairs::halves});
}

Reduction reduction_of(const Args& args) {
  const std::string name = args.text("reduction", "mean");
  if (name == "batchmean") return Reduction::batchmean;
  return name == "none" ? Reduction::none : name == "sum" ? Reduction::sum : Reduction::mean;
}

Tensor cross_entropy_of(const Inputs& x, const Args& args) {
  return cross_entropy(x[0], x[1],
                       {.weight = optional(x, args, "weight"),
                        .ignore_index = args.integer("ignore_index", -100),
                        .reduction = reduction_of(args),
                        .label_smoothing = args.number("label_smoothing", 0)});
}

Tensor binary_cross_entropy_of(const Inputs& x, const Args& args) {
  return binary_cross_entropy_with_logits(x[0], x[1],
                                          {.weight = optional(x, args, "weight"),
                                           .reduction = reduction_of(args),
                                           .pos_weight = optional(x, args, "pos_weight")});
}

Tensor huber_loss_of(const Inputs& x, const Args& args) {
  return huber_loss(x[0], x[1],
                    {.reduction = reduction_of(args), .delta = args.number("delta", 1)});
}

Tensor nll_loss_of(const Inputs& x, const Args& args) {
  return nll_loss(x[0], x[1],
                  {.weight = optional(x, args, "weight"),
                   .ignore_index = args.integer("ignore_index", -100),
                   .reduction = reduction_of(args)});
}

Tensor smooth_l1_loss_of(const Inputs& x, const Args& args) {
  return smooth_l1_loss(x[0], x[1], reduction_of(args), args.number("beta", 1));
}

Tensor normalize_of(const Inputs& x, const Args& args) {
  return normalize(x[0], args.number("p", 2), args.integer("dim", 1), args.number("eps", 1e-12));
}

Tensor kl_div_of(const Inputs& x, const Args& args) {
  return kl_div(x[0], x[1],
                {.reduction = reduction_of(args), .log_target = args.flag("log_target")});
}

Tensor cosine_similarity_of(const Inputs& x, const Args& args) {
  return cosine_similarity(x[0], x[1], args.integer("dim", 1), args.number("eps", 1e-8));
}

}  // namespace

OpTable nn_ops() {
  return {
      {"matmul", [](const Inputs& x, const Args&) { return matmul(x[0], x[1]); }},
      {"bmm", [](const Inputs& x, const Args&) { return bmm(x[0], x[1]); }},
      {"outer", [](const Inputs& x, const Args&) { return outer(x[0], x[1]); }},
      {"cosine_similarity", cosine_similarity_of},
      {"normalize", normalize_of},
      {"linear", [](const Inputs& x,
                    const Args& args) { return linear(x[0], x[1], optional(x, args, "bias")); }},
      {"softmax",
       [](const Inputs& x, const Args& args) { return softmax(x[0], args.integer("dim")); }},
      {"log_softmax",
       [](const Inputs& x, const Args& args) { return log_softmax(x[0], args.integer("dim")); }},
      {"layer_norm", layer_norm_of},
      {"rms_norm", rms_norm_of},
      {"scaled_dot_product_attention", attention_of},
      {"packed_attention", packed_attention_of},
      {"rotary", turned<rotary>},
      {"packed_rotary", turned<packed_rotary>},
      {"cross_entropy", cross_entropy_of},
      {"mse_loss",
       [](const Inputs& x, const Args& args) { return mse_loss(x[0], x[1], reduction_of(args)); }},
      {"l1_loss",
       [](const Inputs& x, const Args& args) { return l1_loss(x[0], x[1], reduction_of(args)); }},
      {"huber_loss", huber_loss_of},
      {"smooth_l1_loss", smooth_l1_loss_of},
      {"nll_loss", nll_loss_of},
      {"kl_div", kl_div_of},
      {"binary_cross_entropy_with_logits", binary_cross_entropy_of},
  };
}

}  // namespace rill::testing
