#include <rill/core/inspect/detail/flow_terms.h>

#include <algorithm>
#include <cmath>

#include <rill/core/inspect/detail/base64.h>

namespace rill::inspect::detail {
namespace {

using Json = nlohmann::ordered_json;

int64_t largest_of(const Snapshot& gradient) {
  const auto is_smaller = [](double a, double b) { return std::abs(a) < std::abs(b); };
  if (!gradient.values.empty())
    return std::ranges::max_element(gradient.values, is_smaller) - gradient.values.begin();
  if (gradient.picture.empty()) return 0;
  const int64_t block = std::ranges::max_element(gradient.picture, is_smaller) -
                        gradient.picture.begin(),
                columns = gradient.shape.dims() > 0 ? gradient.shape.back() : 1,
                rows = gradient.numel() / columns;
  const int64_t row = block / gradient.picture_columns * rows / gradient.picture_rows,
                column = block % gradient.picture_columns * columns / gradient.picture_columns;
  return row * columns + column;
}

/// The largest, the first, the last and some between.
std::vector<int64_t> chosen_elements(const Snapshot& gradient, int64_t count) {
  const int64_t last = gradient.numel() - 1;
  std::vector<int64_t> chosen{largest_of(gradient)};
  for (int64_t i = 0; i + 1 < count; ++i) chosen.push_back(count > 2 ? last * i / (count - 2) : 0);
  std::ranges::sort(chosen);
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

/// Gathers the terms of one element after another.
class Columns {
 public:
  Columns(const Snapshot& incoming, const Snapshot& outgoing, int64_t most)
      : incoming_(incoming), outgoing_(outgoing), most_(static_cast<size_t>(most)) {}

  void add(const std::vector<Term>& terms) {
    const size_t shown = std::min(terms.size(), most_);
    counts_.push_back(shown);
    double sum = 0, rest = 0;
    for (size_t i = 0; i < terms.size(); ++i) {
      sum += terms[i].product;
      if (i >= shown) rest += terms[i].product;
    }
    for (size_t i = 0; i < shown; ++i) add(terms[i]);
    sums_.push_back(sum);
    others_.push_back(terms.size() - shown);
    rests_.push_back(rest);
  }

  void write(Json& into) const {
    const bool is_float32 = outgoing_.dtype == float32;
    into["counts"] = counts_;
    into["at"] = packed_indices(elements_);
    into["derivatives"] = packed_numbers(derivatives_, is_float32);
    if (incoming_.values.empty()) into["incoming"] = packed_numbers(incoming_values_, is_float32);
    if (outgoing_.values.empty()) into["sums"] = packed_numbers(sums_, false);
    if (std::ranges::all_of(others_, [](size_t n) { return n == 0; })) return;
    into["others"] = others_;
    into["rests"] = packed_numbers(rests_, false);
  }

 private:
  void add(const Term& term) {
    elements_.push_back(static_cast<uint32_t>(term.element));
    derivatives_.push_back(term.derivative);
    if (incoming_.values.empty()) incoming_values_.push_back(term.incoming);
  }

  const Snapshot &incoming_, &outgoing_;
  const size_t most_;
  std::vector<size_t> counts_, others_;
  std::vector<uint32_t> elements_;
  std::vector<double> derivatives_, incoming_values_, sums_, rests_;
};

}  // namespace

std::string packed_numbers(const std::vector<double>& numbers, bool is_float32) {
  if (!is_float32) return base64_of(numbers);
  return base64_of(std::vector<float>(numbers.begin(), numbers.end()));
}

Json terms_json(const Trace& trace, int64_t op, int row, const FlowPageOptions& options) {
  const TracedOp& traced = trace.ops()[op];
  const Snapshot& outgoing = *traced.rows[row].outgoing;
  const Snapshot& incoming = *trace.values()[traced.output].gradient;
  const bool all = outgoing.numel() * incoming.numel() <= options.all_terms;
  Json json = {{"op", op}, {"row", row}};
  Columns columns(incoming, outgoing, all ? incoming.numel() : options.terms);
  if (all) {
    for (int64_t i = 0; i < outgoing.numel(); ++i) columns.add(trace.terms(op, row, i));
  } else {
    const std::vector<int64_t> chosen = chosen_elements(outgoing, options.elements);
    json["elements"] = chosen;
    for (const int64_t element : chosen) columns.add(trace.terms(op, row, element));
  }
  columns.write(json);
  return json;
}

}  // namespace rill::inspect::detail
