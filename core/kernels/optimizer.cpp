#include <rill/core/kernels/dispatch.h>
#include <rill/core/kernels/optimizer.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/simd/optimizer_spans.h>
#include <cmath>

namespace rill::kernels {

RILL_SIMD_PICK(SpanTable, optimizer_spans)

namespace {

// Calls f(span, begin, end) for the parts of the spans that the elements [begin, end) of all of
// them, laid end to end, fall into. f is a copy: what it keeps from one span to the next is its
// own.
template <class Span, class F>
void for_each_part(int64_t count, const Span* spans, int64_t begin, int64_t end, F f) {
  int64_t first = 0;
  for (int64_t i = 0; i < count && first < end; first += spans[i++].n) {
    const int64_t from = std::max<int64_t>(begin - first, 0);
    const int64_t to = std::min(end - first, spans[i].n);
    if (from < to) f(spans[i], from, to);
  }
}

template <class Span>
int64_t total_size(int64_t count, const Span* spans) {
  int64_t total = 0;
  for (int64_t i = 0; i < count; ++i) total += spans[i].n;
  return total;
}

template <class Span, class F>
void parallel_for_spans(int64_t count, const Span* spans, F f) {
  parallel_for(total_size(count, spans), simple_grain,
               [&](int64_t begin, int64_t end) { for_each_part(count, spans, begin, end, f); });
}

template <class T>
AdamFactors<T> factors_of(const Adam& options, int64_t step) {
  const double t = static_cast<double>(step);
  const double correction1 = 1 - std::pow(options.beta1, t);
  const double correction2 = 1 - std::pow(options.beta2, t);
  AdamFactors<T> f;
  f.near_gradient = options.beta1 < 0.5;
  f.share = static_cast<T>(f.near_gradient ? -options.beta1 : 1 - options.beta1);
  f.beta2 = static_cast<T>(options.beta2);
  f.beta2_rest = static_cast<T>(1 - options.beta2);
  f.step_size = static_cast<T>(options.lr / correction1);
  f.root_correction = static_cast<T>(std::sqrt(correction2));
  f.eps = static_cast<T>(options.eps);
  f.decay = static_cast<T>(options.decoupled ? 0 : options.weight_decay);
  f.shrink = static_cast<T>(options.decoupled ? 1 - options.lr * options.weight_decay : 1);
  return f;
}

template <class T>
RmspropFactors<T> factors_of(const Rmsprop& options) {
  RmspropFactors<T> f;
  f.near_gradient = options.alpha < 0.5;
  f.share = static_cast<T>(f.near_gradient ? -options.alpha : 1 - options.alpha);
  f.alpha = static_cast<T>(options.alpha);
  f.alpha_rest = static_cast<T>(1 - options.alpha);
  f.lr = static_cast<T>(options.lr);
  f.eps = static_cast<T>(options.eps);
  f.decay = static_cast<T>(options.weight_decay);
  f.momentum = static_cast<T>(options.momentum);
  return f;
}

}  // namespace

template <class T>
void adam(int64_t count, const AdamSpan<T>* params, const Adam& options) {
  const SpanFunctions<T>& functions = pick_optimizer_spans().template of<T>();
  const auto update = [&, step = int64_t{0}, factors = AdamFactors<T>()](
                          const AdamSpan<T>& s, int64_t begin, int64_t end) mutable {
    if (s.step != step) factors = factors_of<T>(options, step = s.step);
    functions.adam(end - begin, factors, s.param + begin, s.grad + begin, s.m + begin, s.v + begin,
                   s.vmax ? s.vmax + begin : nullptr);
  };
  parallel_for_spans(count, params, update);
}

template <class T>
void sgd(int64_t count, const SgdSpan<T>* params, const Sgd& options) {
  const SpanFunctions<T>& functions = pick_optimizer_spans().template of<T>();
  parallel_for_spans(count, params, [&](const SgdSpan<T>& s, int64_t begin, int64_t end) {
    functions.sgd(end - begin, options, s.first, s.param + begin, s.grad + begin,
                  s.buffer ? s.buffer + begin : nullptr);
  });
}

template <class T>
void rmsprop(int64_t count, const RmspropSpan<T>* params, const Rmsprop& options) {
  const SpanFunctions<T>& functions = pick_optimizer_spans().template of<T>();
  const RmspropFactors<T> factors = factors_of<T>(options);
  const auto from = [](T* x, int64_t begin) { return x ? x + begin : nullptr; };
  parallel_for_spans(count, params, [&](const RmspropSpan<T>& s, int64_t begin, int64_t end) {
    functions.rmsprop(end - begin, factors, s.param + begin, s.grad + begin, s.square_mean + begin,
                      from(s.mean, begin), from(s.buffer, begin));
  });
}

template <class T>
double sum_of_squares(int64_t count, const Span<const T>* spans) {
  const SpanFunctions<T>& functions = pick_optimizer_spans().template of<T>();
  const auto part = [&](int64_t begin, int64_t end) {
    double total = 0;
    for_each_part(count, spans, begin, end,
                  [&](const Span<const T>& span, int64_t from, int64_t to) {
                    total += functions.squares(to - from, span.data + from);
                  });
    return total;
  };
  return parallel_reduce(total_size(count, spans), simple_grain, 0.0, part,
                         [](double a, double b) { return a + b; });
}

template <class T>
void scale(int64_t count, const Span<T>* spans, double factor) {
  const SpanFunctions<T>& functions = pick_optimizer_spans().template of<T>();
  parallel_for_spans(count, spans, [&](const Span<T>& span, int64_t begin, int64_t end) {
    functions.scale(end - begin, static_cast<T>(factor), span.data + begin);
  });
}

#define RILL_INSTANTIATE(T)                                                 \
  template void adam<T>(int64_t, const AdamSpan<T>*, const Adam&);          \
  template void sgd<T>(int64_t, const SgdSpan<T>*, const Sgd&);             \
  template void rmsprop<T>(int64_t, const RmspropSpan<T>*, const Rmsprop&); \
  template double sum_of_squares<T>(int64_t, const Span<const T>*);         \
  template void scale<T>(int64_t, const Span<T>*, double);
RILL_INSTANTIATE(float)
RILL_INSTANTIATE(double)
#undef RILL_INSTANTIATE

}  // namespace rill::kernels
