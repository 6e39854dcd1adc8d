// The wire between hosts and the session manager, whose messages stand in several headers.
#include "lib/session/host_messages.h"

#include <gtest/gtest.h>

#include <set>

#include "lib/session/message_box.h"
#include "lib/session/picture_messages.h"
#include "lib/session/process_messages.h"

namespace ts::session {
namespace {

template <typename... Messages>
void expect_numbers_of_their_own() {
  const std::set<MessageType> numbers{Messages::kType...};
  EXPECT_EQ(numbers.size(), sizeof...(Messages));
}

TEST(HostMessages, HaveNumbersOfTheirOwn) {
  expect_numbers_of_their_own<HostState, Authenticated, LogonAttempt, ShellFailed, ProcessPage,
                              ProcessesSignalled, SessionChosen, BoxShown, BoxEnded, BoxAnswered,
                              PictureTaken, LogonFailed, ReconnectVerified>();
  expect_numbers_of_their_own<AttachStack, StartShell, DetachStack, EndSession, PermitAttempt, ListProcesses,
                              ResetSession, SignalProcesses, StackMoved, DenyShell, OfferSessions, ShowBox,
                              CloseBox, BoxClient, TakePicture, VerifyReconnect>();
}

}  // namespace
}  // namespace ts::session
