#pragma once

#include <rill/core/inspect/page.h>

#include <string>

#include "out_folder.h"

namespace examples {

/// Tells things twice: on standard output, as they come, and on a page.
class Teller {
 public:
  /// The page goes into `folder`. Throws as OutFolder does.
  Teller(const std::string& title, const std::string& folder);

  void heading(const std::string& text, int level = 2);
  void text(const std::string& text);
  void table(const std::string& id, const rill::inspect::Table& table);
  /// A chart stands on the page alone.
  template <class Chart>
  void chart(const std::string& id, const Chart& chart) {
    page_.chart(id, chart);
  }

  /// So does what answers to its reader.
  void section(const rill::inspect::Section& section) { page_.section(section); }

  const OutFolder& folder() const { return folder_; }

  /// Writes the page and says where it is. Throws rill::Error as Page::write does.
  void write(const std::string& file) const;

 private:
  OutFolder folder_;
  rill::inspect::Page page_;
};

}  // namespace examples
