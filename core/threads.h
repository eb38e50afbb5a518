#pragma once

namespace rill {

/// How many threads the kernels use: what set_num_threads() asked for, else what this thread's
/// omp_set_num_threads() did, else OMP_NUM_THREADS, else one for each processor. Results do not
/// depend on it, to the last bit. Throws ValueError where OMP_NUM_THREADS is set but is not a count
/// of 1 or more.
int num_threads();

/// Sets the number of threads for the whole process, from the next op on. It is the only thread
/// setting: OpenBLAS's own stays untouched. Throws ValueError unless n >= 1.
void set_num_threads(int n);

}  // namespace rill
