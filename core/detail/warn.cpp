#include <rill/core/detail/warn.h>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace rill::detail {
namespace {

/// Never destroyed: objects that outlive main may warn too.
spdlog::logger& logger() {
  static const auto* const kept = [] {
    const std::shared_ptr<spdlog::logger> given = spdlog::get("rill");
    return new std::shared_ptr<spdlog::logger>(given ? given : spdlog::stderr_color_mt("rill"));
  }();
  return **kept;
}

}  // namespace

void say_warning(const std::string& text) { logger().warn("{}", text); }

}  // namespace rill::detail
