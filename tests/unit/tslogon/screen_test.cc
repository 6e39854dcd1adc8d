// The real program in a real X server, with the test as its host and as the person in front of it.
#include <xkbcommon/xkbcommon-keysyms.h>

#include <fstream>

#include "lib/ui/painter.h"
#include "tests/unit/tslogon/harness.h"

namespace ts::logon::test {
namespace {

using session::Credentials;
using session::LogonAnswer;
using session::LogonReady;
using testing::HasSubstr;

const std::uint32_t kBackground = rgb(Colour::kBackground);

session::LogonClient client(std::uint32_t keyboard, std::uint32_t scale = 0) {
  session::LogonClient out;
  out.keyboard_layout = keyboard;
  out.scale_percent = scale;
  return out;
}

/// The lowest area of this colour with lines of at least 100 pixels: the button, the chosen row.
Box lowest_area(const Pixels& pixels, Colour colour) {
  constexpr int kLeast = 100;
  Box out;
  for (int y = pixels.height - 1; y >= 0; --y) {
    Box line;
    for (int x = 0, run = 0; x < pixels.width; ++x) {
      run = pixels.at(x, y) == rgb(colour) ? run + 1 : 0;
      if (run >= kLeast) line = line.united({x - run + 1, y, run, 1});
    }
    if (line.empty() && !out.empty()) break;
    out = out.united(line);
  }
  return out;
}

TEST(Screen, IsDrawnAndTypedInto) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  const Pixels first = session.settled();
  EXPECT_EQ(first.at(0, 0), kBackground);
  EXPECT_EQ(first.at(1023, 767), kBackground);
  const Box card = first.box_without(kBackground);
  EXPECT_NEAR(card.x + card.width / 2, 512, 2);
  session.type("Ann");
  session.tap(XKB_KEY_Tab);
  session.type("pa$$ W0rd{");
  session.tap(XKB_KEY_Return);
  const auto sent = session.next<Credentials>();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->user.view(), "Ann");
  EXPECT_EQ(sent->password.view(), "pa$$ W0rd{");
  EXPECT_EQ(sent->domain.view(), "");
  session.hang_up();
  EXPECT_EQ(session.end(), "ended with status 0");
  EXPECT_EQ(session.log(), "");
}

TEST(Screen, IsUsedByTheMouseAlone) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  const Pixels first = session.settled();
  const Box button = lowest_area(first, Colour::kAccent);
  ASSERT_GT(button.width, 200);
  // The password's field is right above the button; the name's has the focus at first.
  session.click(button.x + 50, button.y - 40);
  session.type("secret");
  session.click(button.x + 50, button.y - 110);
  session.type("ann");
  session.click(button.x + button.width / 2, button.y + 5);
  const auto sent = session.next<Credentials>();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->user.view(), "ann");
  EXPECT_EQ(sent->password.view(), "secret");
}

TEST(Screen, AClickPutsTheCursorBetweenLetters) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  session.type("nn");
  const Box button = lowest_area(session.settled(), Colour::kAccent);
  session.click(button.x + 3, button.y - 110);
  session.type("a");
  session.tap(XKB_KEY_Return);
  session.tap(XKB_KEY_Return);
  EXPECT_EQ(session.next<Credentials>()->user.view(), "ann");
}

TEST(Screen, LinesAreEdited) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  session.type("xnna");
  session.tap(XKB_KEY_BackSpace);
  session.tap(XKB_KEY_Home);
  session.tap(XKB_KEY_Delete);
  session.type("a");
  session.tap(XKB_KEY_End);
  session.type("b");
  session.tap(XKB_KEY_a, XKB_KEY_Control_L);
  session.type("j");
  session.tap(XKB_KEY_Tab);
  session.type("wrong");
  session.tap(XKB_KEY_u, XKB_KEY_Control_L);
  session.type("right");
  session.tap(XKB_KEY_Return);
  const auto sent = session.next<Credentials>();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->user.view(), "jannb");
  EXPECT_EQ(sent->password.view(), "right");
}

TEST(Screen, AKeyPaintsItsFieldAlone) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  const Pixels before = session.settled();
  session.type("a");
  const Pixels now = session.settled();
  Box changed;
  for (int y = 0; y < now.height; ++y) {
    for (int x = 0; x < now.width; ++x) {
      if (now.at(x, y) != before.at(x, y)) changed = changed.united({x, y, 1, 1});
    }
  }
  EXPECT_FALSE(changed.empty());
  EXPECT_LT(changed.width, 40);
  EXPECT_LT(changed.height, 40);
}

TEST(Screen, DeadKeysAndOtherLayoutsGiveTheirCharacters) {
  LogonSession session({.arguments = {"--set", "logon.keyboards=[fr, de]"}});
  ASSERT_TRUE(session.next<LogonReady>());
  session.shown(client(0x40c));
  // To the button for the keyboard, and the first of the list: the client's own.
  for (int i = 0; i < 3; ++i) session.tap(XKB_KEY_Tab);
  session.tap(XKB_KEY_Return);
  session.tap(XKB_KEY_Home);
  session.tap(XKB_KEY_Return);
  ASSERT_TRUE(session.until([&] { return session.keyboard().starts_with("evdev pc105 fr"); },
                            std::chrono::milliseconds(1)) ||
              session.see([&](const Pixels&) { return session.keyboard().starts_with("evdev pc105 fr"); }));
  session.settled();
  session.type("zoé");
  session.tap(XKB_KEY_dead_circumflex);
  session.type("e");
  session.tap(XKB_KEY_Return);
  session.type("@#€");  // with AltGr
  session.tap(XKB_KEY_Return);
  const auto sent = session.next<Credentials>();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->user.view(), "zoéê");
  EXPECT_EQ(sent->password.view(), "@#€");
}

TEST(Screen, CapsLockIsToldAndTakenAway) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  const Pixels off = session.settled();
  session.tap(XKB_KEY_Caps_Lock);
  EXPECT_TRUE(session.see([&](const Pixels& now) { return now != off; }));
  session.tap(XKB_KEY_Caps_Lock);
  EXPECT_TRUE(session.see([&](const Pixels& now) { return now == off; }));
}

TEST(Screen, GoesAlongWithEverySize) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  for (display::Size size : {display::Size{640, 480}, {3840, 2160}, {1280, 720}, {200, 200}, {1920, 1080}}) {
    session.resize(size);
    const auto centred = [&](const Pixels& now) {
      const Box card = now.box_without(kBackground);
      return now.width == size.width && std::abs(2 * card.x + card.width - size.width) <= 2 &&
             card.height > 100;
    };
    ASSERT_TRUE(session.see(centred)) << size.width;
    EXPECT_TRUE(centred(session.settled())) << size.width;
  }
  // What is left behind of sizes in between is nothing.
  const Pixels now = session.settled();
  LogonSession fresh({.size = {1920, 1080}});
  ASSERT_TRUE(fresh.next<LogonReady>());
  EXPECT_TRUE(fresh.settled() == now);
}

TEST(Screen, TheClientsScaleCounts) {
  LogonSession session({.size = {1600, 1200}});
  ASSERT_TRUE(session.next<LogonReady>());
  const int one = session.settled().box_without(kBackground).width;
  session.send(client(0x409, 200));
  EXPECT_TRUE(session.see([&](const Pixels& now) { return now.box_without(kBackground).width == 2 * one; }));
}

TEST(Screen, AsksWhatModulesAsk) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  session::LogonPrompt prompt;
  prompt.text.assign("Code: \x1b[2J\xff");
  session.shown(prompt);
  session.type("123 456");
  session.tap(XKB_KEY_Return);
  EXPECT_EQ(session.next<LogonAnswer>()->text.view(), "123 456");
  prompt.style = session::LogonPrompt::Style::kInfo;
  session.send(prompt);
  EXPECT_TRUE(session.see([](const Pixels& now) { return now.count(rgb(Colour::kInfoFill)) > 1000; }));
  session.tap(XKB_KEY_Return);
  EXPECT_EQ(session.next<LogonAnswer>()->text.view(), "");
  session::LogonForm form;
  form.notice = session::Notice::kBadCredentials;
  session.send(form);
  EXPECT_TRUE(session.see([](const Pixels& now) { return now.count(rgb(Colour::kErrorFill)) > 1000; }));
}

TEST(Screen, ListsSessions) {
  LogonSession session({.size = {640, 480}});
  ASSERT_TRUE(session.next<LogonReady>());
  session::LogonChoice choice;
  choice.count = choice.kMost;
  for (std::uint32_t i = 0; i < choice.kMost; ++i) choice.entries[i].id = 10 + i;
  const Box row = lowest_area(session.shown(choice), Colour::kSelected);
  ASSERT_FALSE(row.empty());
  session.wheel(false, row.x + 50, row.y + 10);
  session.wheel(false, row.x + 50, row.y + 10);
  session.click(row.x + 50, row.y + row.height / 2);
  session.tap(XKB_KEY_Down);
  session.tap(XKB_KEY_Return);
  EXPECT_EQ(session.next<session::LogonChosen>()->session, 13u);
}

TEST(Screen, EscapeGivesUp) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  session.shown(session::LogonWorking{});
  session.tap(XKB_KEY_Escape);
  EXPECT_EQ(session.next<session::LogonCancel>()->disconnect, 0u);
}

TEST(Screen, StaysUntilTheDesktopIsThereAndLeavesTheSameColour) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  const Pixels waiting = session.shown(session::LogonWorking{});
  session.send(session::LogonDone{});
  session.map_window({0, 0, 1, 1});  // shows nothing: not the desktop
  EXPECT_FALSE(session.until([&] { return !session.running(); }, std::chrono::milliseconds(300)));
  EXPECT_TRUE(session.settled().at(512, 300) == waiting.at(512, 300));
  session.map_window({50, 50, 100, 100});
  EXPECT_EQ(session.end(), "ended with status 0");
  const Pixels after = session.look();
  EXPECT_EQ(after.at(60, 60), 0x00ff00u);
  EXPECT_EQ(after.at(512, 300), kBackground);
  EXPECT_EQ(after.at(900, 700), kBackground);
}

TEST(Screen, WaitsForADesktopNoLongerThanItsPatience) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  const auto start = std::chrono::steady_clock::now();
  session.send(session::LogonDone{});
  EXPECT_EQ(session.end(), "ended with status 0");
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(2900));
}

TEST(Screen, KeysThatComeAfterItIsDoneAreNotItsOwn) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  const Pixels before = session.settled();
  session.send(session::LogonDone{});
  display::XReply<xcb_get_input_focus_reply_t> focus;
  EXPECT_TRUE(session.see([&](const Pixels&) {
    xcb_connection_t* xcb = session.program().xcb();
    focus.reset(xcb_get_input_focus_reply(xcb, xcb_get_input_focus(xcb), nullptr));
    return focus && focus->focus == XCB_INPUT_FOCUS_POINTER_ROOT;
  }));
  session.type("late");
  EXPECT_TRUE(session.look() == before);
}

TEST(Screen, SpeaksTheClientsLanguage) {
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  const Pixels english = session.settled();
  session.send(client(0x411));
  EXPECT_TRUE(session.see([&](const Pixels& now) { return now != english; }));
  session.settled();
  EXPECT_EQ(session.log(), "");
  LogonSession german({.arguments = {"--set", "logon.language=de"}});
  ASSERT_TRUE(german.next<LogonReady>());
  EXPECT_TRUE(german.settled() != english);
  EXPECT_EQ(german.log(), "");
}

TEST(Screen, ALogoThatIsNoneIsOneLineInTheLog) {
  LogonSession plain;
  ASSERT_TRUE(plain.next<LogonReady>());
  for (const char* file : {"/nonexistent.png", "/etc/passwd", "/dev/zero", "/usr/share"}) {
    LogonSession session({.arguments = {"--set", std::string("logon.logo=") + file}});
    ASSERT_TRUE(session.next<LogonReady>());
    EXPECT_TRUE(session.settled() == plain.settled()) << file;
    EXPECT_THAT(session.log(), HasSubstr(std::string("Ignoring the logo '") + file));
    EXPECT_EQ(std::ranges::count(session.log(), '\n'), 1);
  }
}

TEST(Screen, WithoutFontsItSaysSoAndTakesThePasswordAllTheSame) {
  const auto empty =
      std::filesystem::temp_directory_path() / fmt::format("ts-logon-fonts-{}.conf", ::getpid());
  std::ofstream(empty)
      << "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"urn:fontconfig:fonts.dtd\"><fontconfig/>\n";
  LogonSession session({.environment = {"FONTCONFIG_FILE=" + empty.string()}});
  EXPECT_TRUE(session.next<LogonReady>());
  // Two lines above the card in the X server's own font.
  const Pixels picture = session.settled();
  int lit = 0;
  for (int y = 10; y < 50; ++y)
    for (int x = 0; x < picture.width; ++x) lit += picture.at(x, y) == 0xffffff ? 1 : 0;
  EXPECT_GT(lit, 500);
  session.type("ann");
  session.tap(XKB_KEY_Return);
  session.type("secret");
  session.tap(XKB_KEY_Return);
  const auto sent = session.next<Credentials>();
  std::filesystem::remove(empty);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->password.view(), "secret");
  EXPECT_THAT(session.log(), HasSubstr("there is no font; install the package fonts-open-sans"));
}

TEST(Screen, EndsWhenTheHostOrTheServerGoesOrTalksNonsense) {
  {
    LogonSession session;
    ASSERT_TRUE(session.next<LogonReady>());
    session.hang_up();
    EXPECT_EQ(session.end(), "ended with status 0");
  }
  LogonSession session;
  ASSERT_TRUE(session.next<LogonReady>());
  session.send_bytes(message_bytes(MessageHeader{0x502}));  // a LogonForm's type, but not its length
  EXPECT_EQ(session.end(), "ended with status 1");
  EXPECT_THAT(session.log(), HasSubstr("message 0x502 from the host is not understood"));
}

}  // namespace
}  // namespace ts::logon::test
