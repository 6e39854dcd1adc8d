// What a stack that somebody took over may send.
#include "tests/unit/display/harness.h"

namespace ts::display::test {
namespace {

/// Wrong messages end the stack that sent them and nothing else.
class Hostile : public ::testing::TestWithParam<int> {
 protected:
  SessionDisplay session;
};

TEST_P(Hostile, EndsThatStackOnly) {
  auto stack = session.attach();
  ASSERT_TRUE(stack->next<Geometry>());
  Bytes bytes;
  auto put = [&](const auto& message) {
    auto view = message_bytes(message);
    bytes.assign(view.begin(), view.end());
  };
  switch (GetParam()) {
    case 0:
      put(Pull{});
      bytes.pop_back();
      break;
    case 1:
      put(Refresh{});
      bytes.resize(bytes.size() - 1);
      break;
    case 2:
      put(MessageHeader{0x7ff});
      break;
    case 3:
      put(Damage{});
      break;
    case 4:
      bytes.assign(2, std::byte{1});
      break;
    case 5:
      put(MouseEvent{.button = 10, .down = 1});
      break;
    case 6:
      put(MouseEvent{.button = 4, .down = 1});
      break;
    case 7:
      put(UnicodeEvent{.code_point = 0xd800, .down = 1});
      break;
    case 8:
      put(UnicodeEvent{.code_point = 0x110000, .down = 1});
      break;
    case 9:
      put(KeyEvent{.code = 0x1e, .extended = 0x55, .down = 1});
      break;
    case 10:
      bytes.assign(60000, std::byte{0xff});
      break;
    case 11:
      for (int i = 0; i < 17; ++i) stack->send(Pull{});
      put(Pull{});
      break;
    case 12:
      put(KeyEvent{.code = 0x1e, .down = 2});
      break;
  }
  if (GetParam() == 11) {  // one Damage is due at once, so 16 may wait
    stack->send_bytes(bytes);
    stack->send(Pull{});
  } else {
    stack->send_bytes(bytes);
  }
  EXPECT_TRUE(session.waiter.until([&] { return stack->closed; }));
  EXPECT_EQ(session.process_end, "");
  auto next = session.attach();
  next->settle();
  EXPECT_TRUE(next->pull());
  EXPECT_FALSE(next->closed);
}

INSTANTIATE_TEST_SUITE_P(All, Hostile, ::testing::Range(0, 13));

}  // namespace
}  // namespace ts::display::test
