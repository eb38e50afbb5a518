#pragma once

#include <cstdint>
#include <type_traits>

namespace rill::kernels {

// x is [outer, reduced, inner], out [outer, inner], both contiguous: a reduction over one dim or
// over neighbouring dims. Sums run in double and in an order that does not depend on the number of
// threads. T is float or double where no other types are named.

/// What a sum over T is: int64 for int64 and bool, T for float and double.
template <class T>
using SumOf = std::conditional_t<std::is_floating_point_v<T>, T, int64_t>;

/// Σ x. T: float, double, int64_t, bool. Nothing to sum gives 0.
template <class T>
void sum(int64_t outer, int64_t reduced, int64_t inner, const T* x, SumOf<T>* out);

/// (Σ |x|ᵖ)^(1/p) for p above 0; with p infinite the largest |x|. Only a norm that is itself beyond
/// T overflows or underflows. Nothing gives 0, NaN gives NaN.
template <class T>
void norm(int64_t outer, int64_t reduced, int64_t inner, double p, const T* x, T* out);

/// The largest element and its index along the reduced dim: the first NaN if there is one, else the
/// first of ties. Either output may be null. reduced must not be 0. T: float, double, int64_t,
/// bool.
template <class T>
void max(int64_t outer, int64_t reduced, int64_t inner, const T* x, T* values, int64_t* indices);

/// The smallest likewise.
template <class T>
void min(int64_t outer, int64_t reduced, int64_t inner, const T* x, T* values, int64_t* indices);

/// mean = Σ x / N and var = Σ (x - mean)² / max(0, N - correction), in two passes. Either output
/// may be null.
template <class T>
void variance(int64_t outer, int64_t reduced, int64_t inner, double correction, const T* x, T* mean,
              T* var);

/// True where any (all) of the elements are.
void any(int64_t outer, int64_t reduced, int64_t inner, const bool* x, bool* out);
void all(int64_t outer, int64_t reduced, int64_t inner, const bool* x, bool* out);

/// out [outer, n, inner]: running sums along the middle dim. T: float, double, int64_t, bool.
template <class T>
void cumsum(int64_t outer, int64_t n, int64_t inner, const T* x, SumOf<T>* out);

/// log Σ exp(x); -inf where all are or there are none.
template <class T>
void logsumexp(int64_t outer, int64_t reduced, int64_t inner, const T* x, T* out);

}  // namespace rill::kernels
