// What no single key can say: values that do not go together.
#pragma once

#include "lib/config/document.h"

namespace ts::config {

/// Adds an error for each pair of values that contradict each other, at the place of the key to change.
void check_together(const Config& config, Findings& findings);

}  // namespace ts::config
