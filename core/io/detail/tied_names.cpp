#include <rill/core/io/detail/tied_names.h>

#include <set>
#include <utility>

namespace rill::detail {
namespace {

std::set<std::string, std::less<>> lines_of(std::string_view text) {
  std::set<std::string, std::less<>> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

/// "blocks.0.weight" and "head.weight" do.
bool end_alike(std::string_view a, std::string_view b) {
  return a.substr(a.rfind('.') + 1) == b.substr(b.rfind('.') + 1);
}

}  // namespace

bool can_be_tied(std::string_view name) {
  return !name.empty() && name != tied_list_name && name.find('\n') == std::string_view::npos;
}

TiedNames tied_names_in(const Metadata& metadata,
                        const std::function<bool(std::string_view)>& is_stored) {
  const auto list = metadata.find(std::string(tied_list_name));
  const bool is_listed = list != metadata.end();
  const auto listed = lines_of(is_listed ? list->second : "");
  TiedNames tied;
  for (const auto& [name, kept] : metadata)
    if ((is_listed ? listed.contains(name) : end_alike(name, kept)) && !is_stored(name) &&
        is_stored(kept))
      tied.emplace(name, kept);
  return tied;
}

Metadata with_tied_names(Metadata metadata, const TiedNames& tied,
                         const std::function<bool(std::string_view)>& is_stored) {
  metadata.insert(tied.begin(), tied.end());
  if (tied_names_in(metadata, is_stored) == tied) return metadata;
  std::string& list = metadata[std::string(tied_list_name)];
  for (const auto& [name, kept] : tied) list += name + "\n";
  return metadata;
}

Metadata without_tied_names(Metadata metadata, const TiedNames& tied) {
  for (const auto& [name, kept] : tied) metadata.erase(name);
  metadata.erase(std::string(tied_list_name));
  return metadata;
}

}  // namespace rill::detail
