// What a list of sessions says of each, in which order, and what can be chosen from one.
#include "lib/session/session_choice.h"

#include <gmock/gmock.h>

#include <list>

namespace ts::session {
namespace {

class SessionChoiceTest : public testing::Test {
 protected:
  Record& add(SessionId id, bool attached, std::int64_t since) {
    Record& record = records_.emplace_back();
    record.announced = true;
    auto& state = record.state;
    state.session_id = id;
    state.state = attached ? State::kActive : State::kDisc;
    state.attached = attached ? 1 : 0;
    state.connect_time = attached ? since : 5;
    state.disconnect_time = attached ? 7 : since;  // of the time before, if there is somebody
    auto& client = attached ? state.client : state.last_client;
    client.width = 1280;
    client.height = 720;
    client.name.assign("desk");
    return record;
  }
  LogonChoice choice() {
    std::vector<const Record*> sessions;
    for (const Record& record : records_) sessions.push_back(&record);
    return make_choice(std::move(sessions), true, Notice::kSessionGone);
  }

  std::list<Record> records_;
};

TEST_F(SessionChoiceTest, SaysWhatEachIs) {
  add(3, false, 1000).state.program.assign("xterm");
  add(4, true, 2000);
  const LogonChoice list = choice();
  ASSERT_EQ(list.count, 2U);
  EXPECT_EQ(list.may_start_new, 1U);
  EXPECT_EQ(list.notice, Notice::kSessionGone);
  const auto& left = list.entries[0];
  EXPECT_EQ(left.id, 3U);
  EXPECT_EQ(left.state, State::kDisc);
  EXPECT_EQ(left.disconnect_time, 1000);
  EXPECT_EQ(left.connect_time, 0);
  EXPECT_EQ(left.width, 1280);
  EXPECT_EQ(left.height, 720);
  EXPECT_EQ(left.client.view(), "desk");
  EXPECT_EQ(left.program.view(), "xterm");
  const auto& used = list.entries[1];
  EXPECT_EQ(used.id, 4U);
  EXPECT_EQ(used.disconnect_time, 0);
  EXPECT_EQ(used.connect_time, 2000);
  EXPECT_EQ(used.client.view(), "desk");
}

TEST_F(SessionChoiceTest, TheOneLeftLastIsOnTopAndThoseInUseAreBelow) {
  add(1, true, 100);
  add(2, false, 10);
  add(3, false, 30);
  add(4, true, 200);
  add(5, false, 30);
  std::vector<SessionId> ids;
  const LogonChoice list = choice();
  for (std::uint32_t i = 0; i < list.count; ++i) ids.push_back(list.entries.at(i).id);
  EXPECT_THAT(ids, testing::ElementsAre(3, 5, 2, 4, 1));
}

TEST_F(SessionChoiceTest, NamesAreCutNotSpilt) {
  Record& record = add(1, false, 1);
  record.state.last_client.name.data.fill('\xff');  // not even ended
  record.state.program.data.fill('p');
  const LogonChoice list = choice();
  EXPECT_LE(list.entries[0].client.view().size(), 64U);
  EXPECT_EQ(list.entries[0].program.view().size(), 127U);
}

TEST_F(SessionChoiceTest, MoreThanFitAreNotShownAndNotChosen) {
  for (SessionId id = 1; id <= LogonChoice::kMost + 1; ++id) add(id, false, 1000 - id);
  LogonChoice list = choice();
  EXPECT_EQ(list.count, LogonChoice::kMost);
  EXPECT_TRUE(offers(list, LogonChoice::kMost));
  EXPECT_FALSE(offers(list, LogonChoice::kMost + 1));
  list.count = 0xffffffff;
  EXPECT_TRUE(offers(list, 1));
  EXPECT_FALSE(offers(list, LogonChoice::kMost + 1));
  list.count = 1;
  EXPECT_TRUE(offers(list, 1));
  EXPECT_FALSE(offers(list, 2));
  EXPECT_TRUE(offers(list, LogonChosen::kNewSession));
  list.may_start_new = 0;
  EXPECT_FALSE(offers(list, LogonChosen::kNewSession));
}

TEST_F(SessionChoiceTest, TheMessagesAreTakenWholeOrNotAtAll) {
  const OfferSessions offer;
  const SessionChosen chosen;
  const auto whole = [](const auto& message) {
    using T = std::decay_t<decltype(message)>;
    const ByteView bytes = message_bytes(message);
    EXPECT_TRUE(message_as<T>(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(message_as<T>(bytes.first(size))) << size;
    std::vector<std::byte> longer(bytes.begin(), bytes.end());
    longer.push_back({});
    EXPECT_TRUE(message_as<T>(longer)) << "a newer program's, which says more";
  };
  whole(offer);
  whole(offer.choice);
  whole(chosen);
  whole(LogonChosen{});
  EXPECT_FALSE(message_as<LogonChoice>(message_bytes(offer)));
  static_assert(sizeof(LogonChoice::Entry) == 224 && sizeof(LogonChoice) == 16 + 16 * 224);
}

}  // namespace
}  // namespace ts::session
