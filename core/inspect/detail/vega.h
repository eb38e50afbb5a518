#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <rill/core/inspect/chart.h>

namespace rill::inspect::vega {

// What the kinds of charts have in common. For sources only: it includes all of nlohmann-json.

using Json = nlohmann::ordered_json;

/// Null where `axis` cannot show the value.
Json number(double value, const Axis& axis = {});

/// "loss [nats]"
std::string title_of(const Axis& axis);

/// What the data on one axis span.
class Extent {
 public:
  explicit Extent(const Axis& axis) : axis_(axis) {}
  void add(double value);
  void add(const std::vector<double>& values);
  /// Whether all that was added are whole numbers.
  bool is_whole() const { return whole_; }
  /// The axis's own domain, else what was added. Throws ValueError where the former is empty.
  Range range() const;

 private:
  const Axis& axis_;
  std::optional<Range> range_;
  bool whole_ = true;
};

/// The beginning of every specification: size, title, light colours.
Json begin(const std::string& title, int width, int height);

/// A linear or logarithmic scale named `name` over the extent; rounded where the axis has no domain
/// of its own and `nice` is set.
Json scale(const char* name, const Axis& axis, const Extent& extent, bool nice);

Json axis(const char* scale, const Axis& axis, const Extent* extent = nullptr);

/// The scale "color" from names to colours, and "dash" to dashes: an encoding has the same ones on
/// every chart.
Json color_scale(const std::vector<std::string>& names);
Json dash_scale(const std::vector<std::string>& names);
/// Their legend above the chart, for marks that show "stroke" or "fill".
Json legend(const char* channel, const std::vector<std::string>& names, const char* symbol);

/// Where a line ends, for its name; a rule ends at the right.
struct End {
  std::string name;
  std::optional<double> x;
  double y = 0;
};

/// Whether so many names have room one below the other.
bool have_room(size_t names, int height);

/// Puts names into the specification, to the right of the chart, moved apart where they would
/// overlap: of `lines` where they end, and of horizontal rules. The signal names_at_ends shows
/// them.
void add_ends(Json& spec, const std::vector<End>& lines, const std::vector<Rule>& rules,
              const Axis& y);

/// Puts data and marks for the rules into the specification.
void add_rules(Json& spec, const std::vector<Rule>& rules, const Axis& x, const Axis& y);

/// A name, and the expression of its value.
using Field = std::pair<std::string, std::string>;
/// What the pointer tells of a datum; of `optional` ones where there is a value. A name that comes
/// twice gets a number.
Json tooltip(const std::vector<Field>& fields, const std::vector<Field>& optional = {});

std::string dump(const Json& spec);

}  // namespace rill::inspect::vega
