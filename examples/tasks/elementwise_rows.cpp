#include <rill/core/ops.h>
#include <rill/core/random.h>

#include "groups.h"

using namespace rill;

namespace tasks {
namespace {

/// dout, x and y = f(x), on one number, on a row and on a table.
std::vector<Case> row_cases(Tensor (*f)(const Tensor&)) {
  std::vector<Case> cases;
  const auto add = [&](const Tensor& dout, const Tensor& x) { cases.push_back({{dout, x, f(x)}}); };
  add(tensor({1.0}), tensor({0.5}));
  add(tensor({2.0, -3.0}), tensor({1.5, -0.5}));
  add(some({2, 3}, 1), some({2, 3}, 2));
  add(some({3, 3}, 3), some({3, 3}, 4));
  return cases;
}

Task tanh_row() {
  return {
      .name = "tanh_row",
      .title = "the gradient of tanh",
      .parameters = {"dout", "x", "y"},
      .results = {"gradient of x"},
      .right = [](Tensor dout, Tensor, Tensor y) { return dout * (1.0 - y * y); },
      .mistakes = {{Kind::input_for_output,
                    "the slope is 1 − y², of the output y = tanh(x), not of x",
                    [](Tensor dout, Tensor x, Tensor) { return dout * (1.0 - x * x); }},
                   {Kind::missing_part, "the slope alone; the chain rule multiplies it by dout",
                    [](Tensor, Tensor, Tensor y) { return 1.0 - y * y; }},
                   {Kind::missing_part, "dout alone; the chain rule multiplies it by the slope",
                    [](Tensor dout, Tensor, Tensor) { return dout; }},
                   {Kind::sign, "the slope is 1 − y², not 1 + y²",
                    [](Tensor dout, Tensor, Tensor y) { return dout * (1.0 + y * y); }},
                   {Kind::sign, "the slope is 1 − y², not y² − 1",
                    [](Tensor dout, Tensor, Tensor y) { return dout * (y * y - 1.0); }},
                   {Kind::wrong_power, "y is squared: the slope is 1 − y²",
                    [](Tensor dout, Tensor, Tensor y) { return dout * (1.0 - y); }},
                   {Kind::wrong_place, "the square is of y alone, not of 1 − y",
                    [](Tensor dout, Tensor, Tensor y) { return dout * pow(1.0 - y, 2); }},
                   {Kind::exchanged, "this is the slope of the sigmoid, y (1 − y)",
                    [](Tensor dout, Tensor, Tensor y) { return dout * y * (1.0 - y); }},
                   {Kind::missing_part, "1 − y² is wanted, not y²",
                    [](Tensor dout, Tensor, Tensor y) { return dout * y * y; }},
                   {Kind::wrong_place, "dout belongs before the brackets: dout (1 − y²)",
                    [](Tensor dout, Tensor, Tensor y) { return dout - y * y; }},
                   {Kind::wrong_place, "y is the output already: no second tanh",
                    [](Tensor dout, Tensor, Tensor y) { return dout * (1.0 - pow(tanh(y), 2)); }},
                   {Kind::input_for_output, "that is tanh itself, not its slope",
                    [](Tensor dout, Tensor, Tensor y) { return dout * y; }},
                   {Kind::wrong_place, "the chain rule multiplies dout and the slope: no +",
                    [](Tensor dout, Tensor, Tensor y) { return dout + (1.0 - y * y); }}},
      .cases = row_cases(tanh)};
}

Task relu_row() {
  const auto with_zero = [] {
    std::vector<Case> cases = row_cases(relu);
    cases.insert(cases.begin() + 1, Case{{tensor({3.0}), tensor({-2.0}), tensor({0.0})}});
    const Tensor x = tensor({-1.0, 0.0, 2.0});
    cases.push_back({{tensor({5.0, 6.0, 7.0}), x, relu(x)}});
    return cases;
  };
  return {.name = "relu_row",
          .title = "the gradient of ReLU",
          .parameters = {"dout", "x", "y"},
          .results = {"gradient of x"},
          .right = [](Tensor dout, Tensor x, Tensor) { return where(x > 0, dout, 0.0); },
          .mistakes =
              {{Kind::mask_side, "dout passes where x is above 0, and is stopped where it is below",
                [](Tensor dout, Tensor x, Tensor) { return where(x > 0, 0.0, dout); }},
               {Kind::mask_side, "dout passes where x is above 0, and is stopped where it is below",
                [](Tensor dout, Tensor x, Tensor) { return where(x < 0, dout, 0.0); }},
               {Kind::input_for_output, "ReLU acts on dout here; what decides is the sign of x",
                [](Tensor dout, Tensor, Tensor) { return relu(dout); }},
               {Kind::input_for_output, "what decides is the sign of x, not that of dout",
                [](Tensor dout, Tensor x, Tensor) { return where(dout > 0, x, 0.0); }},
               {Kind::missing_part, "dout is not stopped where x is below 0",
                [](Tensor dout, Tensor, Tensor) { return dout; }},
               {Kind::missing_part, "the slope alone, 0 or 1; the chain rule multiplies it by dout",
                [](Tensor, Tensor x, Tensor) { return where(x > 0, 1.0, 0.0); }},
               {Kind::off_by_one, "at x = 0 the slope is taken as 0: x > 0, not x >= 0",
                [](Tensor dout, Tensor x, Tensor) { return where(x >= 0, dout, 0.0); }},
               {Kind::input_for_output, "the slope is 1 where x is above 0, not x itself",
                [](Tensor dout, Tensor, Tensor y) { return dout * y; }},
               {Kind::input_for_output, "the slope is 1 where x is above 0, not x itself",
                [](Tensor dout, Tensor x, Tensor) { return dout * x; }},
               {Kind::input_for_output, "dout passes, not x",
                [](Tensor, Tensor, Tensor y) { return y; }},
               {Kind::sign, "below 0 nothing passes; sign(x) turns dout round there",
                [](Tensor dout, Tensor x, Tensor) { return dout * sign(x); }},
               {Kind::sign, "below 0 nothing passes; here dout passes with the other sign",
                [](Tensor dout, Tensor x, Tensor) { return where(x > 0, dout, -dout); }},
               {Kind::sign, "what passes keeps its sign",
                [](Tensor dout, Tensor x, Tensor) { return where(x > 0, -dout, 0.0); }}},
          .cases = with_zero()};
}

Tensor softsign(const Tensor& x) { return x / (1.0 + abs(x)); }

Task softsign_row() {
  return {
      .name = "softsign_row",
      .title = "the gradient of softsign, x / (1 + |x|)",
      .parameters = {"dout", "x", "y"},
      .results = {"gradient of x"},
      .right = [](Tensor dout, Tensor x, Tensor) { return dout / pow(1.0 + abs(x), 2); },
      .mistakes = {{Kind::wrong_power, "the slope has a square: 1 / (1 + |x|)²",
                    [](Tensor dout, Tensor x, Tensor) { return dout / (1.0 + abs(x)); }},
                   {Kind::missing_part, "|x| is wanted below, not x",
                    [](Tensor dout, Tensor x, Tensor) { return dout / pow(1.0 + x, 2); }},
                   {Kind::input_for_output, "the slope is of x, not of the output y",
                    [](Tensor dout, Tensor, Tensor y) { return dout / pow(1.0 + abs(y), 2); }},
                   {Kind::missing_part, "the slope alone; the chain rule multiplies it by dout",
                    [](Tensor, Tensor x, Tensor) { return 1.0 / pow(1.0 + abs(x), 2); }},
                   {Kind::missing_part, "dout alone; the chain rule multiplies it by the slope",
                    [](Tensor dout, Tensor, Tensor) { return dout; }},
                   {Kind::wrong_place, "the slope divides: dout / (1 + |x|)²",
                    [](Tensor dout, Tensor x, Tensor) { return dout * pow(1.0 + abs(x), 2); }},
                   {Kind::wrong_place, "the square is of 1 + |x|, not of |x| alone",
                    [](Tensor dout, Tensor x, Tensor) { return dout / (1.0 + x * x); }},
                   {Kind::sign, "it is 1 + |x| below, not 1 − |x|",
                    [](Tensor dout, Tensor x, Tensor) { return dout / pow(1.0 - abs(x), 2); }},
                   {Kind::sign, "softsign rises everywhere: its slope is above 0, also left of 0",
                    [](Tensor dout, Tensor x, Tensor) {
                      return dout * sign(x) / pow(1.0 + abs(x), 2);
                    }},
                   {Kind::input_for_output, "that is softsign itself, not its slope",
                    [](Tensor dout, Tensor, Tensor y) { return dout * y; }},
                   {Kind::missing_part,
                    "the quotient rule has two terms: (1 + |x|) − x · sign(x) above",
                    [](Tensor dout, Tensor x, Tensor) {
                      return dout * ((1.0 + abs(x)) + x * sign(x)) / pow(1.0 + abs(x), 2);
                    }},
                   {Kind::wrong_power, "the exponent is 2",
                    [](Tensor dout, Tensor x, Tensor) { return dout / pow(1.0 + abs(x), 3); }}},
      .cases = row_cases(softsign)};
}

Task mean_row() {
  std::vector<Case> cases{{{tensor(1.0), tensor({4.0, 6.0})}},
                          {{tensor(3.0), tensor({{1.0, 2.0}, {3.0, 5.0}})}},
                          {{tensor(-2.0), some({2, 3}, 1)}},
                          {{tensor(0.5), some({4, 1, 2}, 2)}}};
  return {
      .name = "mean_row",
      .title = "the gradient of a mean",
      .parameters = {"dout", "x"},
      .results = {"gradient of x"},
      .right = [](Tensor dout,
                  Tensor x) { return expand(dout / static_cast<double>(x.numel()), x.shape()); },
      .mistakes =
          {{Kind::sum_for_mean, "each element has a share of 1 / n in the mean; that of a sum is 1",
            [](Tensor dout, Tensor x) { return expand(dout, x.shape()); }},
           {Kind::missing_part, "the chain rule multiplies 1 / n by dout",
            [](Tensor, Tensor x) { return full(x.shape(), 1.0 / static_cast<double>(x.numel())); }},
           {Kind::axis, "n is the number of all elements, not that of the rows",
            [](Tensor dout, Tensor x) {
              return expand(dout / static_cast<double>(x.size(0)), x.shape());
            }},
           {Kind::axis, "n is the number of all elements, not that of a row",
            [](Tensor dout, Tensor x) {
              return expand(dout / static_cast<double>(x.size(-1)), x.shape());
            }},
           {Kind::input_for_output, "a mean is linear: its gradient does not depend on x",
            [](Tensor dout, Tensor x) { return dout * x / static_cast<double>(x.numel()); }},
           {Kind::input_for_output, "a mean is linear: its gradient does not depend on x",
            [](Tensor dout, Tensor x) { return dout * x; }},
           {Kind::input_for_output, "a mean is linear: its gradient does not depend on x",
            [](Tensor dout, Tensor x) { return expand(dout * mean(x), x.shape()); }},
           {Kind::factor, "n divides",
            [](Tensor dout, Tensor x) {
              return expand(dout * static_cast<double>(x.numel()), x.shape());
            }},
           {Kind::shape, "one number; the gradient has the shape of x: expand it",
            [](Tensor dout, Tensor x) { return dout / static_cast<double>(x.numel()); }}},
      .cases = cases};
}

}  // namespace

Tensor some(const Shape& shape, int seed) {
  Generator generator(static_cast<uint64_t>(seed));
  return round((rand(shape, generator) - 0.5) * 50.0) / 10.0;
}

std::vector<Task> elementwise_rows() {
  return {tanh_row(), relu_row(), softsign_row(), mean_row()};
}

}  // namespace tasks
