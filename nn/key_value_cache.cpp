#include <rill/nn/key_value_cache.h>

#include <atomic>

#include <rill/core/autograd.h>
#include <rill/core/error.h>
#include <rill/core/ops.h>

namespace rill::nn {

/// Memory for the tokens of one sequence and more to come. Copies of a KeyValue share it; each of
/// its places is written once, by the first to claim it.
struct KeyValue::Room {
  Room(const Tensor& keys, const Tensor& values, int64_t filled)
      : keys(keys), values(values), filled(filled) {}

  Tensor keys, values;
  std::atomic<int64_t> filled;

  bool claim(int64_t length, int64_t more) {
    return length + more <= keys.size(2) && filled.compare_exchange_strong(length, length + more);
  }
};

namespace {

void want_one_length(const Tensor& keys, const Tensor& values) {
  if (keys.dims() != 4 || values.dims() != 4 || keys.size(2) != values.size(2))
    fail<ShapeError>("KeyValue: keys ", keys.shape(), " and values ", values.shape(),
                     " must both be [batch, heads, length, head_dim], and as long");
}

Tensor roomy(const Tensor& seen, int64_t length) {
  Shape shape = seen.shape();
  shape[2] = length;
  const Tensor room = Tensor::empty(shape, seen.dtype());
  room.narrow(2, 0, seen.size(2)).copy_(seen);
  return room;
}

bool fit_behind(const Tensor& seen, const Tensor& more) {
  return more.dims() == 4 && more.dtype() == seen.dtype() && more.size(0) == seen.size(0) &&
         more.size(1) == seen.size(1) && more.size(3) == seen.size(3);
}

bool begins(const Tensor& seen, const Tensor& room) {
  const TensorImpl &a = *seen.impl(), &b = *room.impl();
  return a.storage == b.storage && a.offset == b.offset && a.strides == b.strides &&
         fit_behind(seen, room);
}

}  // namespace

/// Whether what was appended last still stands there, and not what somebody put in its place.
bool KeyValue::stands_in_room() const {
  return room_ && begins(key, room_->keys) && begins(value, room_->values);
}

void KeyValue::append(const Tensor& keys, const Tensor& values) {
  const bool is_first = !key.defined();
  want_one_length(keys, values);
  if (!is_first) want_one_length(key, value);
  if (is_first || is_grad_enabled() || !fit_behind(key, keys) || !fit_behind(value, values)) {
    const Tensor all_keys = is_first ? keys : cat({key, keys}, 2);
    value = is_first ? values : cat({value, values}, 2);
    key = all_keys;
    room_.reset();
    return;
  }
  const int64_t seen = length(), more = keys.size(2);
  if (!stands_in_room() || !room_->claim(seen, more)) {
    const int64_t most = 2 * (seen + more);
    room_ = std::make_shared<Room>(roomy(key, most), roomy(value, most), seen + more);
  }
  room_->keys.narrow(2, seen, more).copy_(keys);
  room_->values.narrow(2, seen, more).copy_(values);
  key = room_->keys.narrow(2, 0, seen + more);
  value = room_->values.narrow(2, 0, seen + more);
}

}  // namespace rill::nn
