#include <array>
#include <fstream>
#include <iterator>

#include <rill/core/error.h>
#include <rill/core/inspect/detail/page_parts.h>

namespace rill::inspect::detail {
namespace {

/// What draws charts out of Vega's modules; each is a file that asks `require` for the others.
constexpr std::array modules = {
    "vega-util",           "vega-canvas",     "vega-dataflow",       "vega-encode",
    "vega-event-selector", "vega-expression", "vega-format",         "vega-functions",
    "vega-loader",         "vega-parser",     "vega-runtime",        "vega-scale",
    "vega-scenegraph",     "vega-selections", "vega-statistics",     "vega-time",
    "vega-transforms",     "vega-view",       "vega-view-transforms"};

const char* const beginning = R"(/*
Vega (https://vega.github.io/vega/), Copyright (c) 2015-2023 University of Washington Interactive
Data Lab, under the BSD 3-Clause licence; with parts of D3 (https://d3js.org), Copyright (c)
2010-2023 Mike Bostock, under the ISC licence.
*/
const vega = (() => {
const modules = {};
const made = {};
const require = (name) => {
  if (!made[name]) {
    const module = made[name] = {exports: {}};
    modules[name](module.exports, module, require);
  }
  return made[name].exports;
};
)";

const char* const end = R"(
const {transforms} = require("vega-dataflow");
for (const name of ["vega-transforms", "vega-view-transforms", "vega-encode"])
  Object.assign(transforms, require(name));
return {parse: require("vega-parser").parse, View: require("vega-view").View};
})();
)";

std::string file_of(const std::string& folder, const std::string& module) {
  const std::string name = module == "vega-selections" ? "vega-selection" : module;
  return folder + "/" + name + ".min.js";
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.empty())
    fail<Error>("a page with charts needs Vega, but ", path,
                " is not there: install it (on Debian: apt-get install libjs-vega)");
  return text.substr(0, text.rfind("//# sourceMappingURL="));
}

}  // namespace

std::string vega_script(const std::string& folder) {
  std::string script = beginning;
  for (const char* name : modules)
    script += std::string("modules[\"") + name + "\"] = function (exports, module, require) {\n" +
              text_of(file_of(folder, name)) + "\n};\n";
  return script + end;
}

}  // namespace rill::inspect::detail
