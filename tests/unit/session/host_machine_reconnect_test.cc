// What becomes of the cookie with which a client comes back by itself, as the session's life goes on.
#include <gtest/gtest.h>

#include "tests/unit/session/host_machine_fixture.h"

namespace ts::session {
namespace {

class HostMachineReconnectTest : public HostMachineTest {
 protected:
  std::vector<std::string> cookie() { return std::exchange(recorder.cookie, {}); }
  void to_active_and_look_away() {
    to_active();
    cookie();
  }
  static AttachStack automatic(std::uint8_t connection) {
    AttachStack message = attach_message(true, connection);
    message.automatic = 1;
    return message;
  }
};

TEST_F(HostMachineReconnectTest, NoneBeforeSomebodyIsLoggedOn) {
  to_approved();
  EXPECT_THAT(cookie(), IsEmpty());
  machine.start_shell(first());
  EXPECT_THAT(cookie(), IsEmpty());
  recorder.take();
  machine.shell_started({}, 200);
  EXPECT_THAT(cookie(), ElementsAre("new"));
}

TEST_F(HostMachineReconnectTest, ALostClientComesBackByItself) {
  to_active_and_look_away();
  machine.stack_gone(300);
  EXPECT_THAT(cookie(), ElementsAre("client lost"));
  ASSERT_TRUE(machine.attach(automatic(2), 400));
  EXPECT_THAT(cookie(), ElementsAre("renewed"));
  EXPECT_EQ(recorder.last.automatic, 1u);
  EXPECT_EQ(recorder.last.state, State::kActive);
  machine.stack_gone(500);
  EXPECT_EQ(recorder.last.automatic, 0u);
}

TEST_F(HostMachineReconnectTest, AConnectionThatIsNotMissedYetIsTakenOver) {
  to_active_and_look_away();
  ASSERT_TRUE(machine.attach(automatic(2), 400));
  EXPECT_THAT(recorder.take(), ElementsAre("release 5", "take", "display", "logon 0", "announce Active"));
  EXPECT_THAT(cookie(), ElementsAre("renewed"));
}

TEST_F(HostMachineReconnectTest, AnotherComputerMakesVoidWhatTheFirstOneHas) {
  to_active_and_look_away();
  ASSERT_TRUE(machine.attach(attach_message(true, 2), 400));
  EXPECT_THAT(cookie(), ElementsAre("new"));
  EXPECT_EQ(recorder.last.automatic, 0u);
}

TEST_F(HostMachineReconnectTest, WhoIsMadeToGoDoesNotComeBackByItself) {
  to_active_and_look_away();
  machine.detach(EndReason::kDisconnectedByAdmin, 300);
  EXPECT_THAT(cookie(), ElementsAre("void", "client lost"));
  ASSERT_TRUE(machine.attach(attach_message(true, 2), 400));
  cookie();
  ASSERT_TRUE(machine.moved(attach_message(true, 2).connection, 500));
  EXPECT_THAT(cookie(), ElementsAre("void", "client lost"));
}

TEST_F(HostMachineReconnectTest, NothingIsLeftOfItWhenTheSessionEnds) {
  to_active_and_look_away();
  machine.end(EndReason::kLoggedOffByUser);
  EXPECT_THAT(cookie(), ElementsAre("void"));
  EXPECT_FALSE(machine.attach(automatic(2), 400));
  EXPECT_THAT(cookie(), IsEmpty());
}

}  // namespace
}  // namespace ts::session
