#pragma once

namespace rill::distributed {

/// Lets this thread, which sleeps most of the time, run soon after it wakes up, in short turns,
/// where others keep all processors busy: else it would wait some ms for each. Linux can
/// since 6.12; where the system cannot, nothing changes.
void take_short_turns();

}  // namespace rill::distributed
