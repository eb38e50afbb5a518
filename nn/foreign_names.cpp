#include <rill/nn/foreign_names.h>

namespace rill::nn {

LoadOptions gpt2_layout() {
  return {.prefix = "transformer.",
          .rename = {{"wte.*", "token_embedding.*"},
                     {"wpe.*", "positions.*"},
                     {"h.*.ln_1.*", "blocks.*.norm1.*"},
                     {"h.*.attn.c_attn.weight", "blocks.*.attn.in_proj_weight"},
                     {"h.*.attn.c_attn.bias", "blocks.*.attn.in_proj_bias"},
                     {"h.*.attn.c_proj.*", "blocks.*.attn.out_proj.*"},
                     {"h.*.ln_2.*", "blocks.*.norm2.*"},
                     {"h.*.mlp.c_fc.*", "blocks.*.linear1.*"},
                     {"h.*.mlp.c_proj.*", "blocks.*.linear2.*"},
                     {"ln_f.*", "norm.*"},
                     {"lm_head.*", "head.*"}},
          .transpose = {"h.*.attn.c_attn.weight", "h.*.attn.c_proj.weight", "h.*.mlp.c_fc.weight",
                        "h.*.mlp.c_proj.weight"},
          .ignore = {"h.*.attn.bias", "h.*.attn.masked_bias"}};
}

LoadOptions bert_layout() {
  const std::string self = "encoder.layer.*.attention.self.";
  const std::string attention = "encoder.layers.*.self_attn.";
  LoadOptions layout{
      .prefix = "bert.",
      .rename = {{"embeddings.word_embeddings.*", "embeddings.token.*"},
                 {"embeddings.position_embeddings.*", "embeddings.position.*"},
                 {"embeddings.token_type_embeddings.*", "embeddings.segment.*"},
                 {"encoder.layer.*.attention.output.dense.*", attention + "out_proj.*"},
                 {"encoder.layer.*.intermediate.dense.*", "encoder.layers.*.linear1.*"},
                 {"encoder.layer.*.output.dense.*", "encoder.layers.*.linear2.*"}},
      .join = {{{self + "query.weight", self + "key.weight", self + "value.weight"},
                attention + "in_proj_weight"},
               {{self + "query.bias", self + "key.bias", self + "value.bias"},
                attention + "in_proj_bias"}},
      .ignore = {"embeddings.position_ids", "pooler.*", "cls.*", "classifier.*", "qa_outputs.*"}};
  const std::vector<Rename> norms{
      {"embeddings.LayerNorm.", "embeddings.norm."},
      {"encoder.layer.*.attention.output.LayerNorm.", "encoder.layers.*.norm1."},
      {"encoder.layer.*.output.LayerNorm.", "encoder.layers.*.norm2."}};
  for (const auto& [from, to] : norms) {
    layout.rename.push_back({from + "gamma", to + "weight"});  // in the first files of BERT
    layout.rename.push_back({from + "beta", to + "bias"});
    layout.rename.push_back({from + "*", to + "*"});
  }
  return layout;
}

}  // namespace rill::nn
