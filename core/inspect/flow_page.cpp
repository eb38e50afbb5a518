#include <rill/core/inspect/flow_page.h>

#include <rill/core/file.h>
#include <rill/core/inspect/detail/flow_data.h>
#include <rill/core/inspect/detail/flow_layout.h>
#include <rill/core/inspect/detail/flow_parts.h>
#include <rill/core/inspect/table.h>
#include <rill/core/inspect/trace.h>

namespace rill::inspect {

FlowPage::FlowPage(const Trace& trace, std::string title, const FlowPageOptions& options)
    : title_(std::move(title)) {
  detail::FlowData data = detail::flow_data(trace, options);
  data_ = std::move(data.json);
  graphs_ = std::move(data.graphs);
}

std::string FlowPage::html() const {
  const std::string title = escape_html(title_);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n<title>" +
         title + "</title>\n<style>\n" + detail::flow_style() + "</style>\n</head>\n<body>\n<h1>" +
         title + "</h1>\n" + detail::flow_body() + detail::json_script("flow-data", data_) +
         detail::json_script("flow-layouts", detail::layouts_json(detail::lay_out(graphs_))) +
         "<script>\n\"use strict\";\nconst rill = (() => {\n" + detail::flow_script() +
         "return {flow: begin(), ready: Promise.resolve()};\n})();\n</script>\n</body>\n</html>\n";
}

FlowPage Trace::page(const std::string& title) const { return FlowPage(*this, title); }

void FlowPage::write(const std::string& path) const { replace_file(path, html()); }

}  // namespace rill::inspect
