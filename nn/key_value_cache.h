#pragma once

#include <memory>
#include <vector>

#include <rill/core/tensor.h>

namespace rill::nn {

/// What one attention layer keeps of the tokens that it has seen: their keys, turned by the
/// encoding where it turns them, and their values, each [batch, heads, length, head_dim].
struct KeyValue {
  Tensor key, value;

  int64_t length() const { return key.defined() ? key.size(2) : 0; }
  /// Joins more tokens to those seen. Without recording gradients they are written behind them,
  /// into memory kept for more, so that a token costs the same however many there are; key and
  /// value are views of it. Copies of the cache go their own ways from here on. Throws ShapeError
  /// where the tokens do not fit.
  void append(const Tensor& keys, const Tensor& values);

 private:
  struct Room;
  bool stands_in_room() const;
  std::shared_ptr<Room> room_ = {};
};

/// One KeyValue for each layer of a model, which fills it: what a token became in each layer is not
/// computed again. Make a new one for each sequence (or batch of sequences). Where gradients are
/// recorded, it holds the graph of all tokens seen: generate under NoGradGuard.
struct KeyValueCache {
  std::vector<KeyValue> layers;

  /// How many tokens have been seen.
  int64_t length() const { return layers.empty() ? 0 : layers.front().length(); }
};

}  // namespace rill::nn
