#include "compare.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <functional>

using rill::Tensor;

namespace tasks {
namespace {

using Pairs = std::vector<Pair>;
using Guess = std::optional<Finding>;

bool holds(const Pairs& pairs, const std::function<Tensor(const Tensor&)>& mended) {
  return std::ranges::all_of(pairs, [&](const Pair& pair) {
    try {
      return same(mended(pair.got.value), pair.expected.value);
    } catch (const std::exception&) {
      return false;
    }
  });
}

/// Whether what is got becomes right where each is mended to the shape of what is expected.
bool holds_to_shape(const Pairs& pairs, Tensor (*mended)(const Tensor&, const rill::Shape&)) {
  return std::ranges::all_of(pairs, [&](const Pair& pair) {
    try {
      return same(mended(pair.got.value, pair.expected.value.shape()), pair.expected.value);
    } catch (const std::exception&) {
      return false;
    }
  });
}

bool any_pair(const Pairs& pairs, const std::function<bool(const Pair&)>& is) {
  return std::ranges::any_of(pairs, is);
}

Tensor turned(const Tensor& x) { return x.T(); }

Guess absent(const Pairs& pairs) {
  if (!any_pair(pairs, [](const Pair& pair) { return !pair.got.value.defined(); })) return {};
  if (pairs[0].got.is_gradient)
    return Finding{Kind::detached,
                   "no gradient comes back: a detach, a NoGradGuard, or an op "
                   "without a gradient, cuts the path"};
  return Finding{Kind::no_result, "return a tensor that holds something"};
}

Guess surplus(const Pairs& pairs) {
  if (!any_pair(pairs, [](const Pair& pair) { return !pair.expected.value.defined(); })) return {};
  return Finding{Kind::attached, "a gradient comes back where none should: detach() cuts it"};
}

Guess other_shape(const Pairs& pairs) {
  const auto differs = [](const Pair& pair) {
    return pair.got.value.shape() != pair.expected.value.shape();
  };
  if (!any_pair(pairs, differs)) return {};
  if (holds(pairs, turned))
    return Finding{Kind::transposed, "the numbers are right, rows and columns are exchanged"};
  if (holds_to_shape(pairs, rill::reshape))
    return Finding{Kind::shape,
                   "the numbers are right, the shape is not: keepdim, view, unsqueeze?"};
  if (holds_to_shape(pairs, rill::sum_to))
    return Finding{Kind::missing_sum,
                   "what broadcasting stretched is summed again on the way back"};
  return Finding{Kind::shape, "the shape is another"};
}

Guess other_dtype(const Pairs& pairs) {
  const auto differs = [](const Pair& pair) {
    return pair.got.value.dtype() != pair.expected.value.dtype();
  };
  if (!any_pair(pairs, differs)) return {};
  return Finding{Kind::dtype, "the element type is another; to(float32) converts"};
}

bool is_finite(const Tensor& x) { return rill::isfinite(x).all().item<bool>(); }

Guess not_finite(const Pairs& pairs) {
  const auto bursts = [](const Pair& pair) {
    return !is_finite(pair.got.value) && is_finite(pair.expected.value);
  };
  const auto is_wrong = [](const Pair& pair) { return !same(pair.got.value, pair.expected.value); };
  if (!any_pair(pairs, bursts)) return {};
  const bool only_there =
      std::ranges::all_of(pairs, [&](const Pair& pair) { return bursts(pair) == is_wrong(pair); });
  const bool has_inputs_left = !std::ranges::all_of(pairs, bursts);
  if (only_there && has_inputs_left)
    return Finding{Kind::overflow,
                   "right for small numbers; with these something on the way is "
                   "infinite, or 0 / 0"};
  return Finding{Kind::not_a_number, "there is an infinity or a NaN: 1 / 0, 0 / 0, log 0?"};
}

/// got / expected where that is one number, else nothing.
std::optional<double> ratio_of(const Pair& pair) {
  const std::vector<double> got = pair.got.value.to_vector(),
                            expected = pair.expected.value.to_vector();
  std::optional<double> ratio;
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::abs(expected[i]) < 1e-6 && std::abs(got[i]) < 1e-6) continue;
    const double here = got[i] / expected[i];
    if (!std::isfinite(here) || (ratio && std::abs(here - *ratio) > 1e-3 * std::abs(*ratio)))
      return {};
    ratio = here;
  }
  return ratio;
}

/// One ratio for each case that has numbers other than 0; empty where a case has none.
std::vector<double> ratios_of(const Pairs& pairs) {
  std::vector<double> ratios;
  for (const Pair& pair : pairs) {
    const bool is_zero = same(pair.expected.value, rill::zeros_like(pair.expected.value));
    if (is_zero && same(pair.got.value, pair.expected.value)) continue;
    const std::optional<double> ratio = ratio_of(pair);
    if (!ratio || *ratio == 0) return {};
    ratios.push_back(*ratio);
  }
  return ratios;
}

bool is_close(double a, double b) { return std::abs(a - b) < 2e-3 * std::abs(b); }

/// Whether `count` is how many elements, rows or columns something of this case has.
bool is_a_count(double count, const Case& one) {
  for (const Argument& argument : one.arguments) {
    const Tensor* const tensor = std::get_if<Tensor>(&argument);
    if (!tensor) continue;
    if (is_close(static_cast<double>(tensor->numel()), count)) return true;
    for (const int64_t size : tensor->shape())
      if (is_close(static_cast<double>(size), count)) return true;
  }
  return false;
}

/// Whether all ratios, or their inverses, are counts, and not one number throughout.
bool are_counts(const Pairs& pairs, const std::vector<double>& ratios, bool inverse) {
  if (ratios.size() != pairs.size()) return false;
  bool varies = false;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double count = inverse ? 1 / ratios[i] : ratios[i];
    if (!is_a_count(count, *pairs[i].one)) return false;
    varies = varies || !is_close(ratios[i], ratios[0]);
  }
  return varies;
}

Guess another_factor(const Pairs& pairs) {
  const std::vector<double> ratios = ratios_of(pairs);
  if (ratios.empty()) return {};
  const auto all = [&](double value) {
    return std::ranges::all_of(ratios, [&](double ratio) { return is_close(ratio, value); });
  };
  if (all(-1)) return Finding{Kind::sign, "each number is the negative of what it should be"};
  if (are_counts(pairs, ratios, true))
    return Finding{Kind::mean_for_sum, "each number is divided by a count, as by a mean"};
  if (are_counts(pairs, ratios, false))
    return Finding{Kind::sum_for_mean, "each number is a count too large, as by a sum"};
  if (all(ratios[0]))
    return Finding{Kind::factor,
                   fmt::format("each number is {:.4g} times what it should be", ratios[0])};
  return Finding{Kind::factor, "in each case all numbers are off by one factor, here " +
                                   fmt::format("{:.4g}", ratios[0])};
}

/// What is written to may have moved by another factor.
Guess another_step(const Pairs& pairs) {
  Pairs moves = pairs;
  for (Pair& pair : moves) {
    if (!pair.expected.before.defined()) return {};
    pair.got.value = pair.got.value - pair.expected.before;
    pair.expected.value = pair.expected.value - pair.expected.before;
  }
  const Guess found = another_factor(moves);
  if (found && found->kind == Kind::factor)
    return Finding{Kind::factor, "what changes does so by another factor: " + found->advice};
  return found;
}

Guess another_gradient(const Pairs& pairs) {
  if (!pairs[0].got.is_gradient) return {};
  return Finding{Kind::detached,
                 "forward is right, backward is not: a part of the way is cut off, by "
                 "a detach, a NoGradGuard or a number taken out by item()"};
}

Guess an_argument(const Pairs& pairs) {
  for (size_t i = 0; i < pairs[0].one->arguments.size(); ++i) {
    const auto is_given = [&](const Pair& pair) {
      const Tensor* const tensor = std::get_if<Tensor>(&pair.one->arguments[i]);
      return tensor && same(*tensor, pair.got.value);
    };
    if (std::ranges::all_of(pairs, is_given))
      return Finding{Kind::missing_part, "it gives its parameter back as it was"};
  }
  return {};
}

Tensor flipped(const Tensor& x) { return x.flip({-1}); }
Tensor shifted(const Tensor& x) { return x.roll(1, {0}); }
Tensor shifted_back(const Tensor& x) { return x.roll(-1, {0}); }

Guess another_order(const Pairs& pairs) {
  if (holds(pairs, turned)) return Finding{Kind::transposed, "rows and columns are exchanged"};
  if (holds(pairs, flipped)) return Finding{Kind::exchanged, "the order is turned round"};
  if (holds(pairs, shifted) || holds(pairs, shifted_back))
    return Finding{Kind::off_by_one, "all is one place further than it should be"};
  return {};
}

Guess another_power(const Pairs& pairs) {
  const auto root = [](const Tensor& x) { return rill::sqrt(x); };
  const auto squared = [](const Tensor& x) { return x * x; };
  if (holds(pairs, root))
    return Finding{Kind::wrong_power, "these are the squares: a root is missing"};
  if (holds(pairs, squared)) return Finding{Kind::wrong_power, "these are the roots"};
  return {};
}

/// How many elements of a case are right.
std::string share_right(const Pair& pair) {
  const Tensor close = rill::isclose(pair.got.value.to(rill::float64),
                                     pair.expected.value.to(rill::float64), 2e-4, 2e-6, true);
  return fmt::format("{} of {} elements are right", close.sum().item<int64_t>(), close.numel());
}

Finding unknown(const Pairs& pairs) {
  const auto wrong = std::ranges::find_if(
      pairs, [](const Pair& pair) { return !same(pair.got.value, pair.expected.value); });
  return {Kind::other, share_right(*wrong) + "; go through the smallest case by hand"};
}

}  // namespace

Finding compare(const Pairs& pairs) {
  for (const auto guess : {absent, surplus, other_shape, other_dtype, not_finite, another_gradient,
                           an_argument, another_order, another_step, another_factor, another_power})
    if (const Guess found = guess(pairs)) return *found;
  return unknown(pairs);
}

}  // namespace tasks
