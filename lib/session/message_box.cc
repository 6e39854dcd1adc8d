#include "lib/session/message_box.h"

#include <algorithm>
#include <array>
#include <vector>

namespace ts::session {
namespace {

using enum BoxReply;

struct Set {
  BoxButtons buttons;
  std::string_view name;
  std::array<BoxReply, 3> replies;
  std::size_t count;
};
constexpr Set kSets[] = {{BoxButtons::kOk, "ok", {kOk}, 1},
                         {BoxButtons::kOkCancel, "ok_cancel", {kOk, kCancel}, 2},
                         {BoxButtons::kAbortRetryIgnore, "abort_retry_ignore", {kAbort, kRetry, kIgnore}, 3},
                         {BoxButtons::kYesNoCancel, "yes_no_cancel", {kYes, kNo, kCancel}, 3},
                         {BoxButtons::kYesNo, "yes_no", {kYes, kNo}, 2},
                         {BoxButtons::kRetryCancel, "retry_cancel", {kRetry, kCancel}, 2}};

constexpr const char* kReplies[] = {"", "ok", "cancel", "abort", "retry", "ignore", "yes", "no"};

const Set* find_set(BoxButtons buttons) {
  const auto* found = std::ranges::find(kSets, buttons, &Set::buttons);
  return found == std::end(kSets) ? nullptr : found;
}

}  // namespace

std::span<const BoxReply> replies_of(BoxButtons buttons) {
  const Set* set = find_set(buttons);
  return set == nullptr ? std::span<const BoxReply>() : std::span(set->replies).first(set->count);
}

bool may_reply(BoxButtons buttons, BoxReply reply) {
  auto replies = replies_of(buttons);
  return std::ranges::find(replies, reply) != replies.end();
}

std::string_view buttons_name(BoxButtons buttons) {
  const Set* set = find_set(buttons);
  return set == nullptr ? "" : set->name;
}

std::optional<BoxButtons> buttons_named(std::string_view name) {
  const auto* found = std::ranges::find(kSets, name, &Set::name);
  if (found == std::end(kSets)) return std::nullopt;
  return found->buttons;
}

std::string_view reply_name(BoxReply reply) {
  auto index = static_cast<std::size_t>(reply);
  return index < std::size(kReplies) ? kReplies[index] : "";
}

}  // namespace ts::session
