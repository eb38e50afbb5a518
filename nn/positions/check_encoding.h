#pragma once

#include <optional>

#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/nn/positions/encoding.h>
#include <rill/nn/positions/positional_encoding.h>

// Holds an encoding to what encodings promise. For those of rill, and for those of one's own.

namespace rill::nn {

/// An encoding that `check_encoding` refused.
class CheckEncodingError : public Error {
  using Error::Error;
};

struct CheckEncodingOptions {
  /// The sizes that the encoding was made for; d_model may be odd where it acts on the input alone.
  int64_t d_model = 8, num_heads = 2;
  /// How many positions are looked at, 4 or more: a table must have so many rows.
  int64_t length = 12;
  /// What acts on heads or scores sees how far apart two tokens stand, and nothing else.
  bool relative = true;
  /// What acts on heads keeps the length of each vector.
  bool keeps_norm = true;
  /// Promises that the input gets these sinusoids added (dtype does not matter) ...
  std::optional<SinusoidalTableOptions> sinusoidal = {};
  /// ... or that heads are turned as rill::rotary turns them.
  std::optional<RotaryOptions> rotary = {};
};

/// Throws CheckEncodingError for the first of these properties that does not hold, with its name
/// and numbers; those that concern members which the encoding does not have are left out.
///
///   shape        forward takes [batch, length, d_model] and [length, d_model]; bias has num_heads
///   repeatable   the same input gives the same output
///   offset       the tokens from `offset` on get what they get within the whole sequence
///   length       the first tokens get what they get within the whole sequence
///   distinct     one vector at two positions becomes two (forward and rotate)
///   order        two tokens that change places change what attention makes of the sequence
///   rotation     PE(pos + k) = R(k) PE(pos) with a rotation R (sinusoids)
///   norm         |PE(pos)|² = d / 2, d even (sinusoids); a turned vector keeps its length (rotate)
///   angle        the wave of each pair of columns is that of the formula (sinusoids)
///   odd width    so is the column without a partner, where d_model is odd (sinusoids)
///   rotary pairs the promised components turn together, by the angle of the formula
///   relative     dot products (rotate) and biases depend on the distance alone
///   packed       rotate_packed makes the same of queries and keys, and leaves values alone
///   cache        with a cache of keys and values, causal attention makes the same of each token
///   gradient     those of the input, the heads and the first 256 numbers of each parameter agree
///                with differences
///
/// The encoding is looked at in float64 and without dropout, as it is now: a table of zeros tells
/// nothing apart. Its dtype and mode are given back afterwards; gradients are dropped, and the
/// default generator draws on as if nothing had been drawn. Throws ValueError for sizes that are
/// too small, or where num_heads does not divide the width that attention is to share out.
void check_encoding(const AnyEncoding& encoding, const CheckEncodingOptions& options = {});

}  // namespace rill::nn
