#pragma once

#include <rill/nn/save.h>

// Models of Hugging Face's `transformers`, as its save_pretrained writes them:
//
//   load(model, "gpt2/model.safetensors", gpt2_layout());

namespace rill::nn {

/// GPT-2 (GPT2Model, GPT2LMHeadModel) into a LanguageModel with the sizes of its config.json, and
/// otherwise as LanguageModelOptions are by default.
LoadOptions gpt2_layout();

/// BERT (BertModel, BertForMaskedLM and others with its encoder) into a module with BertEmbeddings
/// as `embeddings` and a TransformerEncoder as `encoder`, whose layers are post-norm, with
/// Activation::gelu and layer_norm_eps = 1e-12. The pooler and the heads are passed over.
LoadOptions bert_layout();

}  // namespace rill::nn
