#include <rill/core/kernels/is_nan.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/reduce.h>
#include <rill/core/kernels/scratch.h>
#include <rill/core/kernels/simd/rows.h>
#include <rill/core/kernels/wrap.h>
#include <algorithm>
#include <cmath>

namespace rill::kernels {
namespace {

enum class Term { plain, square, absolute };

template <class T>
double sum_of_row(Term term, int64_t n, const T* x) {
  const RowFunctions<T>& f = row_functions<T>();
  switch (term) {
    case Term::square: return f.squares(n, x, 0);
    case Term::absolute: return f.absolutes(n, x);
    default: return f.sum(n, x);
  }
}

template <class T>
double sum_of_all(Term term, int64_t n, const T* x) {
  return parallel_reduce(
      n, simple_grain, 0.0,
      [&](int64_t begin, int64_t end) { return sum_of_row(term, end - begin, x + begin); },
      [](double a, double b) { return a + b; });
}

// Rows of the columns [begin, end) of x [rows, stride] added to total in order.
template <class T>
void add_rows(Term term, int64_t rows, int64_t stride, const T* x, int64_t n, double* total) {
  if (term == Term::plain) return row_functions<T>().accumulate(rows, stride, n, x, total);
  for (int64_t row = 0; row < rows; ++row, x += stride) {
    for (int64_t i = 0; i < n; ++i) {
      const double value = static_cast<double>(x[i]);
      total[i] += term == Term::square ? value * value : std::fabs(value);
    }
  }
}

// Sums over the middle dim, by strips of columns. A long sum of few columns is cut in pieces, whose
// sums are then added in order.
template <class T, class Out>
void sum_columns(Term term, int64_t outer, int64_t reduced, int64_t inner, const T* x, Out* out) {
  constexpr int64_t width = 128;
  const int64_t strips = (inner + width - 1) / width;
  const int64_t shortest = std::max<int64_t>(1, (reduced + 15) / 16);
  const int64_t piece = outer * strips >= 8
                            ? reduced
                            : std::max(shortest, chunk_size(reduced, pieces_worth_threads(inner)));
  const int64_t pieces = (reduced + piece - 1) / piece;
  const Scratch<double> room(outer * pieces * inner);
  double* parts = room.data();
  std::fill_n(parts, outer * pieces * inner, 0.0);
  parallel_for(outer * pieces * strips, pieces_worth_threads(piece * std::min(width, inner)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   const int64_t first = i % strips * width, p = i / strips % pieces;
                   const int64_t row = i / strips / pieces * reduced + p * piece;
                   add_rows(term, std::min(piece, reduced - p * piece), inner,
                            x + row * inner + first, std::min(width, inner - first),
                            parts + i / strips * inner + first);
                 }
               });
  for (int64_t o = 0; o < outer; ++o, parts += pieces * inner, out += inner) {
    row_functions<double>().accumulate(pieces - 1, inner, inner, parts + inner, parts);
    std::transform(parts, parts + inner, out, [](double total) { return static_cast<Out>(total); });
  }
}

template <class T, class Out>
void sum_floats(Term term, int64_t outer, int64_t reduced, int64_t inner, const T* x, Out* out) {
  const FloatState state(Denormals::are_zero);
  if (reduced == 0 || inner == 0) {
    std::fill_n(out, outer * inner, Out(0));
  } else if (inner > 1) {
    sum_columns(term, outer, reduced, inner, x, out);
  } else if (outer == 1) {
    *out = static_cast<Out>(sum_of_all(term, reduced, x));
  } else {
    parallel_for(outer, pieces_worth_threads(reduced), [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) {
        out[o] = static_cast<Out>(sum_of_row(term, reduced, x + o * reduced));
      }
    });
  }
}

// Calls f(first element, output number) for every output.
template <class F>
void for_each_output(Denormals denormals, int64_t outer, int64_t reduced, int64_t inner, F f) {
  parallel_for(denormals, outer * inner, pieces_worth_threads(reduced),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i)
                   f(i / inner * reduced * inner + i % inner, i);
               });
}
template <class F>
void for_each_output(int64_t outer, int64_t reduced, int64_t inner, F f) {
  for_each_output(Denormals::are_zero, outer, reduced, inner, f);
}

// The largest |x|, or NaN.
template <class T>
double largest_absolute(int64_t n, int64_t stride, const T* x) {
  const auto larger = [](double a, double b) { return a != a || a >= b ? a : b; };
  return parallel_reduce(
      Denormals::are_kept, n, simple_grain, 0.0,
      [&](int64_t begin, int64_t end) {
        double largest = 0;
        for (int64_t i = begin; i < end; ++i)
          largest = larger(largest, std::fabs(static_cast<double>(x[i * stride])));
        return largest;
      },
      larger);
}

// The p-norm of x as that of x / (its largest), so that no power is out of range.
template <class T>
double scaled_norm(int64_t n, int64_t stride, double p, const T* x) {
  const double largest = largest_absolute(n, stride, x);
  if (!(largest > 0) || std::isinf(largest) || std::isinf(p)) return largest;
  const double total = parallel_reduce(
      n, simple_grain / 8, 0.0,
      [&](int64_t begin, int64_t end) {
        double sum = 0;
        for (int64_t i = begin; i < end; ++i)
          sum += std::pow(std::fabs(static_cast<double>(x[i * stride])) / largest, p);
        return sum;
      },
      [](double a, double b) { return a + b; });
  return largest * std::pow(total, 1 / p);
}

// Whether squares may have overflowed, or counted too little near the end of double's range.
bool is_doubtful(double squares) { return squares < 1e-270 || std::isinf(squares); }

template <class T>
struct Extreme {
  T value;
  int64_t index;
};

// True where a goes before b, which has the lower index.
template <bool largest, class T>
bool beats(T a, T b) {
  return !is_nan(b) && (is_nan(a) || (largest ? b < a : a < b));
}

template <bool largest, class T>
Extreme<T> extreme_of(int64_t begin, int64_t end, int64_t stride, const T* x) {
  Extreme<T> best{x[begin * stride], begin};
  for (int64_t i = begin + 1; i < end; ++i) {
    const T value = x[i * stride];
    if (beats<largest>(value, best.value)) best = {value, i};
  }
  return best;
}

template <bool largest, class T>
Extreme<T> extreme_of_all(int64_t n, const T* x) {
  return parallel_reduce(
      Denormals::are_kept, n, simple_grain, Extreme<T>{T(), -1},
      [&](int64_t begin, int64_t end) { return extreme_of<largest>(begin, end, 1, x); },
      [](const Extreme<T>& a, const Extreme<T>& b) {
        return a.index < 0 || beats<largest>(b.value, a.value) ? b : a;
      });
}

template <bool largest, class T>
void extremes(int64_t outer, int64_t reduced, int64_t inner, const T* x, T* values,
              int64_t* indices) {
  const auto store = [&](int64_t i, const Extreme<T>& best) {
    if (values) values[i] = best.value;
    if (indices) indices[i] = best.index;
  };
  if (outer * inner == 1) return store(0, extreme_of_all<largest>(reduced, x));
  for_each_output(Denormals::are_kept, outer, reduced, inner, [&](int64_t first, int64_t i) {
    store(i, extreme_of<largest>(0, reduced, inner, x + first));
  });
}

}  // namespace

template <class T>
void sum(int64_t outer, int64_t reduced, int64_t inner, const T* x, SumOf<T>* out) {
  if constexpr (std::is_floating_point_v<T>) {
    sum_floats(Term::plain, outer, reduced, inner, x, out);
  } else {
    for_each_output(outer, reduced, inner, [&](int64_t first, int64_t i) {
      int64_t total = 0;
      for (int64_t r = 0; r < reduced; ++r)
        total = wrapped_sum<int64_t>(total, x[first + r * inner]);
      out[i] = total;
    });
  }
}

template <class T>
void norm(int64_t outer, int64_t reduced, int64_t inner, double p, const T* x, T* out) {
  if (reduced == 0) {  // x may be null
    std::fill_n(out, outer * inner, T{0});
    return;
  }
  if (p == 1) return sum_floats(Term::absolute, outer, reduced, inner, x, out);
  const Scratch<double> room(p == 2 ? outer * inner : 0);
  double* squares = p == 2 ? room.data() : nullptr;
  if (squares) sum_floats(Term::square, outer, reduced, inner, x, squares);
  for_each_output(outer, reduced, inner, [&](int64_t first, int64_t i) {
    const bool is_settled = squares && !is_doubtful(squares[i]);
    out[i] = static_cast<T>(is_settled ? std::sqrt(squares[i])
                                       : scaled_norm(reduced, inner, p, x + first));
  });
}

template <class T>
void max(int64_t outer, int64_t reduced, int64_t inner, const T* x, T* values, int64_t* indices) {
  extremes<true>(outer, reduced, inner, x, values, indices);
}

template <class T>
void min(int64_t outer, int64_t reduced, int64_t inner, const T* x, T* values, int64_t* indices) {
  extremes<false>(outer, reduced, inner, x, values, indices);
}

template <class T>
void variance(int64_t outer, int64_t reduced, int64_t inner, double correction, const T* x, T* mean,
              T* var) {
  const double n = static_cast<double>(reduced);
  for_each_output(outer, reduced, inner, [&](int64_t first, int64_t i) {
    double total = 0, squares = 0;
    for (int64_t r = 0; r < reduced; ++r) total += static_cast<double>(x[first + r * inner]);
    const double centre = total / n;
    for (int64_t r = 0; r < reduced; ++r) {
      const double d = static_cast<double>(x[first + r * inner]) - centre;
      squares += d * d;
    }
    if (mean) mean[i] = static_cast<T>(centre);
    if (var) var[i] = static_cast<T>(squares / std::max(0.0, n - correction));
  });
}

void any(int64_t outer, int64_t reduced, int64_t inner, const bool* x, bool* out) {
  for_each_output(outer, reduced, inner, [&](int64_t first, int64_t i) {
    bool found = false;
    for (int64_t r = 0; r < reduced && !found; ++r) found = x[first + r * inner];
    out[i] = found;
  });
}

void all(int64_t outer, int64_t reduced, int64_t inner, const bool* x, bool* out) {
  for_each_output(outer, reduced, inner, [&](int64_t first, int64_t i) {
    bool holds = true;
    for (int64_t r = 0; r < reduced && holds; ++r) holds = x[first + r * inner];
    out[i] = holds;
  });
}

template <class T>
void cumsum(int64_t outer, int64_t n, int64_t inner, const T* x, SumOf<T>* out) {
  using Total = std::conditional_t<std::is_floating_point_v<T>, double, int64_t>;
  for_each_output(outer, n, inner, [&](int64_t first, int64_t) {
    Total total = 0;
    for (int64_t at = first; at < first + n * inner; at += inner) {
      total = wrapped_sum(total, static_cast<Total>(x[at]));
      out[at] = static_cast<SumOf<T>>(total);
    }
  });
}

template <class T>
void logsumexp(int64_t outer, int64_t reduced, int64_t inner, const T* x, T* out) {
  for_each_output(outer, reduced, inner, [&](int64_t first, int64_t i) {
    double largest = -HUGE_VAL, total = 0;
    for (int64_t r = 0; r < reduced; ++r) {
      largest = std::max(largest, static_cast<double>(x[first + r * inner]));
    }
    const double shift = std::isfinite(largest) ? largest : 0;
    for (int64_t r = 0; r < reduced; ++r) {
      total += std::exp(static_cast<double>(x[first + r * inner]) - shift);
    }
    out[i] = static_cast<T>(shift + std::log(total));
  });
}

#define RILL_INSTANTIATE_ANY(T)                                            \
  template void sum<T>(int64_t, int64_t, int64_t, const T*, SumOf<T>*);    \
  template void max<T>(int64_t, int64_t, int64_t, const T*, T*, int64_t*); \
  template void min<T>(int64_t, int64_t, int64_t, const T*, T*, int64_t*); \
  template void cumsum<T>(int64_t, int64_t, int64_t, const T*, SumOf<T>*);
#define RILL_INSTANTIATE_FLOAT(T)                                                 \
  template void norm<T>(int64_t, int64_t, int64_t, double, const T*, T*);         \
  template void variance<T>(int64_t, int64_t, int64_t, double, const T*, T*, T*); \
  template void logsumexp<T>(int64_t, int64_t, int64_t, const T*, T*);
RILL_INSTANTIATE_ANY(float)
RILL_INSTANTIATE_ANY(double)
RILL_INSTANTIATE_ANY(int64_t)
RILL_INSTANTIATE_ANY(bool)
RILL_INSTANTIATE_FLOAT(float)
RILL_INSTANTIATE_FLOAT(double)
#undef RILL_INSTANTIATE_ANY
#undef RILL_INSTANTIATE_FLOAT

}  // namespace rill::kernels
