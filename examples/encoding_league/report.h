#pragma once

#include <string>
#include <vector>

#include "../support/teller.h"
#include "league.h"

namespace encoding_league {

/// A row for each encoding: loss with its spread over the seeds, at 1, 2 and 4 times the training
/// length; speed; parameters.
rill::inspect::Table table_of(const std::vector<Entry>& entries, int64_t block_size);

/// What the numbers show, a sentence each.
std::vector<std::string> conclusions(const std::vector<Entry>& entries, int64_t block_size);

/// Tells the table ("league"), charts of the loss ("loss") and of the loss by length ("length"),
/// and the conclusions.
void tell(examples::Teller& teller, const std::vector<Entry>& entries, int64_t block_size);

}  // namespace encoding_league
