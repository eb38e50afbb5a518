// Task 15: the temperature of sampling.
//
// The next token is drawn from softmax(logits). A temperature below 1 makes what is likely more
// likely still, one above 1 makes all more alike: 0.1 is nearly always the same text, 10 nearly
// noise. It acts on the logits.
//
//   logits: [C]; temperature: a number above 0; what you return: C probabilities.
#include <rill/core/ops.h>

using namespace rill;

Tensor next_probabilities(const Tensor& logits, double temperature) { todo(); }
