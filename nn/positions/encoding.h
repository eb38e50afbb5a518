#pragma once

#include <concepts>
#include <functional>
#include <type_traits>

#include <rill/core/scope.h>
#include <rill/nn/module.h>

namespace rill::nn {

namespace detail {
/// x [batch, length, d_model] or [length, d_model] from position `offset` on, with what tells its
/// positions added.
template <class E>
concept EncodesInput = requires(const E& e, const Tensor& x, int64_t offset) {
  { e.forward(x, offset) } -> std::same_as<Tensor>;
};
/// Queries or keys [batch, heads, length, head_dim] from position `offset` on, so changed that
/// their dot products tell positions.
template <class E>
concept EncodesHeads = requires(const E& e, const Tensor& x, int64_t offset) {
  { e.rotate(x, offset) } -> std::same_as<Tensor>;
};
/// The same for both in one go: those of qkv [3, batch, heads, length, head_dim].
template <class E>
concept EncodesPackedHeads = EncodesHeads<E> &&
    requires(const E& e, const Tensor& qkv, int64_t offset) {
  { e.rotate_packed(qkv, offset) } -> std::same_as<Tensor>;
};
/// What is added to the scores [heads, queries, keys]; the queries are the last of the keys.
template <class E>
concept EncodesScores = requires(const E& e, int64_t queries, int64_t keys) {
  { e.bias(queries, keys) } -> std::same_as<Tensor>;
};
}  // namespace detail

/// Some way to tell a transformer where each token stands, chosen at run time: any module with one
/// or more of these const members, which say where it acts.
///
///   Tensor forward(const Tensor& x, int64_t offset)
///       on the input [batch, length, d_model]: x with what tells its positions added
///   Tensor rotate(const Tensor& x, int64_t offset)
///       on queries and keys [batch, heads, length, head_dim], before their product; faster with
///       Tensor rotate_packed(const Tensor& qkv, int64_t offset) beside it, which does the same to
///       those of qkv [3, batch, heads, length, head_dim] and leaves the values alone
///   Tensor bias(int64_t queries, int64_t keys)
///       on the scores: floating [heads, queries, keys] is added before the softmax
///
/// The first token of x stands at position `offset`: with a key-value cache it is not the first of
/// the sequence. In `bias` the queries are the last of the keys: query i stands at position
/// keys − queries + i.
///
/// It is the same module as the encoding that it was made from. What it does not act on passes
/// through unchanged.
class AnyEncoding final : public Module {
 public:
  /// None: acts on nothing.
  AnyEncoding() : Module("NoEncoding") {}
  AnyEncoding(const AnyEncoding&) = default;
  AnyEncoding& operator=(const AnyEncoding& other) {
    become(other);
    input_ = other.input_;
    heads_ = other.heads_;
    packed_heads_ = other.packed_heads_;
    scores_ = other.scores_;
    return *this;
  }
  template <class E>
  requires(std::is_base_of_v<Module, E> && !std::is_same_v<E, AnyEncoding>)
      AnyEncoding(const E& encoding)
      : Module(encoding) {
    static_assert(
        !requires { &E::forward; } || detail::EncodesInput<E>,
        "an encoding's forward is const, takes (const Tensor& x, int64_t offset) and "
        "returns a Tensor");
    static_assert(
        !requires { &E::rotate; } || detail::EncodesHeads<E>,
        "an encoding's rotate is const, takes (const Tensor& x, int64_t offset) and "
        "returns a Tensor");
    static_assert(
        !requires { &E::bias; } || detail::EncodesScores<E>,
        "an encoding's bias is const, takes (int64_t queries, int64_t keys) and returns "
        "a Tensor");
    static_assert(
        detail::EncodesInput<E> || detail::EncodesHeads<E> || detail::EncodesScores<E>,
        "an encoding has one or more of the const members forward(x, offset), rotate(x, offset) "
        "and bias(queries, keys), each returning a Tensor");
    if constexpr (detail::EncodesInput<E>)
      input_ = [encoding](const Tensor& x, int64_t offset) { return encoding.forward(x, offset); };
    if constexpr (detail::EncodesHeads<E>)
      heads_ = [encoding](const Tensor& x, int64_t offset) { return encoding.rotate(x, offset); };
    if constexpr (detail::EncodesPackedHeads<E>)
      packed_heads_ = [encoding](const Tensor& qkv, int64_t offset) {
        return encoding.rotate_packed(qkv, offset);
      };
    if constexpr (detail::EncodesScores<E>)
      scores_ = [encoding](int64_t queries, int64_t keys) { return encoding.bias(queries, keys); };
  }

  bool acts_on_input() const { return input_ != nullptr; }
  bool acts_on_heads() const { return heads_ != nullptr; }
  bool acts_on_scores() const { return scores_ != nullptr; }
  /// Inside attention: on queries and keys, or on their scores.
  bool acts_on_attention() const { return heads_ || scores_; }

  Tensor operator()(const Tensor& x, int64_t offset = 0) const;
  Tensor rotate(const Tensor& x, int64_t offset = 0) const;
  /// Undefined where the encoding has no such member, or does not act on heads.
  Tensor rotate_packed(const Tensor& qkv, int64_t offset = 0) const;
  /// Undefined where the encoding does not act on scores. Throws ShapeError unless the bias is
  /// [heads, queries, keys].
  Tensor bias(int64_t queries, int64_t keys) const;

 private:
  std::function<Tensor(const Tensor&, int64_t)> input_, heads_, packed_heads_;
  std::function<Tensor(int64_t, int64_t)> scores_;
};

}  // namespace rill::nn
