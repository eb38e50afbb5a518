#include <rill/core/kernels/flops.h>
#include <rill/core/kernels/gemm.h>
#include <rill/core/kernels/linear.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/reduce.h>
#include <rill/core/kernels/scratch.h>
#include <rill/core/kernels/simd/rows.h>
#include <rill/core/threads.h>
#include <algorithm>
#include <type_traits>

namespace rill::kernels {
namespace {

// Whether the sums over rows are made of two halves, which must be worth adding.
bool takes_halves(const LinearGradients<float>& g) {
  constexpr int64_t fits_the_cache = 1 << 19;
  return gemm_can_be_cut() && g.rows >= 256 && g.out >= 32 && g.in >= 16 &&
         g.out * g.in <= fits_the_cache;
}

template <class T>
void one_after_the_other(const LinearGradients<T>& g) {
  const int64_t next_out = std::max<int64_t>(g.out, 1), next_in = std::max<int64_t>(g.in, 1);
  gemm<T>(false, false, g.rows, g.in, g.out, 1, g.dout, next_out, g.weight, next_in, 0, g.dx,
          next_in);
  gemm<T>(true, false, g.out, g.in, g.rows, 1, g.dout, next_out, g.x, next_in, 0, g.dweight,
          next_in);
  if (g.dbias) sum<T>(1, g.rows, g.out, g.dout, g.dbias);
}

// The threads share the rows as those before them did, so that each finds its own in its cache:
// lines that another core has written are slow to come. Each half gives its own dweight and dbias.
class Halves {
 public:
  explicit Halves(const LinearGradients<float>& g)
      : g_(g), room_(g.out * g.in), biases_(2 * g.out) {}

  void run() {
    const int64_t shares = shares_of_half();
    const bool worth_threads = g_.rows * g_.out * g_.in >= 131072;
    FlopsOfAll counted;
    parallel_for(2 * shares, worth_threads ? 1 : 2 * shares, [&](int64_t begin, int64_t end) {
      const FlopsOfAll::Part part(counted);
      for (int64_t i = begin; i < end; ++i) work_on(i / shares, i % shares, shares);
    });
    parallel_for(g_.out, std::max<int64_t>(1, 4096 / g_.in),
                 [&](int64_t begin, int64_t end) { add_halves(begin, end); });
  }

 private:
  // Into how many shares each half is cut: as many for each thread, none too small.
  int64_t shares_of_half() const {
    const int64_t threads = in_parallel() ? 1 : threads_now();
    const int64_t wanted = threads % 2 == 0 ? threads / 2 : threads;
    return std::clamp<int64_t>(std::min(g_.out, g_.rows / 2) / 8, 1, wanted);
  }

  // One share of the rows of a half of dx, and the same share of the columns of its dout.
  void work_on(int64_t half, int64_t share, int64_t shares) {
    const int64_t first = half * (g_.rows / 2), rows = half == 0 ? g_.rows / 2 : g_.rows - first;
    const int64_t row = first + rows * share / shares, end = first + rows * (share + 1) / shares;
    gemm_on_this_thread<float>(false, false, end - row, g_.in, g_.out, 1, g_.dout + row * g_.out,
                               g_.out, g_.weight, g_.in, 0, g_.dx + row * g_.in, g_.in);

    const int64_t column = g_.out * share / shares,
                  columns = g_.out * (share + 1) / shares - column;
    const float* dout = g_.dout + first * g_.out + column;
    float* dweight = half == 0 ? g_.dweight : room_.data();
    gemm_on_this_thread<float>(true, false, columns, g_.in, rows, 1, dout, g_.out,
                               g_.x + first * g_.in, g_.in, 0, dweight + column * g_.in, g_.in);
    if (!g_.dbias) return;
    double* sums = biases_.data() + half * g_.out + column;
    std::fill_n(sums, columns, 0.0);
    row_functions<float>().accumulate(rows, g_.out, columns, dout, sums);
  }

  void add_halves(int64_t begin, int64_t end) {
    row_functions<float>().add((end - begin) * g_.in, room_.data() + begin * g_.in,
                               g_.dweight + begin * g_.in);
    if (!g_.dbias) return;
    const double *first = biases_.data(), *second = first + g_.out;
    for (int64_t i = begin; i < end; ++i) g_.dbias[i] = static_cast<float>(first[i] + second[i]);
  }

  const LinearGradients<float>& g_;
  Scratch<float> room_;     // dweight of the second half
  Scratch<double> biases_;  // of both halves
};

}  // namespace

template <class T>
void linear_backward(const LinearGradients<T>& g) {
  if constexpr (std::is_same_v<T, float>) {
    if (takes_halves(g)) return Halves(g).run();
  }
  one_after_the_other(g);
}

template void linear_backward<float>(const LinearGradients<float>&);
template void linear_backward<double>(const LinearGradients<double>&);

}  // namespace rill::kernels
