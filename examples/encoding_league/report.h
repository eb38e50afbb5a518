#pragma once

#include <string>
#include <vector>

#include <rill/core/inspect/page.h>

#include "league.h"

namespace encoding_league {

/// A row for each encoding: loss with its spread over the seeds, at 1, 2 and 4 times the training
/// length; speed; parameters.
rill::Table table_of(const std::vector<Entry>& entries, int64_t block_size);

/// What the numbers show, a sentence each.
std::vector<std::string> conclusions(const std::vector<Entry>& entries, int64_t block_size);

/// Charts of the loss ("loss") and of the loss by length ("length"), the table ("league") and the
/// conclusions.
rill::Page page_of(const std::vector<Entry>& entries, int64_t block_size,
                   const std::string& settings);

}  // namespace encoding_league
