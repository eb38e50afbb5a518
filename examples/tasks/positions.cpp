#include <rill/core/ops.h>

#include <cmath>

#include "groups.h"

using namespace rill;

namespace tasks {
namespace {

/// How a table of waves is made; each field is one thing that can be done otherwise.
struct Waves {
  double first = 0;  // the position of row 0
  double step = 2;   // 2 in the exponent 2i / d
  double base = 10000;
  bool cosine_first = false;
  bool divides = true;     // by base^(2i/d)
  bool in_halves = false;  // all sines, then all cosines
  bool by_column = false;  // i is the column, not the pair
  bool only_sines = false;
};

/// Column c of a table of d columns: the number of its pair.
double pair_of(int64_t c, int64_t d, const Waves& waves) {
  if (waves.by_column) return static_cast<double>(c);
  return static_cast<double>(waves.in_halves ? c % (d / 2) : c / 2);
}

double wave(double position, int64_t c, int64_t d, const Waves& waves) {
  const double rate =
      std::pow(waves.base, -waves.step * pair_of(c, d, waves) / static_cast<double>(d));
  const double angle = waves.divides ? position * rate : position / rate;
  const bool is_second = waves.in_halves ? c >= d / 2 : c % 2 == 1;
  if (waves.only_sines) return std::sin(angle);
  return is_second == waves.cosine_first ? std::sin(angle) : std::cos(angle);
}

Tensor table_of(double length, double d, const Waves& waves = {}) {
  std::vector<float> numbers;
  const auto rows = static_cast<int64_t>(length), columns = static_cast<int64_t>(d);
  for (int64_t p = 0; p < rows; ++p)
    for (int64_t c = 0; c < columns; ++c)
      numbers.push_back(
          static_cast<float>(wave(static_cast<double>(p) + waves.first, c, columns, waves)));
  return from_vector(numbers, {rows, columns});
}

Mistake wrong_waves(Kind kind, const std::string& advice, const Waves& waves) {
  return {kind, advice, [waves](double length, double d) { return table_of(length, d, waves); }};
}

Task sinusoids() {
  return {.name = "sinusoids",
          .title = "the sinusoidal encoding",
          .parameters = {"length", "d"},
          .results = {"table"},
          .right = [](double length, double d) { return table_of(length, d); },
          .mistakes =
              {wrong_waves(Kind::exchanged, "even columns are sines, odd ones cosines",
                           {.cosine_first = true}),
               wrong_waves(Kind::off_by_one, "the first position is 0, not 1", {.first = 1}),
               wrong_waves(Kind::factor, "the exponent is 2i / d; the 2 is missing", {.step = 1}),
               wrong_waves(Kind::wrong_place,
                           "pos is divided by 10000^(2i/d), not multiplied: later "
                           "pairs turn more slowly",
                           {.divides = false}),
               wrong_waves(Kind::factor, "the base is 10000", {.base = 1000}),
               wrong_waves(Kind::factor, "the base is 10000", {.base = 100}),
               wrong_waves(Kind::exchanged,
                           "sine and cosine of a pair stand side by side; here all "
                           "sines come first",
                           {.in_halves = true}),
               wrong_waves(Kind::exchanged, "i is the number of the pair, c / 2, not the column c",
                           {.by_column = true}),
               wrong_waves(Kind::exchanged,
                           "i is the number of the pair, c / 2; the exponent is 2i / d",
                           {.step = 1, .by_column = true}),
               wrong_waves(Kind::missing_part, "odd columns are cosines", {.only_sines = true}),
               {Kind::transposed, "a row is a position: [length, d]",
                [](double length, double d) { return table_of(length, d).T(); }},
               {Kind::missing_part,
                "all pairs turn alike; is 2 * i / d a whole number? Write 2.0 * i / d",
                [](double length, double d) { return table_of(length, d, {.base = 1}); }},
               {Kind::missing_part, "this is pos / 10000^(2i/d) itself: take sine and cosine of it",
                [](double length, double d) {
                  const Tensor pairs = floor(arange(d) / 2.0);
                  return arange(length).to(float32).unsqueeze(1) / pow(10000.0, 2.0 * pairs / d);
                }}},
          .cases = {{{2.0, 2.0}}, {{3.0, 4.0}}, {{4.0, 4.0}}, {{5.0, 6.0}}}};
}

/// The first rows of a table, one for each place of x [batch, length, d].
Tensor rows_for(const Tensor& x, const Tensor& table) { return table.narrow(0, 0, x.size(1)); }

Task learned_positions() {
  std::vector<Case> cases{{{tensor({{{1.0, 2.0}}}), tensor({{0.5, -0.5}, {3.0, 4.0}})}},
                          {{some({1, 2, 2}, 1), some({3, 2}, 2)}},
                          {{some({2, 3, 2}, 3), some({5, 2}, 4)}},
                          {{some({3, 3, 3}, 5), some({4, 3}, 6)}}};
  return {
      .name = "learned_positions",
      .title = "the learned encoding",
      .parameters = {"x", "table"},
      .results = {"x with positions"},
      .right = [](Tensor x, Tensor table) { return x + rows_for(x, table); },
      .mistakes =
          {{Kind::missing_part, "as many rows of the table as x has places: the first ones",
            [](Tensor x, Tensor table) { return x + table; }},
           {Kind::exchanged, "the first rows of the table, not the last ones",
            [](Tensor x, Tensor table) {
              return x + table.narrow(0, table.size(0) - x.size(1), x.size(1));
            }},
           {Kind::off_by_one, "the first position is 0, not 1",
            [](Tensor x, Tensor table) { return x + table.roll(-1, {0}).narrow(0, 0, x.size(1)); }},
           {Kind::off_by_one, "the first position is 0, not 1",
            [](Tensor x, Tensor table) { return x + table.narrow(0, 1, x.size(1)); }},
           {Kind::axis, "positions count along the length, dimension 1, not along the batch",
            [](Tensor x, Tensor table) { return x + table.narrow(0, 0, x.size(0)).unsqueeze(1); }},
           {Kind::axis, "positions count along the length, dimension 1: x.size(1) rows",
            [](Tensor x, Tensor table) { return x + table.narrow(0, 0, x.size(0)); }},
           {Kind::axis, "each place has a row of its own; here all get the first",
            [](Tensor x, Tensor table) { return x + table[0]; }},
           {Kind::wrong_place, "positions are added, not multiplied",
            [](Tensor x, Tensor table) { return x * rows_for(x, table); }},
           {Kind::missing_part, "the positions alone: x is added",
            [](Tensor x, Tensor table) { return expand(rows_for(x, table), x.shape()); }},
           {Kind::missing_part, "the positions alone: x is added",
            [](Tensor x, Tensor table) { return rows_for(x, table); }},
           {Kind::sign, "positions are added",
            [](Tensor x, Tensor table) { return x - rows_for(x, table); }},
           {Kind::factor, "a plain sum: no √d here",
            [](Tensor x, Tensor table) {
              return x * std::sqrt(static_cast<double>(x.size(-1))) + rows_for(x, table);
            }},
           {Kind::mean_for_sum, "a sum, not a mean of the two",
            [](Tensor x, Tensor table) { return (x + rows_for(x, table)) / 2.0; }},
           {Kind::detached, "the table is to be learned: no detach on the way to it",
            [](Tensor x, Tensor table) { return x + rows_for(x, table).detach(); }}},
      .cases = cases,
      .flows = true};
}

Task embedding_sum() {
  using Ids = Tensor;
  std::vector<Case> cases{
      {{tensor({1, 0}), tensor({0, 1}), some({2, 2}, 1), some({3, 2}, 2), some({2, 2}, 3)}},
      {{tensor({2, 2, 1}), tensor({0, 1, 1}), some({3, 2}, 4), some({4, 2}, 5), some({2, 2}, 6)}},
      {{tensor({0, 3, 3, 1}), tensor({0, 0, 1, 1}), some({4, 3}, 7), some({6, 3}, 8),
        some({2, 3}, 9)}}};
  const auto at = [](const Tensor& table, const Tensor& ids) { return embedding(table, ids); };
  const auto places = [](const Tensor& table, const Tensor& ids) {
    return table.narrow(0, 0, ids.size(0));
  };
  return {
      .name = "embedding_sum",
      .title = "token, position and segment",
      .parameters = {"ids", "segments", "token_table", "position_table", "segment_table"},
      .results = {"input"},
      .right = [=](Ids i, Ids s, Tensor t, Tensor p,
                   Tensor g) { return at(t, i) + places(p, i) + at(g, s); },
      .mistakes =
          {{Kind::missing_part, "the segment is missing",
            [=](Ids i, Ids, Tensor t, Tensor p, Tensor) { return at(t, i) + places(p, i); }},
           {Kind::missing_part, "the position is missing",
            [=](Ids i, Ids s, Tensor t, Tensor, Tensor g) { return at(t, i) + at(g, s); }},
           {Kind::missing_part, "the token is missing",
            [=](Ids i, Ids s, Tensor, Tensor p, Tensor g) { return places(p, i) + at(g, s); }},
           {Kind::exchanged, "a position is where a token stands, not its id: rows 0, 1, 2, ...",
            [=](Ids i, Ids s, Tensor t, Tensor p, Tensor g) {
              return at(t, i) + at(p, i) + at(g, s);
            }},
           {Kind::exchanged, "the position table is looked up by place, not by segment",
            [=](Ids i, Ids s, Tensor t, Tensor p, Tensor g) {
              return at(t, i) + at(p, s) + at(g, s);
            }},
           {Kind::exchanged, "each table has its own ids: tokens by ids, segments by segments",
            [=](Ids i, Ids s, Tensor t, Tensor p, Tensor g) {
              return at(t, s) + places(p, i) + at(g, i);
            }},
           {Kind::exchanged, "the segment's row is chosen by segments, not by ids",
            [=](Ids i, Ids, Tensor t, Tensor p, Tensor g) {
              return at(t, i) + places(p, i) + at(g, i);
            }},
           {Kind::axis, "each token has its own segment; here all have the first token's",
            [=](Ids i, Ids s, Tensor t, Tensor p, Tensor g) {
              return at(t, i) + places(p, i) + at(g, s[0]);
            }},
           {Kind::axis, "each token has its own segment; here all have segment 0",
            [=](Ids i, Ids, Tensor t, Tensor p, Tensor g) {
              return at(t, i) + places(p, i) + g[0];
            }},
           {Kind::axis, "each token has its own position; here all have position 0",
            [=](Ids i, Ids s, Tensor t, Tensor p, Tensor g) { return at(t, i) + p[0] + at(g, s); }},
           {Kind::mean_for_sum, "a sum, not a mean of the three",
            [=](Ids i, Ids s, Tensor t, Tensor p, Tensor g) {
              return (at(t, i) + places(p, i) + at(g, s)) / 3.0;
            }},
           {Kind::off_by_one, "the first position is 0, not 1",
            [=](Ids i, Ids s, Tensor t, Tensor p, Tensor g) {
              return at(t, i) + places(p.roll(-1, {0}), i) + at(g, s);
            }},
           {Kind::off_by_one, "the first position is 0, not 1",
            [=](Ids i, Ids s, Tensor t, Tensor p, Tensor g) {
              return at(t, i) + p.narrow(0, 1, i.size(0)) + at(g, s);
            }},
           {Kind::sign, "the segment is added",
            [=](Ids i, Ids s, Tensor t, Tensor p, Tensor g) {
              return at(t, i) + places(p, i) - at(g, s);
            }},
           {Kind::wrong_place, "the three are added, not multiplied",
            [=](Ids i, Ids s, Tensor t, Tensor p, Tensor g) {
              return at(t, i) * places(p, i) * at(g, s);
            }}},
      .cases = cases,
      .flows = true};
}

}  // namespace

std::vector<Task> positions() { return {sinusoids(), learned_positions(), embedding_sum()}; }

}  // namespace tasks
