#pragma once

#include <rill/core/error.h>
#include <rill/core/file.h>
#include <spdlog/spdlog.h>

#include <string>

namespace tiny_transformer {

/// A machine without Vega or Graphviz trains too, without a report.
template <class Page>
void write_page(const Page& page, const std::string& path, const char* shown) {
  std::string html;
  try {
    html = page.html();
  } catch (const rill::Error& error) {
    spdlog::warn("there is no {}: {}", path, error.what());
    return;
  }
  rill::replace_file(path, html);
  spdlog::info("{} shows {}", path, shown);
}

}  // namespace tiny_transformer
