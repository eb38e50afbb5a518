#include <rill/nn/detail/file_names.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include <rill/core/error.h>
#include <rill/core/ops.h>

namespace rill::nn::detail {
namespace {

/// What the stars of a pattern stand for, in their order.
using Stars = std::vector<std::string>;

/// Takes the first part of a name, up to a dot.
std::string_view take_part(std::string_view& rest) {
  const std::string_view part = rest.substr(0, rest.find('.'));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

std::optional<Stars> match(std::string_view pattern, std::string_view name) {
  Stars stars;
  while (!pattern.empty() && !name.empty()) {
    if (pattern == "*") {
      stars.emplace_back(name);
      return stars;
    }
    const std::string_view wanted = take_part(pattern), found = take_part(name);
    if (wanted == "*")
      stars.emplace_back(found);
    else if (wanted != found)
      return {};
  }
  return pattern.empty() && name.empty() ? std::optional(stars) : std::nullopt;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns,
                             [&](const std::string& one) { return match(one, name).has_value(); });
}

std::string with_stars(std::string_view pattern, const Stars& stars) {
  std::string name;
  size_t next = 0;
  for (const char c : pattern) name += c == '*' ? stars[next++] : std::string(1, c);
  return name;
}

/// Throws where a `*` stands beside something within a part: no name would fit it.
void check(const std::string& pattern) {
  for (std::string_view rest = pattern; !rest.empty();)
    if (const std::string_view part = take_part(rest); part != "*" && part.find('*') != part.npos)
      fail<ValueError>("load: '", pattern, "' has a '*' within '", part,
                       "': it stands for a whole part between dots");
}

void check(const std::string& from, const std::string& to) {
  check(from);
  if (std::ranges::count(from, '*') < std::ranges::count(to, '*'))
    fail<ValueError>("load: '", to, "' has more '*' than '", from,
                     "': each stands for what stood at its place there");
}

void check(const LoadOptions& options) {
  for (const Rename& row : options.rename) check(row.from, row.to);
  for (const Join& join : options.join) {
    if (join.from.empty()) fail<ValueError>("load: nothing is to be joined to '", join.to, "'");
    for (const std::string& from : join.from) check(from, join.to);
  }
  for (const std::string& pattern : options.transpose) check(pattern);
  for (const std::string& pattern : options.ignore) check(pattern);
}

std::string renamed(const std::string& name, const std::vector<Rename>& rows) {
  for (const Rename& row : rows)
    if (const std::optional<Stars> stars = match(row.from, name)) return with_stars(row.to, *stars);
  return name;
}

/// The parts of one tensor that have been found; undefined where one has not.
struct Parts {
  std::vector<NamedTensor> found;

  bool fit() const {
    const Tensor& first = found.front().tensor;
    return std::ranges::all_of(found, [&](const NamedTensor& part) {
      const Tensor& x = part.tensor;
      return x.defined() && x.dims() > 0 && x.dims() == first.dims() &&
             x.dtype() == first.dtype() &&
             std::ranges::equal(x.shape().begin() + 1, x.shape().end(), first.shape().begin() + 1,
                                first.shape().end());
    });
  }
  void append_to(StateDict& state, const std::string& name) const {
    if (fit()) {
      std::vector<Tensor> tensors;
      for (const NamedTensor& part : found) tensors.push_back(part.tensor);
      state.push_back({name, cat(tensors)});
      return;
    }
    for (const NamedTensor& part : found)
      if (part.tensor.defined()) state.push_back(part);
  }
};

/// Parts by the names of what they are joined to.
class Joiner {
 public:
  explicit Joiner(const std::vector<Join>& joins) : joins_(joins) {}

  /// Whether it is a part, and the first to be that one.
  bool take(const NamedTensor& one) {
    for (const Join& join : joins_)
      for (size_t i = 0; i < join.from.size(); ++i)
        if (const std::optional<Stars> stars = match(join.from[i], one.name)) {
          std::vector<NamedTensor>& found = parts_[with_stars(join.to, *stars)].found;
          found.resize(std::max(found.size(), join.from.size()));
          if (found[i].tensor.defined()) return false;
          found[i] = one;
          return true;
        }
    return false;
  }
  void append_to(StateDict& state) const {
    for (const auto& [name, parts] : parts_) parts.append_to(state, name);
  }

 private:
  const std::vector<Join>& joins_;
  std::map<std::string, Parts> parts_;
};

}  // namespace

StateDict in_names_of_module(const StateDict& file, const LoadOptions& options) {
  check(options);
  StateDict state;
  Joiner joiner(options.join);
  for (auto [name, tensor] : file) {
    if (name.starts_with(options.prefix)) name.erase(0, options.prefix.size());
    if (matches_any(options.ignore, name)) continue;
    if (tensor.dims() == 2 && matches_any(options.transpose, name))
      tensor = transpose(tensor, 0, 1);
    if (!joiner.take({name, tensor})) state.push_back({renamed(name, options.rename), tensor});
  }
  joiner.append_to(state);
  return state;
}

}  // namespace rill::nn::detail
