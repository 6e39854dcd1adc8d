// What tssession counts of logons, from what hosts say.
#include <gtest/gtest.h>

#include "cmd/tssession/server_service.h"
#include "lib/session/stack_messages.h"

namespace ts::tssession {
namespace {

using session::HostState;
using session::LogonStatus;

HostState with(std::uint32_t logon, std::uint32_t logons = 1) {
  HostState state;
  state.logon = logon;
  state.logons = logon == 0 ? 0 : logons;
  return state;
}
constexpr std::uint32_t code(LogonStatus status) {
  return 1 + static_cast<std::uint32_t>(status);
}

TEST(Counters, ALogonIsCountedWhenItIsFirstHeardOf) {
  Counters counters;
  HostState none = with(0), good = with(code(LogonStatus::kLoggedOn)),
            bad = with(code(LogonStatus::kBadCredentials));
  counters.note(&none, good);
  counters.note(&good, good);
  counters.note(&none, bad);
  counters.note(&none, none);
  EXPECT_EQ(counters.logons, (std::array<std::uint64_t, 4>{1, 1, 0, 0}));
}

TEST(Counters, ASecondWrongPasswordIsOneMore) {
  Counters counters;
  HostState first = with(code(LogonStatus::kBadCredentials)), second = first;
  second.logons = 2;
  counters.note(&first, second);
  counters.note(&second, with(code(LogonStatus::kLoggedOn), 3));
  EXPECT_EQ(counters.logons, (std::array<std::uint64_t, 4>{1, 1, 0, 0}));
}

TEST(Counters, WhatWasBeforeUsIsNotCountedAgain) {
  Counters counters;
  counters.note(nullptr, with(code(LogonStatus::kLoggedOn)));
  EXPECT_EQ(counters.logons, (std::array<std::uint64_t, 4>{}));
}

TEST(Counters, ACodeThatThereIsNotIsNone) {
  Counters counters;
  HostState none = with(0);
  for (std::uint32_t code : {5u, 6u, 0xffffffffu}) counters.note(&none, with(code));
  EXPECT_EQ(counters.logons, (std::array<std::uint64_t, 4>{}));
}

}  // namespace
}  // namespace ts::tssession
