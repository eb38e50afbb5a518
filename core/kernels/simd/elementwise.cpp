// out[i] = f(x[i]) and its like for every op and dtype, compiled once for each instruction set.
#include <rill/core/kernels/elementwise_table.h>
#include <rill/core/kernels/simd/math.h>
#include <algorithm>
#include <type_traits>

// Everything that a kernel calls becomes part of its loops.
#define RILL_FLATTEN __attribute__((flatten))

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

constexpr int64_t piece = 512;  // columns worked on at a time where an input is strided

/// n elements of x side by side: x itself, or a copy in `buffer`.
template <class T>
const T* side_by_side(const T* x, int64_t step, int64_t n, T* buffer) {
  if (step == 1) return x;
  for (int64_t i = 0; i < n; ++i) buffer[i] = x[i * step];
  return buffer;
}

/// Calls f(row, first column, columns) on the pieces of the block, on whole rows if `whole`.
template <class F>
void for_pieces(int64_t rows, int64_t columns, bool whole, F f) {
  const int64_t width = whole ? columns : piece;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t at = 0; at < columns; at += width) f(row, at, std::min(width, columns - at));
  }
}

// --- loops -------------------------------------------------------------------------------------
// `omp simd` states that no element is read after it was written: out is an input or apart from it.

template <class T, class F>
RILL_FLATTEN void unary_rows(int64_t rows, int64_t columns, Lines x, void* out) {
  T buffer[piece];
  for_pieces(rows, columns, x.column == 1, [&](int64_t row, int64_t at, int64_t n) {
    const T* first = static_cast<const T*>(x.data) + row * x.row + at * x.column;
    const T* in = side_by_side(first, x.column, n, buffer);
    T* to = static_cast<T*>(out) + row * columns + at;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) to[i] = F{}(in[i]);
  });
}

template <class T, class Out, class F>
RILL_FLATTEN void binary_rows(int64_t rows, int64_t columns, Lines a, Lines b, void* out) {
  T buffer_a[piece], buffer_b[piece];
  const bool whole = (a.column == 0 || a.column == 1) && (b.column == 0 || b.column == 1);
  for_pieces(rows, columns, whole, [&](int64_t row, int64_t at, int64_t n) {
    const T* pa = static_cast<const T*>(a.data) + row * a.row + at * a.column;
    const T* pb = static_cast<const T*>(b.data) + row * b.row + at * b.column;
    Out* to = static_cast<Out*>(out) + row * columns + at;
    if (b.column == 0) {
      const T vb = *pb;
      if (a.column == 0) return static_cast<void>(std::fill_n(to, n, F{}(*pa, vb)));
      const T* va = side_by_side(pa, a.column, n, buffer_a);
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) to[i] = F{}(va[i], vb);
    } else if (a.column == 0) {
      const T va = *pa;
      const T* vb = side_by_side(pb, b.column, n, buffer_b);
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) to[i] = F{}(va, vb[i]);
    } else {
      const T* va = side_by_side(pa, a.column, n, buffer_a);
      const T* vb = side_by_side(pb, b.column, n, buffer_b);
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) to[i] = F{}(va[i], vb[i]);
    }
  });
}

template <class T>
void where_rows(int64_t rows, int64_t columns, Lines condition, Lines a, Lines b, void* out) {
  uint8_t buffer_c[piece];
  T buffer_a[piece], buffer_b[piece];
  const bool whole = condition.column == 1 && a.column == 1 && b.column == 1;
  for_pieces(rows, columns, whole, [&](int64_t row, int64_t at, int64_t n) {
    const auto take = [&]<class E>(const Lines& x, E* buffer) {
      const E* first = static_cast<const E*>(x.data) + row * x.row + at * x.column;
      return side_by_side(first, x.column, n, buffer);
    };
    const uint8_t* c = take(condition, buffer_c);
    const T* va = take(a, buffer_a);
    const T* vb = take(b, buffer_b);
    T* to = static_cast<T*>(out) + row * columns + at;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) to[i] = c[i] != 0 ? va[i] : vb[i];
  });
}

template <class T>
void clamp_line(int64_t n, const void* low, const void* high, const void* x, void* out) {
  const T least = *static_cast<const T*>(low), most = *static_cast<const T*>(high);
  const T* in = static_cast<const T*>(x);
  T* to = static_cast<T*>(out);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const T raised = in[i] < least ? least : in[i];
    to[i] = raised > most ? most : raised;
  }
}

template <class T>
void clamp_grad_line(int64_t n, double low, double high, const void* dout, const void* x,
                     void* out) {
  const T least = static_cast<T>(low), most = static_cast<T>(high);
  const T *gradient = static_cast<const T*>(dout), *in = static_cast<const T*>(x);
  T* to = static_cast<T*>(out);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const T below = in[i] <= most ? gradient[i] : T(0);
    to[i] = in[i] >= least ? below : T(0);
  }
}

template <class T>
void axpy_line(int64_t n, double alpha, const void* x, void* y) {
  const T factor = static_cast<T>(alpha);
  const T* in = static_cast<const T*>(x);
  T* to = static_cast<T*>(y);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) to[i] += factor * in[i];
}

// --- functions ---------------------------------------------------------------------------------

uint64_t bits(int64_t x) { return static_cast<uint64_t>(x); }  // whole numbers wrap

float neg(float x) { return -x; }
double neg(double x) { return -x; }
int64_t neg(int64_t x) { return static_cast<int64_t>(0 - bits(x)); }

template <class T>
T add(T a, T b) {
  return a + b;
}
int64_t add(int64_t a, int64_t b) { return static_cast<int64_t>(bits(a) + bits(b)); }

template <class T>
T mul(T a, T b) {
  return a * b;
}
int64_t mul(int64_t a, int64_t b) { return static_cast<int64_t>(bits(a) * bits(b)); }

float abs(float x) { return std::fabs(x); }
double abs(double x) { return std::fabs(x); }
int64_t abs(int64_t x) { return x < 0 ? neg(x) : x; }

template <class T>
T sign(T x) {
  return x > 0 ? T(1) : (x < 0 ? T(-1) : T(0));
}
template <class T>
T maximum(T a, T b) {
  return a > b || a != a ? a : b;
}
template <class T>
T minimum(T a, T b) {
  return a < b || a != a ? a : b;
}
template <class T>
T greater_share(T a, T b) {
  return a > b ? T(1) : (a < b ? T(0) : (a == b ? T(0.5) : T(1)));
}

template <class T>
T floor(T x) {
  return std::floor(x);
}
int64_t floor(int64_t x) { return x; }
template <class T>
T ceil(T x) {
  return std::ceil(x);
}
int64_t ceil(int64_t x) { return x; }
template <class T>
T round(T x) {
  return std::nearbyint(x);
}
int64_t round(int64_t x) { return x; }

/// As Python's %: the sign is that of b.
template <class T>
T remainder(T a, T b) {
  const T rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
int64_t remainder(int64_t a, int64_t b) {
  if (b == -1) return 0;  // the least of all, divided by −1, is beyond int64
  const int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/// As Python's //, exact where a / b is rounded up to a whole number.
template <class T>
T floor_divide(T a, T b) {
  if (b == 0) return a / b;
  const T rest = std::fmod(a, b);
  const T quotient = (a - rest) / b;
  const T lower = rest != 0 && (rest < 0) != (b < 0) ? quotient - 1 : quotient;
  if (lower == 0) return std::copysign(T(0), a / b);
  const T whole = std::floor(lower);
  return lower - whole > T(0.5) ? whole + 1 : whole;
}
int64_t floor_divide(int64_t a, int64_t b) {
  if (b == -1) return neg(a);
  const int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

template <class T>
T power(T a, T b) {
  return std::pow(flushed(a), b);
}
int64_t power(int64_t a, int64_t b) {
  if (b < 0) return a == 1 ? 1 : (a == -1 ? (b % 2 == 0 ? 1 : -1) : 0);
  int64_t result = 1;
  for (; b > 0; b >>= 1) {
    if ((b & 1) != 0) result = mul(result, a);
    a = mul(a, a);
  }
  return result;
}

/// sin (quarter 0) and cos (1) of a float: past 2²⁸ the reduction in double gives out, and the
/// library's is taken.
template <uint32_t quarter>
RILL_FLATTEN void sine_rows(int64_t rows, int64_t columns, Lines x, void* out) {
  float buffer[piece];
  for_pieces(rows, columns, false, [&](int64_t row, int64_t at, int64_t n) {
    const float* first = static_cast<const float*>(x.data) + row * x.row + at * x.column;
    const float* in = side_by_side(first, x.column, n, buffer);
    float* to = static_cast<float*>(out) + row * columns + at;
    const bool small = std::all_of(in, in + n, [](float v) { return std::fabs(v) < 0x1p28f; });
    if (!small) {
      for (int64_t i = 0; i < n; ++i) to[i] = quarter == 0 ? std::sin(in[i]) : std::cos(in[i]);
      return;
    }
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) to[i] = sine(in[i], quarter);
  });
}

// --- tables ------------------------------------------------------------------------------------

using Table = ElementwiseTable;
using UnaryRow = std::array<Table::UnaryKernel, unary_count>;
using BinaryRow = std::array<Table::BinaryKernel, binary_count>;

constexpr size_t index(Unary op) { return static_cast<size_t>(op); }
constexpr size_t index(Binary op) { return static_cast<size_t>(op); }

template <class T, class F>
constexpr Table::UnaryKernel one(F) {
  return &unary_rows<T, F>;
}
template <class T, class F>
constexpr Table::BinaryKernel two(F) {
  return &binary_rows<T, T, F>;
}
template <class T, class F>
constexpr Table::BinaryKernel test(F) {
  return &binary_rows<T, uint8_t, F>;
}

template <class T>
constexpr UnaryRow arithmetic_unary() {
  UnaryRow row{};
  row[index(Unary::neg)] = one<T>([](T x) { return neg(x); });
  row[index(Unary::relu)] = one<T>([](T x) { return x <= 0 ? T(0) : x; });
  row[index(Unary::abs)] = one<T>([](T x) { return abs(x); });
  row[index(Unary::sign)] = one<T>([](T x) { return sign(x); });
  row[index(Unary::floor)] = one<T>([](T x) { return floor(x); });
  row[index(Unary::ceil)] = one<T>([](T x) { return ceil(x); });
  row[index(Unary::round)] = one<T>([](T x) { return round(x); });
  row[index(Unary::square)] = one<T>([](T x) { return mul(x, x); });
  row[index(Unary::cube)] = one<T>([](T x) { return mul(mul(x, x), x); });
  return row;
}

template <class T>
constexpr UnaryRow floating_unary() {
  UnaryRow row = arithmetic_unary<T>();
  row[index(Unary::exp)] = one<T>([](T x) { return vexp(x); });
  row[index(Unary::log)] = one<T>([](T x) { return log(x); });
  row[index(Unary::log1p)] = one<T>([](T x) { return log1p(x); });
  row[index(Unary::sqrt)] = one<T>([](T x) { return std::sqrt(x); });
  row[index(Unary::rsqrt)] = one<T>([](T x) { return T(1) / std::sqrt(x); });
  row[index(Unary::tanh)] = one<T>([](T x) { return tanh(x); });
  row[index(Unary::erf)] = one<T>([](T x) { return erf(x); });
  row[index(Unary::sigmoid)] = one<T>([](T x) { return sigmoid(x); });
  row[index(Unary::softplus)] = one<T>([](T x) { return softplus(x); });
  row[index(Unary::gelu)] = one<T>([](T x) { return gelu(x); });
  row[index(Unary::gelu_tanh)] = one<T>([](T x) { return gelu_tanh(x); });
  row[index(Unary::silu)] = one<T>([](T x) { return x * sigmoid(x); });
  row[index(Unary::reciprocal)] = one<T>([](T x) { return T(1) / x; });
  if constexpr (std::is_same_v<T, float>) {
    row[index(Unary::sin)] = &sine_rows<0>;
    row[index(Unary::cos)] = &sine_rows<1>;
  } else {
    row[index(Unary::sin)] = one<T>([](T x) { return std::sin(x); });
    row[index(Unary::cos)] = one<T>([](T x) { return std::cos(x); });
  }
  return row;
}

constexpr UnaryRow bool_unary() {
  UnaryRow row{};
  row[index(Unary::logical_not)] = one<uint8_t>([](uint8_t x) { return uint8_t(x == 0); });
  return row;
}

template <class T>
constexpr BinaryRow arithmetic_binary() {
  BinaryRow row{};
  row[index(Binary::add)] = two<T>([](T a, T b) { return add(a, b); });
  row[index(Binary::sub)] = two<T>([](T a, T b) { return add(a, neg(b)); });
  row[index(Binary::mul)] = two<T>([](T a, T b) { return mul(a, b); });
  row[index(Binary::pow)] = two<T>([](T a, T b) { return power(a, b); });
  row[index(Binary::floor_divide)] = two<T>([](T a, T b) { return floor_divide(a, b); });
  row[index(Binary::remainder)] = two<T>([](T a, T b) { return remainder(a, b); });
  row[index(Binary::maximum)] = two<T>([](T a, T b) { return maximum(a, b); });
  row[index(Binary::minimum)] = two<T>([](T a, T b) { return minimum(a, b); });
  return row;
}

template <class T>
constexpr BinaryRow floating_binary() {
  BinaryRow row = arithmetic_binary<T>();
  row[index(Binary::div)] = two<T>([](T a, T b) { return a / b; });
  row[index(Binary::maximum_share)] = two<T>([](T a, T b) { return greater_share(a, b); });
  row[index(Binary::minimum_share)] = two<T>([](T a, T b) { return greater_share(b, a); });
  row[index(Binary::share)] = two<T>([](T d, T s) { return s == 0 ? T(0) : d * s; });
  row[index(Binary::tanh_grad)] = two<T>([](T d, T y) { return d * (T(1) - y * y); });
  row[index(Binary::sigmoid_grad)] = two<T>([](T d, T y) { return d * (y * (T(1) - y)); });
  row[index(Binary::sqrt_grad)] = two<T>([](T d, T y) { return d / (T(2) * y); });
  row[index(Binary::rsqrt_grad)] = two<T>([](T d, T y) { return d * (T(-0.5) * y * y * y); });
  row[index(Binary::relu_grad)] = two<T>([](T d, T x) { return x <= 0 ? T(0) : d; });
  row[index(Binary::gelu_grad)] = two<T>([](T d, T x) { return d * gelu_slope(x); });
  row[index(Binary::gelu_tanh_grad)] = two<T>([](T d, T x) { return d * gelu_tanh_slope(x); });
  row[index(Binary::silu_grad)] = two<T>([](T d, T x) { return d * silu_slope(x); });
  row[index(Binary::softplus_grad)] = two<T>([](T d, T x) { return d * sigmoid(x); });
  return row;
}

template <class T>
constexpr std::array<Table::BinaryKernel, 6> compare_row() {
  return {test<T>([](T a, T b) { return uint8_t(a == b); }),
          test<T>([](T a, T b) { return uint8_t(a != b); }),
          test<T>([](T a, T b) { return uint8_t(a < b); }),
          test<T>([](T a, T b) { return uint8_t(a <= b); }),
          test<T>([](T a, T b) { return uint8_t(a > b); }),
          test<T>([](T a, T b) { return uint8_t(a >= b); })};
}

constexpr std::array<Table::BinaryKernel, 3> logical_row() {
  using T = uint8_t;
  return {test<T>([](T a, T b) { return uint8_t(a & b); }),
          test<T>([](T a, T b) { return uint8_t(a | b); }),
          test<T>([](T a, T b) { return uint8_t(a ^ b); })};
}

}  // namespace

extern const ElementwiseTable elementwise;
constinit const ElementwiseTable elementwise = {
    .unary = {floating_unary<float>(), floating_unary<double>(), arithmetic_unary<int64_t>(),
              bool_unary()},
    .binary = {floating_binary<float>(), floating_binary<double>(), arithmetic_binary<int64_t>(),
               BinaryRow{}},
    .compare = {compare_row<float>(), compare_row<double>(), compare_row<int64_t>(),
                compare_row<uint8_t>()},
    .logical = logical_row(),
    .where = {&where_rows<uint32_t>, &where_rows<uint64_t>, &where_rows<uint64_t>,
              &where_rows<uint8_t>},
    .clamp = {&clamp_line<float>, &clamp_line<double>, &clamp_line<int64_t>, nullptr},
    .clamp_grad = {&clamp_grad_line<float>, &clamp_grad_line<double>, nullptr, nullptr},
    .axpy = {&axpy_line<float>, &axpy_line<double>, nullptr, nullptr},
};

}  // namespace rill::kernels::RILL_SIMD_LEVEL
