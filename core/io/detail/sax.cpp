#include <rill/core/io/detail/sax.h>

namespace rill::detail {
namespace {

/// nlohmann-json's reason without its number and place, and without the text that it read last,
/// which may be long.
std::string reason_of(const std::string& message) {
  const size_t place = message.find(", column ");
  const size_t begin = message.find(": ", place == std::string::npos ? 0 : place);
  const size_t from = begin == std::string::npos ? 0 : begin + 2;
  const size_t end = message.find("; last read", from);
  return message.substr(from, end == std::string::npos ? end : end - from);
}

}  // namespace

void SaxReader::read(std::string_view text) {
  // nlohmann-json takes a NUL for the end of its input, and what follows it for nothing.
  const size_t nul = text.find('\0');
  if (nul != std::string_view::npos)
    refuse("it is no JSON at byte ", nul, " of ", place(), ": a NUL stands there");
  nlohmann::json::sax_parse(text.data(), text.data() + text.size(), this);
}

bool SaxReader::parse_error(size_t position, const std::string&,
                            const nlohmann::detail::exception& error) {
  const std::string reason = in_quotes(reason_of(error.what()));
  refuse("it is no JSON at byte ", position, ": ", reason);
}

}  // namespace rill::detail
