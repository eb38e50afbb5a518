#include <rill/core/inspect/detail/flow_parts.h>

#include <rill/core/detail/utf8.h>

namespace rill::inspect::detail {

std::string json_script(const std::string& id, const std::string& json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : rill::detail::valid_utf8(json)) c == '<' ? text += "\\u003c" : text += c;
  return "<script type=\"application/json\" id=\"" + id + "\">" + text + "</script>\n";
}

}  // namespace rill::inspect::detail
