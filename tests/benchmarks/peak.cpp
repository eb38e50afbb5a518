// What the machine can do: prints the GFLOP/s of a float32 product of 2048 x 2048 matrices on
// OMP_NUM_THREADS threads, by OpenBLAS with threads of its own or by rill's tiles, whichever is
// faster: the median of 5 each, taken in turn.
#include <rill/core/kernels/gemm.h>
#include <rill/core/threads.h>

#include <cblas.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace {

constexpr int size = 2048;
constexpr int rounds = 5;

template <class F>
double seconds(F&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main() {
  const std::vector<float> a(size * size, 1.5F);
  const std::vector<float> b(size * size, 0.5F);
  std::vector<float> c(size * size);
  const auto by_openblas = [&] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1, a.data(), size,
                b.data(), size, 0, c.data(), size);
  };
  const auto by_rill = [&] {
    rill::kernels::gemm(false, false, size, size, size, 1.0F, a.data(), size, b.data(), size, 0.0F,
                        c.data(), size);
  };
  by_openblas();
  by_rill();
  std::vector<double> openblas;
  std::vector<double> own;
  for (int round = 0; round < rounds; ++round) {
    openblas.push_back(seconds(by_openblas));
    own.push_back(seconds(by_rill));
  }
  std::printf("%.1f\n", 2e-9 * size * size * size / std::min(median(openblas), median(own)));
}
