#include <gtest/gtest.h>
#include "tests/support/layer_case.h"

#include <rill/nn/activation.h>
#include <rill/nn/attention.h>
#include <rill/nn/embedding.h>
#include <rill/nn/flatten.h>
#include <rill/nn/identity.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/linear.h>
#include <rill/nn/loss.h>
#include <rill/nn/positions/learned_positional_encoding.h>
#include <rill/nn/positions/positional_encoding.h>
#include <rill/nn/positions/segment_embedding.h>
#include <rill/nn/rms_norm.h>

// Every layer with PyTorch's weights: outputs and all gradients are PyTorch's.

namespace rill::testing {
namespace {

using Tensors = std::vector<Tensor>;

/// A layer called on the first inputs of a case.
template <class L>
RunnableLayer on_one(const L& layer) {
  return {layer, [layer](const Tensors& in) { return Tensors{layer(in.at(0))}; }};
}
template <class L>
RunnableLayer on_two(const L& layer) {
  return {layer, [layer](const Tensors& in) { return Tensors{layer(in.at(0), in.at(1))}; }};
}

void expect_all(const std::string& op, const MakeLayer& make) {
  for (const ReferenceCase& reference : reference_cases("layers.json", op)) {
    SCOPED_TRACE(reference.label());
    expect_layer_case(reference, make);
  }
}

Reduction reduction_of(const ReferenceArgs& args) {
  const std::string name = args.text("reduction", "mean");
  return name == "none" ? Reduction::none : name == "sum" ? Reduction::sum : Reduction::mean;
}

Tensor class_weight(const ReferenceArgs& args, const std::string& name) {
  return args.has(name) ? from_vector(args.numbers(name)).to(float32) : Tensor();
}

nn::EmbeddingOptions embedding_options(const ReferenceArgs& args) {
  nn::EmbeddingOptions options;
  if (args.has("padding_idx")) options.padding_idx = args.integer("padding_idx");
  if (args.has("max_norm")) options.max_norm = args.number("max_norm");
  options.norm_type = args.number("norm_type", 2);
  options.scale_grad_by_freq = args.flag("scale_grad_by_freq");
  return options;
}

nn::MultiheadAttention attention_of(const ReferenceArgs& args) {
  nn::MultiheadAttentionOptions options{.bias = args.flag("bias", true)};
  if (args.has("kdim")) options.kdim = args.integer("kdim");
  if (args.has("vdim")) options.vdim = args.integer("vdim");
  return nn::MultiheadAttention(args.integer("embed_dim"), args.integer("num_heads"), options);
}

RunnableLayer runnable_attention(const ReferenceCase& reference) {
  const ReferenceArgs args = reference.args;
  const auto attention = attention_of(args);
  return {attention, [attention, args](const Tensors& in) {
            nn::AttendOptions options{
                .need_weights = args.flag("need_weights"),
                .average_attn_weights = args.flag("average_attn_weights", true),
                .is_causal = args.flag("is_causal")};
            if (args.has("attn_mask")) options.attn_mask = in.at(args.integer("attn_mask"));
            if (args.has("key_padding_mask"))
              options.key_padding_mask = in.at(args.integer("key_padding_mask"));
            const auto [output, weights] = attention(in.at(0), in.at(1), in.at(2), options);
            EXPECT_EQ(weights.defined(), options.need_weights);
            return weights.defined() ? Tensors{output, weights} : Tensors{output};
          }};
}

}  // namespace

TEST(LayerReference, LinearIsPyTorchs) {
  expect_all("nn.Linear", [](const ReferenceCase& c) {
    return on_one(nn::Linear(c.args.integer("in_features"), c.args.integer("out_features"),
                             {.bias = c.args.flag("bias", true)}));
  });
}

TEST(LayerReference, EmbeddingIsPyTorchs) {
  expect_all("nn.Embedding", [](const ReferenceCase& c) {
    return on_one(nn::Embedding(c.args.integer("num_embeddings"), c.args.integer("embedding_dim"),
                                embedding_options(c.args)));
  });
}

TEST(LayerReference, PositionalEncodingIsThePapers) {
  expect_all("nn.PositionalEncoding", [](const ReferenceCase& c) {
    const nn::PositionalEncoding layer(c.args.integer("d_model"),
                                       {.dropout = 0,
                                        .max_len = c.args.integer("max_len"),
                                        .base = c.args.number("base"),
                                        .dtype = float64});
    const int64_t offset = c.args.integer("offset");
    return RunnableLayer{layer,
                         [=](const Tensors& in) { return Tensors{layer(in.at(0), offset)}; }};
  });
}

TEST(LayerReference, LearnedPositionalEncodingIsPyTorchs) {
  expect_all("nn.LearnedPositionalEncoding", [](const ReferenceCase& c) {
    const nn::LearnedPositionalEncoding layer(c.args.integer("d_model"),
                                              {.dropout = 0, .max_len = c.args.integer("max_len")});
    const int64_t offset = c.args.integer("offset");
    return RunnableLayer{layer,
                         [=](const Tensors& in) { return Tensors{layer(in.at(0), offset)}; }};
  });
}

TEST(LayerReference, SegmentEmbeddingIsPyTorchs) {
  expect_all("nn.SegmentEmbedding", [](const ReferenceCase& c) {
    return on_two(nn::SegmentEmbedding(c.args.integer("d_model"), c.args.integer("num_segments")));
  });
}

TEST(LayerReference, LayerNormIsPyTorchs) {
  expect_all("nn.LayerNorm", [](const ReferenceCase& c) {
    return on_one(nn::LayerNorm(Shape(c.args.integers("normalized_shape")),
                                {.eps = c.args.number("eps", 1e-5),
                                 .elementwise_affine = c.args.flag("elementwise_affine", true),
                                 .bias = c.args.flag("bias", true)}));
  });
}

TEST(LayerReference, RMSNormIsPyTorchs) {
  expect_all("nn.RMSNorm", [](const ReferenceCase& c) {
    nn::RMSNormOptions options{.elementwise_affine = c.args.flag("elementwise_affine", true)};
    if (c.args.has("eps")) options.eps = c.args.number("eps");
    return on_one(nn::RMSNorm(Shape(c.args.integers("normalized_shape")), options));
  });
}

TEST(LayerReference, ActivationsArePyTorchs) {
  const auto form = [](const ReferenceArgs& args) {
    return args.text("approximate", "none") == "tanh" ? Gelu::tanh : Gelu::exact;
  };
  expect_all("nn.ReLU", [](const ReferenceCase&) { return on_one(nn::ReLU()); });
  expect_all("nn.GELU", [&](const ReferenceCase& c) { return on_one(nn::GELU(form(c.args))); });
  expect_all("nn.SiLU", [](const ReferenceCase&) { return on_one(nn::SiLU()); });
  expect_all("nn.Tanh", [](const ReferenceCase&) { return on_one(nn::Tanh()); });
  expect_all("nn.Sigmoid", [](const ReferenceCase&) { return on_one(nn::Sigmoid()); });
  expect_all("nn.Softplus", [](const ReferenceCase& c) {
    return on_one(nn::Softplus(c.args.number("beta", 1), c.args.number("threshold", 20)));
  });
  expect_all("nn.Softmax",
             [](const ReferenceCase& c) { return on_one(nn::Softmax(c.args.integer("dim"))); });
  expect_all("nn.LogSoftmax",
             [](const ReferenceCase& c) { return on_one(nn::LogSoftmax(c.args.integer("dim"))); });
}

TEST(LayerReference, IdentityAndFlattenArePyTorchs) {
  expect_all("nn.Identity", [](const ReferenceCase&) { return on_one(nn::Identity()); });
  expect_all("nn.Flatten", [](const ReferenceCase& c) {
    return on_one(c.args.has("start_dim")
                      ? nn::Flatten(c.args.integer("start_dim"), c.args.integer("end_dim", -1))
                      : nn::Flatten());
  });
}

TEST(LayerReference, LossesArePyTorchs) {
  expect_all("nn.CrossEntropyLoss", [](const ReferenceCase& c) {
    return on_two(nn::CrossEntropyLoss({.weight = class_weight(c.args, "weight"),
                                        .ignore_index = c.args.integer("ignore_index", -100),
                                        .reduction = reduction_of(c.args),
                                        .label_smoothing = c.args.number("label_smoothing", 0)}));
  });
  expect_all("nn.MSELoss",
             [](const ReferenceCase& c) { return on_two(nn::MSELoss(reduction_of(c.args))); });
  expect_all("nn.BCEWithLogitsLoss", [](const ReferenceCase& c) {
    return on_two(nn::BCEWithLogitsLoss(
        {.reduction = reduction_of(c.args), .pos_weight = class_weight(c.args, "pos_weight")}));
  });
}

TEST(LayerReference, MultiheadAttentionIsPyTorchsExceptForFullyMaskedRowsWithWeights) {
  expect_all("nn.MultiheadAttention", runnable_attention);
}

}  // namespace rill::testing
