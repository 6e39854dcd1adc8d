// "Did you mean ...?": the known word nearest to a mistyped one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ts {

/// How many letters have to be changed, added, left out or swapped with their neighbour to get from one word
/// to the other (optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, if at most two edits and less than half of the word away.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace ts
