#include <rill/core/ops.h>

#include <cmath>

#include "groups.h"

using namespace rill;

namespace tasks {
namespace {

/// How vectors are turned; each field is one thing that can be done otherwise.
struct Turn {
  double first = 0;  // the position of row 0
  double sense = 1;  // -1 turns the other way round
  double base = 10000;
  double step = 2;         // 2 in the exponent 2i / d
  bool in_halves = false;  // pairs (i, i + d/2) in the place of (2i, 2i + 1)
};

/// x [length, d] with each pair turned by its position's angle.
Tensor turned(const Tensor& x, const Turn& turn = {}) {
  const int64_t d = x.size(1), half = d / 2;
  const Tensor places = arange(static_cast<double>(x.size(0))).to(float32) + turn.first;
  const Tensor pairs = arange(static_cast<double>(half)).to(float32);
  const Tensor angles =
      places.unsqueeze(1) * pow(turn.base, pairs * (-turn.step / static_cast<double>(d)));
  const Tensor a = turn.in_halves ? x.slice(1, 0, half) : x.slice(1, 0, {}, 2);
  const Tensor b = turn.in_halves ? x.slice(1, half) : x.slice(1, 1, {}, 2);
  const Tensor c = cos(angles), s = sin(angles) * turn.sense;
  const Tensor first = a * c - b * s, second = b * c + a * s;
  if (turn.in_halves) return cat({first, second}, 1);
  return stack({first, second}, 2).view(x.shape());
}

Mistake wrong_turn(Kind kind, const std::string& advice, const Turn& turn) {
  return {kind, advice, [turn](Tensor x) { return turned(x, turn); }};
}

/// Each pair (a, b) of x, with cosines c and sines s, made into another one by `make`.
template <class Make>
Function by_pairs(Make make) {
  return [make](Tensor x) {
    const Tensor a = x.slice(1, 0, {}, 2), b = x.slice(1, 1, {}, 2);
    const Tensor quarter = turned(cat({ones_like(a), zeros_like(a)}, 1), {.in_halves = true});
    const Tensor c = quarter.slice(1, 0, a.size(1)), s = quarter.slice(1, a.size(1));
    const auto [first, second] = make(a, b, c, s);
    return stack({first, second}, 2).view(x.shape());
  };
}

using Two = std::pair<Tensor, Tensor>;

Task turn_by_position() {
  return {.name = "turn_by_position",
          .title = "rotary positions",
          .parameters = {"x"},
          .results = {"turned"},
          .right = [](Tensor x) { return turned(x); },
          .mistakes =
              {wrong_turn(Kind::sign, "a cos − b sin and b cos + a sin: this turns the other way",
                          {.sense = -1}),
               wrong_turn(Kind::off_by_one, "the first position is 0, at which nothing turns",
                          {.first = 1}),
               wrong_turn(Kind::exchanged,
                          "the pairs are neighbours here, (2i, 2i + 1), not (i, i + d/2)",
                          {.in_halves = true}),
               wrong_turn(Kind::factor, "the exponent is −2i / d; the 2 is missing", {.step = 1}),
               wrong_turn(Kind::sign, "the exponent is −2i / d: later pairs turn more slowly",
                          {.step = -2}),
               wrong_turn(Kind::missing_part, "each pair has a rate of its own, 10000^(−2i/d)",
                          {.step = 0}),
               wrong_turn(Kind::factor, "the base is 10000", {.base = 1000}),
               wrong_turn(Kind::factor, "the base is 10000", {.base = 100}),
               {Kind::exchanged, "a goes with the cosine, and b with the sine",
                by_pairs([](Tensor a, Tensor b, Tensor c, Tensor s) {
                  return Two{a * s - b * c, b * s + a * c};
                })},
               {Kind::sign, "one of the two has a minus: a cos − b sin",
                by_pairs([](Tensor a, Tensor b, Tensor c, Tensor s) {
                  return Two{a * c + b * s, b * c + a * s};
                })},
               {Kind::sign, "only the first has a minus: b cos + a sin",
                by_pairs([](Tensor a, Tensor b, Tensor c, Tensor s) {
                  return Two{a * c - b * s, b * c - a * s};
                })},
               {Kind::missing_part, "each of the pair gets a part of the other: a cos − b sin",
                by_pairs([](Tensor a, Tensor b, Tensor c, Tensor s) {
                  return Two{a * c, b * s};
                })},
               {Kind::missing_part, "each of the pair gets a part of the other: b cos + a sin",
                by_pairs([](Tensor a, Tensor b, Tensor c, Tensor) {
                  return Two{a * c, b * c};
                })},
               {Kind::overwrites, "the second is made of the old a; here of the new one",
                by_pairs([](Tensor a, Tensor b, Tensor c, Tensor s) {
                  const Tensor first = a * c - b * s;
                  return Two{first, b * c + first * s};
                })},
               {Kind::wrong_place, "rotary positions turn x; here waves are added to it",
                by_pairs([](Tensor a, Tensor b, Tensor c, Tensor s) {
                  return Two{a + s, b + c};
                })},
               {Kind::axis, "positions count down the rows; here all rows turn as the last one",
                [](Tensor x) {
                  const double last = static_cast<double>(x.size(0) - 1);
                  std::vector<Tensor> rows;
                  for (const Tensor& row : x)
                    rows.push_back(turned(row.unsqueeze(0), {.first = last}));
                  return cat(rows);
                }}},
          .cases = {{{tensor({{1.0, 2.0}, {1.0, 0.0}})}},
                    {{some({2, 4}, 1)}},
                    {{some({4, 4}, 2)}},
                    {{some({3, 6}, 3)}}},
          .flows = true};
}

/// The distances i − j of `length` places, i down and j across.
Tensor distances(double length) {
  const Tensor places = arange(length).to(float32);
  return places.unsqueeze(1) - places;
}

/// For each of `heads` heads a slope, [heads, 1, 1].
Tensor slopes(double heads, double first = 1) {
  return pow(2.0, (arange(heads).to(float32) + first) * (-8.0 / heads)).view({-1, 1, 1});
}

Task alibi_bias() {
  return {
      .name = "alibi_bias",
      .title = "ALiBi",
      .parameters = {"heads", "length"},
      .results = {"bias"},
      .right = [](double heads, double length) { return -slopes(heads) * abs(distances(length)); },
      .mistakes =
          {{Kind::sign, "farther is worse: the bias is −slope · |i − j|",
            [](double heads, double length) { return slopes(heads) * abs(distances(length)); }},
           {Kind::missing_part, "the distance is |i − j|, the same on both sides",
            [](double heads, double length) { return -slopes(heads) * distances(length); }},
           {Kind::missing_part, "the distance is |i − j|, the same on both sides",
            [](double heads, double length) { return slopes(heads) * distances(length); }},
           {Kind::off_by_one, "the slope of head h, counted from 0, is 2^(−8 (h + 1) / heads)",
            [](double heads, double length) { return -slopes(heads, 0) * abs(distances(length)); }},
           {Kind::exchanged, "the first head has the steepest slope",
            [](double heads, double length) {
              return -slopes(heads).flip({0}) * abs(distances(length));
            }},
           {Kind::missing_part, "each head has a slope of its own; here all have 1",
            [](double heads, double length) {
              return -ones_like(slopes(heads)) * abs(distances(length));
            }},
           {Kind::missing_part, "each head has a slope of its own; here all have that of the first",
            [](double heads, double length) {
              return -slopes(heads)[0] * abs(distances(length)) + slopes(heads) * 0.0;
            }},
           {Kind::sign, "the exponent is below 0: slopes are smaller than 1",
            [](double heads, double length) {
              return -1.0 / slopes(heads) * abs(distances(length));
            }},
           {Kind::factor, "the exponent is −8 (h + 1) / heads; the 8 is missing",
            [](double heads, double length) {
              return -pow(slopes(heads), 1.0 / 8) * abs(distances(length));
            }},
           {Kind::factor, "the exponent is divided by the number of heads",
            [](double heads, double length) {
              return -pow(slopes(heads), heads) * abs(distances(length));
            }},
           {Kind::wrong_power, "the distance itself, not its square",
            [](double heads, double length) {
              return -slopes(heads) * distances(length) * distances(length);
            }},
           {Kind::axis, "[heads, length, length]: heads come first",
            [](double heads, double length) {
              return (-slopes(heads) * abs(distances(length))).permute({1, 2, 0});
            }},
           {Kind::off_by_one, "the distance of a place to itself is 0",
            [](double heads, double length) {
              return -slopes(heads) * (abs(distances(length)) + 1.0);
            }},
           {Kind::mask_side, "both sides count here: the mask, another thing, hides the future",
            [](double heads, double length) {
              return -slopes(heads) * distances(length).clamp(0.0);
            }},
           {Kind::mask_side, "both sides count here: the mask, another thing, hides the future",
            [](double heads, double length) {
              return -slopes(heads) * (-distances(length)).clamp(0.0);
            }}},
      .cases = {{{1.0, 2.0}}, {{2.0, 3.0}}, {{4.0, 4.0}}, {{3.0, 2.0}}}};
}

}  // namespace

std::vector<Task> relative_positions() { return {turn_by_position(), alibi_bias()}; }

}  // namespace tasks
