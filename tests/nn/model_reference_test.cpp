#include <gtest/gtest.h>
#include "tests/support/layer_case.h"

#include <regex>

#include <rill/nn/decoder.h>
#include <rill/nn/transformer.h>

// Whole models with PyTorch's weights: outputs, loss and every parameter's gradient are PyTorch's.

namespace rill::testing {
namespace {

using Tensors = std::vector<Tensor>;

void expect_all(const std::string& op, const MakeLayer& make) {
  for (const ReferenceCase& reference : reference_cases("layers.json", op)) {
    SCOPED_TRACE(reference.label());
    expect_layer_case(reference, make);
  }
}

nn::TransformerLayerOptions layer_options(const ReferenceArgs& args) {
  const bool is_gelu = args.text("activation") == "gelu";
  return {.dim_feedforward = args.integer("dim_feedforward"),
          .dropout = 0,
          .activation = is_gelu ? nn::Activation::gelu : nn::Activation::relu,
          .layer_norm_eps = args.number("layer_norm_eps", 1e-5),
          .norm_first = args.flag("norm_first"),
          .bias = args.flag("bias", true)};
}

/// The input that the argument tells, or none.
Tensor mask_of(const ReferenceArgs& args, const std::string& name, const Tensors& in) {
  return args.has(name) ? in.at(args.integer(name)) : Tensor();
}

RunnableLayer runnable_encoder(const ReferenceCase& reference) {
  const ReferenceArgs args = reference.args;
  const nn::TransformerEncoder encoder(
      args.integer("d_model"), args.integer("num_heads"), args.integer("num_layers"),
      {.layer = layer_options(args), .final_norm = args.flag("final_norm")});
  return {encoder, [=](const Tensors& in) {
            return Tensors{
                encoder(in.at(0), {.mask = mask_of(args, "attn_mask", in),
                                   .src_key_padding_mask = mask_of(args, "key_padding_mask", in)})};
          }};
}

RunnableLayer runnable_decoder(const ReferenceCase& reference) {
  const ReferenceArgs args = reference.args;
  const nn::TransformerDecoder decoder(
      args.integer("d_model"), args.integer("nhead"), args.integer("num_layers"),
      {.layer = layer_options(args), .final_norm = args.flag("final_norm")});
  return {decoder, [=](const Tensors& in) {
            return Tensors{
                decoder(in.at(0), in.at(1),
                        {.tgt_mask = mask_of(args, "tgt_mask", in),
                         .memory_mask = mask_of(args, "memory_mask", in),
                         .tgt_key_padding_mask = mask_of(args, "tgt_key_padding_mask", in),
                         .memory_key_padding_mask = mask_of(args, "memory_key_padding_mask", in)})};
          }};
}

RunnableLayer runnable_transformer(const ReferenceCase& reference) {
  const ReferenceArgs args = reference.args;
  const nn::Transformer model(args.integer("d_model"), args.integer("nhead"),
                              args.integer("num_encoder_layers"),
                              args.integer("num_decoder_layers"), layer_options(args));
  return {model, [=](const Tensors& in) {
            return Tensors{
                model(in.at(0), in.at(1),
                      {.src_mask = mask_of(args, "src_mask", in),
                       .tgt_mask = mask_of(args, "tgt_mask", in),
                       .memory_mask = mask_of(args, "memory_mask", in),
                       .src_key_padding_mask = mask_of(args, "src_key_padding_mask", in),
                       .tgt_key_padding_mask = mask_of(args, "tgt_key_padding_mask", in),
                       .memory_key_padding_mask = mask_of(args, "memory_key_padding_mask", in)})};
          }};
}

nn::LanguageModel language_model(const ReferenceArgs& args) {
  return nn::LanguageModel({.vocab_size = args.integer("vocab_size"),
                            .block_size = args.integer("block_size"),
                            .n_layer = args.integer("n_layer"),
                            .n_head = args.integer("n_head"),
                            .n_embd = args.integer("n_embd"),
                            .gelu = Gelu::tanh});
}

/// nanoGPT's names in rill's.
std::string from_nanogpt(const std::string& name) {
  const std::vector<std::pair<const char*, const char*>> renamed{
      {"^wte", "token_embedding"},
      {"^wpe", "positions"},
      {"^h\\.", "blocks."},
      {"^ln_f", "norm"},
      {"ln_", "norm"},
      {"attn.c_attn.weight", "attn.in_proj_weight"},
      {"attn.c_attn.bias", "attn.in_proj_bias"},
      {"attn.c_proj", "attn.out_proj"},
      {"mlp.c_fc", "linear1"},
      {"mlp.c_proj", "linear2"}};
  std::string out = name;
  for (const auto& [pattern, text] : renamed)
    out = std::regex_replace(out, std::regex(pattern), text);
  return out;
}

}  // namespace

TEST(ModelReference, EncodersArePyTorchs) { expect_all("nn.TransformerEncoder", runnable_encoder); }

TEST(ModelReference, DecodersArePyTorchs) { expect_all("nn.TransformerDecoder", runnable_decoder); }

TEST(ModelReference, TransformersArePyTorchs) {
  expect_all("nn.Transformer", runnable_transformer);
}

TEST(ModelReference, CausalFlagOfAnEncoderIsTheCausalMask) {
  const ReferenceCase& reference =
      reference_case("layers.json", "nn.TransformerEncoder", "pre-norm, relu, causal mask");
  expect_layer_case(reference, [](const ReferenceCase& given) {
    const nn::TransformerEncoder encoder(
        given.args.integer("d_model"), given.args.integer("num_heads"), 1,
        {.layer = {.dim_feedforward = given.args.integer("dim_feedforward"),
                   .dropout = 0,
                   .norm_first = true}});
    return RunnableLayer{encoder, [encoder](const Tensors& in) {
                           return Tensors{encoder(in.at(0), {.is_causal = true})};
                         }};
  });
}

TEST(ModelReference, LanguageModelGivesLogitsLossAndGradientsOfNanoGpt) {
  expect_layer_case(
      reference_case("layers.json", "GPT", "loss"),
      [](const ReferenceCase& given) {
        const nn::LanguageModel model = language_model(given.args);
        return RunnableLayer{model, [model](const Tensors& in) {
                               return Tensors{model(in.at(0)), model.loss(in.at(0), in.at(1))};
                             }};
      },
      from_nanogpt);
}

}  // namespace rill::testing
