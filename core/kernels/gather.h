#pragma once

#include <cstdint>

namespace rill::kernels {

// Indices are in range: the caller has checked them. Sums with repeated indices run in the order of
// the indices, whatever the number of threads. T is float, double, int64_t or bool; where
// something is summed, float, double or int64_t. Arrays are contiguous where no strides are given.

/// The position of the first of n indices outside [0, bound), or -1.
int64_t first_out_of_range(int64_t n, const int64_t* indices, int64_t bound);

/// out [outer, n, inner] = x [outer, size, inner] at index [n] of the middle dim. outer 1 looks up
/// the rows of an embedding.
template <class T>
void index_select(int64_t outer, int64_t size, int64_t inner, const T* x, int64_t n,
                  const int64_t* index, T* out);

/// out [outer, size, inner] += source [outer, n, inner] at index [n] of the middle dim: the
/// gradient of index_select.
template <class T>
void index_add(int64_t outer, int64_t size, int64_t inner, int64_t n, const int64_t* index,
               const T* source, T* out);

/// out = x at the same place but for index[...] along `dim`; index and out are of `sizes`, x of any
/// strides and no smaller but along `dim`.
template <class T>
void gather(int dims, const int64_t* sizes, int dim, const T* x, const int64_t* x_strides,
            const int64_t* index, T* out);

/// out, of any strides, += source, of any strides, at the same place but for index[...] along
/// `dim`; index is of `sizes`.
template <class T>
void scatter_add(int dims, const int64_t* sizes, int dim, const int64_t* index, const T* source,
                 const int64_t* source_strides, T* out, const int64_t* out_strides);

/// out [n, classes]: 1 at ids[i], else 0.
void one_hot(int64_t n, int64_t classes, const int64_t* ids, int64_t* out);

}  // namespace rill::kernels
