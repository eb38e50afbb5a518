#pragma once

#include <vector>

#include <rill/core/tensor.h>

namespace rill::nn {

/// What one attention layer keeps of the tokens that it has seen: their keys, turned by the
/// encoding where it turns them, and their values, each [batch, heads, length, head_dim].
struct KeyValue {
  Tensor key, value;

  int64_t length() const { return key.defined() ? key.size(2) : 0; }
  /// Makes room for more tokens after those seen. Throws ShapeError where they do not fit together.
  void append(const Tensor& keys, const Tensor& values);
};

/// One KeyValue for each layer of a model, which fills it: a token that has been seen costs nothing
/// again. Make a new one for each sequence (or batch of sequences).
struct KeyValueCache {
  std::vector<KeyValue> layers;

  /// How many tokens have been seen.
  int64_t length() const { return layers.empty() ? 0 : layers.front().length(); }
};

}  // namespace rill::nn
