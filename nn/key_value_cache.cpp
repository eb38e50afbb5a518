#include <rill/nn/key_value_cache.h>

#include <rill/core/ops.h>

namespace rill::nn {

void KeyValue::append(const Tensor& keys, const Tensor& values) {
  const Tensor all_keys = key.defined() ? cat({key, keys}, 2) : keys;
  value = value.defined() ? cat({value, values}, 2) : values;
  key = all_keys;
}

}  // namespace rill::nn
