#pragma once

#include <rill/core/inspect/page.h>

#include <string>

namespace examples {

/// Tells things twice: on standard output, as they come, and on a page.
class Teller {
 public:
  /// The page goes into `folder`, which is made. Throws rill::Error where that fails.
  Teller(const std::string& title, const std::string& folder);

  void heading(const std::string& text, int level = 2);
  void text(const std::string& text);
  void table(const std::string& id, const rill::Table& table);
  /// A chart stands on the page alone.
  template <class Chart>
  void chart(const std::string& id, const Chart& chart) {
    page_.chart(id, chart);
  }

  /// Writes the page and says where it is. Throws rill::Error as Page::write does.
  void write(const std::string& file) const;

 private:
  std::string folder_;
  rill::Page page_;
};

}  // namespace examples
