// Task 20: the sinusoidal encoding.
//
// Row pos of the table is the code of position pos, from 0 on. Columns come in pairs, a sine and a
// cosine, and pair i, from 0 on, turns at a rate of its own:
//
//   PE(pos, 2i)     = sin(pos / 10000^(2i/d))
//   PE(pos, 2i + 1) = cos(pos / 10000^(2i/d))
//
//   d: an even number; what you return: [length, d], float32.
//
// By loops: a std::vector<float> row by row, and from_vector(numbers, {length, d}). Or by tensors:
// arange(n).to(float32), x.unsqueeze(1) makes a column of it, pow(10000.0, x), and stack({a, b},
// 2) puts two tables side by side, element by element: .reshape({length, d}). Careful: 2 * i / d
// of whole numbers is a whole number.
#include <rill/core/ops.h>

#include <cmath>

using namespace rill;

Tensor sinusoids(int64_t length, int64_t d) { todo(); }
