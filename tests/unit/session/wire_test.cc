// The messages between programs that may be of two versions (lib/base/message.h): none is shorter or of
// another type than in the first release, and none that has grown asks for more than it had then.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "lib/display/display_messages.h"
#include "lib/session/host_messages.h"
#include "lib/session/logon_messages.h"
#include "lib/session/message_box.h"
#include "lib/session/picture_messages.h"
#include "lib/session/process_messages.h"
#include "lib/session/spawn_messages.h"
#include "lib/session/stack_messages.h"

namespace ts {
namespace {

struct Entry {
  std::string name;
  MessageType type = 0;
  std::size_t least = 0;  // bytes
  friend bool operator==(const Entry&, const Entry&) = default;
};
void PrintTo(const Entry& entry, std::ostream* out) {
  *out << fmt::format("{{\"{}\", {:#x}, {}}}", entry.name, entry.type, entry.least);
}

template <typename T>
Entry of(const char* name) {
  return {name, T::kType, least_size<T>()};
}

const std::vector<Entry> kNow{
    // session/spawn_messages.h
    of<session::StartHost>("session::StartHost"),
    of<session::EndHost>("session::EndHost"),
    of<session::StartStack>("session::StartStack"),
    of<session::TakeOver>("session::TakeOver"),
    of<session::SpawnReply>("session::SpawnReply"),
    of<session::HostEnded>("session::HostEnded"),
    of<session::HostDisplay>("session::HostDisplay"),
    // session/host_messages.h
    of<session::HostState>("session::HostState"),
    of<session::LogonAttempt>("session::LogonAttempt"),
    of<session::ShellFailed>("session::ShellFailed"),
    of<session::Authenticated>("session::Authenticated"),
    of<session::SessionChosen>("session::SessionChosen"),
    of<session::ReconnectVerified>("session::ReconnectVerified"),
    of<session::LogonFailed>("session::LogonFailed"),
    of<session::AttachStack>("session::AttachStack"),
    of<session::VerifyReconnect>("session::VerifyReconnect"),
    of<session::PermitAttempt>("session::PermitAttempt"),
    of<session::StartShell>("session::StartShell"),
    of<session::DetachStack>("session::DetachStack"),
    of<session::StackMoved>("session::StackMoved"),
    of<session::DenyShell>("session::DenyShell"),
    of<session::OfferSessions>("session::OfferSessions"),
    of<session::EndSession>("session::EndSession"),
    of<session::ResetSession>("session::ResetSession"),
    of<session::SignalProcesses>("session::SignalProcesses"),
    of<session::ProcessesSignalled>("session::ProcessesSignalled"),
    // session/stack_messages.h
    of<session::Display>("session::Display"),
    of<session::Credentials>("session::Credentials"),
    of<session::LogonResult>("session::LogonResult"),
    of<session::ReconnectTicket>("session::ReconnectTicket"),
    of<session::End>("session::End"),
    // session/logon_messages.h
    of<session::LogonClient>("session::LogonClient"),
    of<session::LogonForm>("session::LogonForm"),
    of<session::LogonPrompt>("session::LogonPrompt"),
    of<session::LogonWorking>("session::LogonWorking"),
    of<session::LogonChoice>("session::LogonChoice"),
    of<session::LogonDone>("session::LogonDone"),
    of<session::LogonAnswer>("session::LogonAnswer"),
    of<session::LogonChosen>("session::LogonChosen"),
    of<session::LogonCancel>("session::LogonCancel"),
    of<session::LogonReady>("session::LogonReady"),
    // session/message_box.h
    of<session::ShowBox>("session::ShowBox"),
    of<session::BoxShown>("session::BoxShown"),
    of<session::BoxAnswered>("session::BoxAnswered"),
    of<session::BoxClient>("session::BoxClient"),
    of<session::CloseBox>("session::CloseBox"),
    of<session::BoxEnded>("session::BoxEnded"),
    // session/process_messages.h
    of<session::ListProcesses>("session::ListProcesses"),
    of<session::ProcessPage>("session::ProcessPage"),
    // session/picture_messages.h
    of<session::TakePicture>("session::TakePicture"),
    of<session::PictureTaken>("session::PictureTaken"),
    // display/display_messages.h
    of<display::OpenDisplay>("display::OpenDisplay"),
    of<display::AttachDisplay>("display::AttachDisplay"),
    of<display::DetachDisplay>("display::DetachDisplay"),
    of<display::FitDisplay>("display::FitDisplay"),
    of<display::AreYouThere>("display::AreYouThere"),
    of<display::StillThere>("display::StillThere"),
    of<display::TakePicture>("display::TakePicture"),
    of<display::DisplayReady>("display::DisplayReady"),
    of<display::InputSeen>("display::InputSeen"),
    of<display::Geometry>("display::Geometry"),
    of<display::PictureTaken>("display::PictureTaken"),
    of<display::Damage>("display::Damage"),
    of<display::CursorChunk>("display::CursorChunk"),
    of<display::CursorMoved>("display::CursorMoved"),
    of<display::LockState>("display::LockState"),
    of<display::Pull>("display::Pull"),
    of<display::Refresh>("display::Refresh"),
    of<display::Resize>("display::Resize"),
    of<display::Keyboard>("display::Keyboard"),
    of<display::KeyEvent>("display::KeyEvent"),
    of<display::UnicodeEvent>("display::UnicodeEvent"),
    of<display::SynchronizeEvent>("display::SynchronizeEvent"),
    of<display::MouseEvent>("display::MouseEvent"),
};

/// As they were in 0.1.0. A line is never changed; a message that is new since then has none.
const std::vector<Entry> kFirst{
    {"session::StartHost", 0x101, 8},
    {"session::EndHost", 0x102, 8},
    {"session::StartStack", 0x103, 4},
    {"session::TakeOver", 0x104, 4},
    {"session::SpawnReply", 0x181, 276},
    {"session::HostEnded", 0x182, 12},
    {"session::HostDisplay", 0x183, 8},
    {"session::HostState", 0x201, 1168},
    {"session::LogonAttempt", 0x203, 344},
    {"session::ShellFailed", 0x204, 24},
    {"session::Authenticated", 0x202, 544},
    {"session::SessionChosen", 0x207, 32},
    {"session::ReconnectVerified", 0x20c, 284},
    {"session::LogonFailed", 0x2a0, 776},
    {"session::AttachStack", 0x281, 172},
    {"session::VerifyReconnect", 0x290, 116},
    {"session::PermitAttempt", 0x285, 24},
    {"session::StartShell", 0x282, 20},
    {"session::DetachStack", 0x283, 8},
    {"session::StackMoved", 0x289, 20},
    {"session::DenyShell", 0x28a, 280},
    {"session::OfferSessions", 0x28b, 3624},
    {"session::EndSession", 0x284, 8},
    {"session::ResetSession", 0x287, 8},
    {"session::SignalProcesses", 0x288, 276},
    {"session::ProcessesSignalled", 0x206, 20},
    {"session::Display", 0x301, 8},
    {"session::Credentials", 0x302, 2052},
    {"session::LogonResult", 0x303, 780},
    {"session::ReconnectTicket", 0x305, 24},
    {"session::End", 0x304, 8},
    {"session::LogonClient", 0x501, 76},
    {"session::LogonForm", 0x502, 1032},
    {"session::LogonPrompt", 0x503, 520},
    {"session::LogonWorking", 0x504, 264},
    {"session::LogonChoice", 0x505, 3600},
    {"session::LogonDone", 0x506, 4},
    {"session::LogonAnswer", 0x581, 516},
    {"session::LogonChosen", 0x582, 8},
    {"session::LogonCancel", 0x583, 8},
    {"session::LogonReady", 0x584, 4},
    {"session::ShowBox", 0x28c, 9000},
    {"session::BoxShown", 0x208, 8},
    {"session::BoxAnswered", 0x20a, 12},
    {"session::BoxClient", 0x28e, 28},
    {"session::CloseBox", 0x28d, 8},
    {"session::BoxEnded", 0x209, 272},
    {"session::ListProcesses", 0x286, 8},
    {"session::ProcessPage", 0x205, 22040},
    {"session::TakePicture", 0x28f, 8},
    {"session::PictureTaken", 0x20b, 276},
    {"display::OpenDisplay", 0x600, 32},
    {"display::AttachDisplay", 0x601, 4},
    {"display::DetachDisplay", 0x603, 4},
    {"display::FitDisplay", 0x606, 8},
    {"display::AreYouThere", 0x608, 8},
    {"display::StillThere", 0x609, 8},
    {"display::TakePicture", 0x604, 8},
    {"display::DisplayReady", 0x602, 4},
    {"display::InputSeen", 0x607, 4},
    {"display::Geometry", 0x681, 20},
    {"display::PictureTaken", 0x605, 32},
    {"display::Damage", 0x682, 520},
    {"display::CursorChunk", 0x683, 16408},
    {"display::CursorMoved", 0x684, 8},
    {"display::LockState", 0x685, 8},
    {"display::Pull", 0x701, 4},
    {"display::Refresh", 0x702, 12},
    {"display::Resize", 0x703, 8},
    {"display::Keyboard", 0x704, 16},
    {"display::KeyEvent", 0x705, 8},
    {"display::UnicodeEvent", 0x706, 12},
    {"display::SynchronizeEvent", 0x707, 8},
    {"display::MouseEvent", 0x708, 16},
};

TEST(Wire, WhatTheFirstReleaseSaysIsUnderstood) {
  for (const auto& first : kFirst) {
    auto now = std::find_if(kNow.begin(), kNow.end(), [&](const Entry& e) { return e.name == first.name; });
    ASSERT_NE(now, kNow.end()) << first.name << " is gone: sessions that were begun with it still say it";
    EXPECT_EQ(*now, first) << "let it grow at its end, with kFirstSize, or take a new type";
  }
}

/// One that has grown since.
struct Grown {
  static constexpr MessageType kType = 0x7f01;
  static constexpr std::size_t kFirstSize = 8;
  MessageHeader header{kType};
  std::uint32_t old = 1;
  std::uint32_t added = 2;
};
struct Original {
  static constexpr MessageType kType = 0x7f01;
  MessageHeader header{kType};
  std::uint32_t old = 5;
};

TEST(Wire, AnOlderProgramsMessageHasDefaultsForWhatItDoesNotKnow) {
  auto got = message_as<Grown>(message_bytes(Original{}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->old, 5u);
  EXPECT_EQ(got->added, 2u);
  EXPECT_FALSE(message_as<Grown>(message_bytes(Original{}).first(7)));
}

TEST(Wire, OfANewerProgramsMessageTheRestIsNotLookedAt) {
  auto got = message_as<Original>(message_bytes(Grown{}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->old, 1u);
}

}  // namespace
}  // namespace ts
