#include <rill/nn/positions/check_encoding.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <rill/core/gradcheck.h>
#include <rill/core/random.h>
#include <rill/nn/attention.h>
#include <rill/nn/detail/borrowed_in_double.h>

namespace rill::nn {
namespace {

/// How far numbers may lie apart that should be equal: tables may come from float32.
constexpr double tolerance = 1e-5;
/// How far numbers must lie apart that should differ.
constexpr double audible = 1e-6;
constexpr int64_t checked_elements = 256;
constexpr double step = 1e-6;

Tensor doubles(const Shape& shape) { return randn(shape, default_generator(), float64); }

/// Two columns of one frequency.
struct WavePair {
  int64_t sine, cosine;
  double frequency;
};

std::vector<WavePair> wave_pairs(int64_t d_model, const SinusoidalTableOptions& promise) {
  const bool is_interleaved = promise.layout == SinusoidalLayout::interleaved;
  const bool is_t2t = promise.layout == SinusoidalLayout::tensor2tensor;
  const int64_t half = d_model / 2, sines = is_t2t ? half : (d_model + 1) / 2;
  const double denominator =
      is_t2t ? std::max(static_cast<double>(half) - 1, 1.0) : static_cast<double>(d_model) / 2;
  std::vector<WavePair> pairs;
  for (int64_t i = 0; i < half; ++i)
    pairs.push_back({is_interleaved ? 2 * i : i, is_interleaved ? 2 * i + 1 : sines + i,
                     std::pow(promise.base, -static_cast<double>(i) / denominator)});
  return pairs;
}

/// How many heads share the width; 1 where none are asked for.
int64_t heads_of(const AnyEncoding& encoding, const CheckEncodingOptions& options) {
  if (options.d_model % options.num_heads == 0) return options.num_heads;
  if (encoding.acts_on_attention())
    fail<ValueError>("check_encoding: num_heads ", options.num_heads, " does not divide d_model ",
                     options.d_model);
  return 1;
}

class Check {
 public:
  Check(const AnyEncoding& encoding, const CheckEncodingOptions& options)
      : encoding_(encoding),
        options_(options),
        heads_(heads_of(encoding, options)),
        x_(doubles({2, options.length, options.d_model})),
        q_(doubles({2, heads_, options.length, options.d_model / heads_})),
        attention_(options.d_model, heads_, {.encoding = encoding}) {
    attention_.to(float64);
  }

  void run() const {
    {
      NoGradGuard unrecorded;
      shape();
      repeatable();
      expect_same("shape", encoding_(x_[0]), encoding_(x_)[0], "forward without a batch");
      offset();
      first_tokens();
      distinct();
      order();
      if (options_.sinusoidal) sinusoids();
      if (options_.rotary) rotary_pairs();
      if (options_.keeps_norm && encoding_.acts_on_heads()) norm_of_heads();
      if (options_.relative) relative();
      packed();
      cache();
    }
    gradient();
  }

 private:
  template <class... Parts>
  [[noreturn]] void refuse(const char* property, const Parts&... what) const {
    fail<CheckEncodingError>("check_encoding: ", encoding_.type_name(), ": ", property, ": ",
                             what...);
  }

  /// Compares two tensors, which `what` names.
  template <class... Parts>
  void expect_same(const char* property, const Tensor& found, const Tensor& expected,
                   const Parts&... what) const {
    if (found.shape() != expected.shape())
      refuse(property, what..., ": ", found.shape(), " instead of ", expected.shape());
    const std::vector<double> left = found.to(float64).to_vector();
    const std::vector<double> right = expected.to(float64).to_vector();
    for (size_t i = 0; i < left.size(); ++i)
      if (!(std::abs(left[i] - right[i]) <= tolerance * (1 + std::abs(right[i]))))
        refuse(property, what..., ": element ", i, " of ", found.shape(), " is ", left[i],
               " and should be ", right[i]);
  }

  Tensor bias() const { return encoding_.bias(options_.length, options_.length); }

  void shape() const {
    try {
      static_cast<void>(encoding_(x_));
      static_cast<void>(encoding_(x_[0]));
      static_cast<void>(encoding_.rotate(q_));
      if (encoding_.acts_on_scores() && bias().size(0) != heads_)
        refuse("shape", "the bias has ", bias().size(0), " heads, num_heads is ", heads_);
    } catch (const CheckEncodingError&) {
      throw;
    } catch (const Error& error) {
      refuse("shape", error.what());
    }
  }

  void repeatable() const {
    expect_same("repeatable", encoding_(x_), encoding_(x_), "forward twice");
    expect_same("repeatable", encoding_.rotate(q_), encoding_.rotate(q_), "rotate twice");
    if (encoding_.acts_on_scores()) expect_same("repeatable", bias(), bias(), "bias twice");
  }

  void offset() const {
    for (const int64_t start : {int64_t{1}, options_.length / 2, options_.length - 1}) {
      const int64_t rest = options_.length - start;
      const auto last = [&](const Tensor& x, int64_t dim) { return x.narrow(dim, start, rest); };
      expect_same("offset", encoding_(last(x_, 1), start), last(encoding_(x_), 1),
                  "forward at offset ", start, ", against the whole");
      expect_same("offset", encoding_.rotate(last(q_, 2), start), last(encoding_.rotate(q_), 2),
                  "rotate at offset ", start, ", against the whole");
      if (encoding_.acts_on_scores())
        expect_same("offset", encoding_.bias(rest, options_.length), last(bias(), 1), "bias of ",
                    rest, " queries and ", options_.length, " keys, against the whole");
    }
  }

  void first_tokens() const {
    const int64_t count = options_.length / 2;
    const auto first = [&](const Tensor& x, int64_t dim) { return x.narrow(dim, 0, count); };
    expect_same("length", encoding_(first(x_, 1)), first(encoding_(x_), 1), "forward of the first ",
                count, " tokens");
    expect_same("length", encoding_.rotate(first(q_, 2)), first(encoding_.rotate(q_), 2),
                "rotate of the first ", count, " tokens");
    if (encoding_.acts_on_scores())
      expect_same("length", encoding_.bias(count, count), first(first(bias(), 1), 2),
                  "bias of the first ", count, " tokens");
  }

  void distinct() const {
    if (encoding_.acts_on_input())
      expect_distinct("forward", encoding_(x_[0].narrow(0, 0, 1).expand(x_[0].shape())));
    if (encoding_.acts_on_heads())
      expect_distinct("rotate", encoding_.rotate(repeated(q_))[0].transpose(0, 1).flatten(1));
  }

  /// rows [length, width]
  void expect_distinct(const char* member, const Tensor& rows) const {
    for (int64_t i = 0; i < rows.size(0); ++i)
      for (int64_t j = 0; j < i; ++j)
        if (const double apart = (rows[i] - rows[j]).abs().max().item(); apart <= audible)
          refuse("distinct", member, " makes one vector at positions ", j, " and ", i,
                 " differ by no more than ", apart);
  }

  /// The first position's vectors at every position.
  static Tensor repeated(const Tensor& heads) {
    return heads.narrow(2, 0, 1).expand(heads.shape()).contiguous();
  }

  Tensor attend(const Tensor& x, const AttendOptions& how = {}) const {
    const Tensor h = encoding_(x, how.cache ? how.cache->length() : 0);
    return attention_(h, h, h, how).output;
  }

  void order() const {
    std::vector<int64_t> places(static_cast<size_t>(options_.length));
    std::iota(places.begin(), places.end(), 0);
    std::swap(places[0], places[1]);
    const auto swapped = [&](const Tensor& x) { return index_select(x, 1, from_vector(places)); };
    const double apart = (swapped(attend(x_)) - attend(swapped(x_))).abs().max().item();
    if (apart <= audible)
      refuse("order",
             "when tokens 0 and 1 change places, attention's outputs only change places "
             "too (they differ by no more than ",
             apart, "): nothing tells positions apart");
  }

  void sinusoids() const {
    if (!encoding_.acts_on_input()) refuse("rotation", "sinusoids are promised, none are added");
    const Tensor table = encoding_(zeros({options_.length, options_.d_model}, float64));
    const std::vector<WavePair> pairs = wave_pairs(options_.d_model, *options_.sinusoidal);
    for (const WavePair& pair : pairs)
      rotation(pair, table.narrow(1, pair.sine, 1).to_vector(),
               table.narrow(1, pair.cosine, 1).to_vector());
    const auto half = full({options_.length}, static_cast<double>(pairs.size()), float64);
    if (options_.d_model % 2 == 0)
      expect_same("norm", table.pow(2).sum({1}), half, "|PE|² at each position, d/2 by right");
    waves(table);
  }

  /// Whether the angle from position 0 to k, turned from any position, leads k further.
  void rotation(const WavePair& pair, const std::vector<double>& sine,
                const std::vector<double>& cosine) const {
    const double square = sine[0] * sine[0] + cosine[0] * cosine[0];
    for (size_t k = 1; k < sine.size(); ++k) {
      const double c = (cosine[k] * cosine[0] + sine[k] * sine[0]) / square;
      const double s = (sine[k] * cosine[0] - cosine[k] * sine[0]) / square;
      for (size_t p = 0; p + k < sine.size(); ++p) {
        const double turned = c * sine[p] + s * cosine[p], there = sine[p + k];
        const double turned_cosine = c * cosine[p] - s * sine[p], there_cosine = cosine[p + k];
        if (!(std::hypot(turned - there, turned_cosine - there_cosine) <= tolerance))
          refuse("rotation", "columns ", pair.sine, " and ", pair.cosine, " at position ", p,
                 ", turned by the angle of ", k, " positions, are (", turned, ", ", turned_cosine,
                 "); at position ", p + k, " they are (", there, ", ", there_cosine, ")");
      }
    }
  }

  void waves(const Tensor& table) const {
    const Tensor positions = arange(0, options_.length, 1, float64);
    for (const auto& [sine, cosine, frequency] :
         wave_pairs(options_.d_model, *options_.sinusoidal)) {
      expect_same("angle", table.select(1, sine), sin(positions * frequency), "column ", sine,
                  ", sin(", frequency, " pos) by right");
      expect_same("angle", table.select(1, cosine), cos(positions * frequency), "column ", cosine,
                  ", cos(", frequency, " pos) by right");
    }
    if (options_.d_model % 2 == 1) lone_column(table, positions);
  }

  void lone_column(const Tensor& table, const Tensor& positions) const {
    const auto& [base, layout, dtype] = *options_.sinusoidal;
    const int64_t d = options_.d_model, column = layout == SinusoidalLayout::halves ? d / 2 : d - 1;
    const bool is_t2t = layout == SinusoidalLayout::tensor2tensor;
    const double frequency = std::pow(base, -static_cast<double>(d - 1) / static_cast<double>(d));
    expect_same("odd width", table.select(1, column),
                is_t2t ? zeros_like(positions) : sin(positions * frequency), "column ", column,
                ", which has no partner, ", is_t2t ? "0" : "a sine", " by right");
  }

  void rotary_pairs() const {
    if (!encoding_.acts_on_heads()) refuse("rotary pairs", "promised, but heads are left alone");
    const int64_t width = q_.size(-1), dim = options_.rotary->dim.value_or(width);
    const bool is_halves = options_.rotary->pairs == RotaryPairs::halves;
    for (int64_t i = 0; i < dim / 2; ++i) {
      const int64_t first = is_halves ? i : 2 * i, second = is_halves ? i + dim / 2 : 2 * i + 1;
      const double frequency =
          std::pow(options_.rotary->base, -2 * static_cast<double>(i) / static_cast<double>(dim));
      expect_turned(first, second, frequency);
    }
  }

  /// The unit vector of component `first` at position p is (cos pθ, sin pθ) in a pair's components.
  void expect_turned(int64_t first, int64_t second, double frequency) const {
    const Tensor angles = arange(0, options_.length, 1, float64) * frequency;
    const auto unit = [&](int64_t component) {
      return one_hot(full({1}, static_cast<double>(component), int64), q_.size(-1)).to(float64);
    };
    const Tensor units = unit(first).expand({1, heads_, options_.length, q_.size(-1)}).contiguous();
    const Tensor right = matmul(cos(angles).unsqueeze(1), unit(first)) +
                         matmul(sin(angles).unsqueeze(1), unit(second));
    expect_same("rotary pairs", encoding_.rotate(units), right.expand(units.shape()),
                "the unit vector of component ", first, ", which turns together with ", second,
                " by ", frequency, " a position");
  }

  void norm_of_heads() const {
    expect_same("norm", encoding_.rotate(q_).pow(2).sum({-1}), q_.pow(2).sum({-1}),
                "the squared length of a turned vector, as before by right");
  }

  void relative() const {
    if (encoding_.acts_on_heads()) {
      const Tensor q = encoding_.rotate(repeated(q_)),
                   k = encoding_.rotate(repeated(doubles(q_.shape())));
      expect_toeplitz(matmul(q, k.T())[0], "the dot product of two vectors");
    }
    if (encoding_.acts_on_scores()) expect_toeplitz(bias(), "the bias");
  }

  /// scores [heads, length, length]
  void expect_toeplitz(const Tensor& scores, const char* what) const {
    const int64_t rest = options_.length - 1;
    expect_same("relative", scores.narrow(1, 1, rest).narrow(2, 1, rest),
                scores.narrow(1, 0, rest).narrow(2, 0, rest), what,
                " one position further on, where the distance is the same");
  }

  void packed() const {
    const Tensor qkv = stack({q_, doubles(q_.shape()), doubles(q_.shape())});
    for (const int64_t start : {0, 3})
      if (const Tensor turned = encoding_.rotate_packed(qkv, start); turned.defined())
        expect_same(
            "packed", turned,
            stack({encoding_.rotate(qkv[0], start), encoding_.rotate(qkv[1], start), qkv[2]}),
            "rotate_packed at offset ", start, ", against rotate");
  }

  void cache() const {
    const Tensor whole = attend(x_, {.is_causal = true});
    KeyValue cache;
    for (int64_t seen = 0, count = 1; seen < options_.length; seen += count) {
      count = std::min(seen + 1, options_.length - seen);
      expect_same("cache", attend(x_.narrow(1, seen, count), {.is_causal = true, .cache = &cache}),
                  whole.narrow(1, seen, count), "attention of ", count, " tokens after ", seen,
                  " in the cache, against the whole");
    }
  }

  void gradient() const {
    const GradcheckOptions how{.atol = tolerance};
    try {
      if (encoding_.acts_on_input())
        gradcheck([&](const std::vector<Tensor>& in) { return encoding_(in[0], 1); },
                  {doubles({1, 2, options_.d_model}).requires_grad_()}, how);
      if (encoding_.acts_on_heads())
        gradcheck([&](const std::vector<Tensor>& in) { return encoding_.rotate(in[0], 1); },
                  {doubles({1, heads_, 2, q_.size(-1)}).requires_grad_()}, how);
      const Tensor qkv = doubles({3, 1, heads_, 2, q_.size(-1)}).requires_grad_();
      if (encoding_.rotate_packed(qkv.detach()).defined())
        gradcheck([&](const std::vector<Tensor>& in) { return encoding_.rotate_packed(in[0], 1); },
                  {qkv}, how);
    } catch (const GradcheckError& error) {
      refuse("gradient", error.what());
    }
    gradient_of_parameters();
  }

  /// A number that each member and so each parameter has a part in.
  Tensor mixture() const {
    Tensor sum = zeros({}, float64);
    if (encoding_.acts_on_input()) sum = sum + (encoding_(x_) * x_).sum();
    if (encoding_.acts_on_heads()) sum = sum + encoding_.rotate(q_).pow(3).sum();
    if (encoding_.acts_on_scores()) sum = sum + exp(bias().to(float64)).sum();
    return sum;
  }

  void gradient_of_parameters() const {
    const std::vector<NamedTensor> parameters = encoding_.named_parameters();
    if (parameters.empty()) return;
    encoding_.zero_grad();
    if (const Tensor sum = mixture(); sum.requires_grad()) sum.backward();
    NoGradGuard unrecorded;
    for (const auto& [name, parameter] : parameters)
      if (parameter.requires_grad()) compare(name, parameter);
    encoding_.zero_grad();
  }

  void compare(const std::string& name, const Tensor& parameter) const {
    const Tensor grad = parameter.grad();
    const std::vector<double> found = (grad.defined() ? grad : zeros_like(parameter)).to_vector();
    for (int64_t i = 0; i < std::min(parameter.numel(), checked_elements); ++i) {
      const double expected = (moved(parameter, i, step) - moved(parameter, i, -step)) / (2 * step);
      const double is = found[static_cast<size_t>(i)];
      if (!(std::abs(is - expected) <= tolerance * (1 + std::abs(expected))))
        refuse("gradient", "that of element ", i, " of ", name, " is ", is, " and by differences ",
               expected);
    }
  }

  double moved(const Tensor& parameter, int64_t element, double by) const {
    double& value = parameter.data<double>()[element];
    const double before = value;
    value += by;
    const double sum = mixture().item();
    value = before;
    return sum;
  }

  const AnyEncoding& encoding_;
  const CheckEncodingOptions& options_;
  const int64_t heads_;
  const Tensor x_;  // [2, length, d_model]
  const Tensor q_;  // [2, heads, length, head_dim]
  const MultiheadAttention attention_;
};

}  // namespace

void check_encoding(const AnyEncoding& encoding, const CheckEncodingOptions& options) {
  if (options.length < 4 || options.num_heads < 1 || options.d_model < 1)
    fail<ValueError>(
        "check_encoding: length must be 4 or more, num_heads and d_model 1 or more, "
        "not ",
        options.length, ", ", options.num_heads, " and ", options.d_model);
  const BorrowedInDouble borrowed(encoding);
  Check(encoding, options).run();
}

}  // namespace rill::nn
