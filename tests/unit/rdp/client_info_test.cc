// Client Info PDU.
#include <gtest/gtest.h>

#include "lib/rdp/client_info.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp {
namespace {

using test::hex;
using test::Person;

TEST(ClientInfoPdu, AllFields) {
  Person person{.user = "älice", .program = "xterm -e top", .folder = "/tmp"};
  person.cookie = hex("1C000000 01000000 09000000 000102030405060708090A0B0C0D0E0F");
  auto info = decode_client_info(test::client_info(person));
  ASSERT_TRUE(info.has_value()) << info.error().message;
  EXPECT_EQ(info->user, "älice");
  EXPECT_EQ(info->domain, "HOST");
  EXPECT_EQ(info->password.text(), "s3cret");
  EXPECT_EQ(info->program, "xterm -e top");
  EXPECT_EQ(info->folder, "/tmp");
  EXPECT_TRUE(info->flags.autologon);
  EXPECT_TRUE(info->flags.logon_notify);
  EXPECT_TRUE(info->flags.logon_errors);
  EXPECT_TRUE(info->flags.no_audio);
  EXPECT_FALSE(info->flags.remote_audio);
  EXPECT_EQ(info->address, "10.1.2.3");
  EXPECT_EQ(info->client_folder, "C:\\client");
  EXPECT_EQ(info->timezone_bias, -60);
  EXPECT_EQ(info->performance_flags, 0x86u);
  ASSERT_TRUE(info->reconnect_cookie.has_value());
  EXPECT_EQ(info->reconnect_cookie->session_id, 9u);
  EXPECT_EQ(info->reconnect_cookie->verifier[15], std::byte{15});
}

TEST(ClientInfoPdu, BasePacketOnly) {
  auto info = decode_client_info(test::client_info({.flags = 0x13B}, false));
  ASSERT_TRUE(info.has_value()) << info.error().message;
  EXPECT_EQ(info->password.text(), "s3cret");
  EXPECT_EQ(info->address, "");
  EXPECT_FALSE(info->reconnect_cookie.has_value());
}

TEST(ClientInfoPdu, TextsOfOneBytePerCharacter) {
  auto info =
      decode_client_info(hex("4000 0000 00000000 08000000 0000 0300 0200 0000 0000"
                             "00 62 E9 62 00 70 77 00 00 00"));
  ASSERT_TRUE(info.has_value()) << info.error().message;
  EXPECT_EQ(info->user, "béb");
  EXPECT_EQ(info->password.text(), "pw");
}

TEST(ClientInfoPdu, SecurityHeaderMustBeThere) {
  Bytes pdu = test::client_info({});
  for (auto flags : {0x00, 0x48, 0x80, 0x01}) {
    pdu[0] = std::byte(flags);
    EXPECT_FALSE(decode_client_info(pdu).has_value()) << flags;
  }
}

TEST(ClientInfoPdu, TextsHaveALimit) {
  EXPECT_TRUE(decode_client_info(test::client_info({.user = std::string(255, 'x')})).has_value());
  EXPECT_FALSE(decode_client_info(test::client_info({.user = std::string(256, 'x')})).has_value());
}

TEST(ClientInfoPdu, CookieHasOneSize) {
  Person person;
  person.cookie.assign(27, std::byte{7});
  EXPECT_FALSE(decode_client_info(test::client_info(person)).has_value());
}

TEST(ClientInfoPdu, CookieOfAnotherKindIsNone) {
  for (const char* head : {"1B000000 01000000", "1C000000 02000000", "00000000 00000000"}) {
    Person person;
    person.cookie = hex(std::string(head) + "09000000 000102030405060708090A0B0C0D0E0F");
    auto info = decode_client_info(test::client_info(person));
    ASSERT_TRUE(info.has_value()) << head;
    EXPECT_FALSE(info->reconnect_cookie.has_value()) << head;
    EXPECT_EQ(info->user, "alice");
  }
}

TEST(ClientInfoPdu, WhatAClientWritesIsRead) {
  ClientInfo written;
  written.user = "bob";
  written.performance_flags = 0x80;
  for (bool with_cookie : {false, true}) {
    if (with_cookie) {
      written.reconnect_cookie.emplace();
      written.reconnect_cookie->session_id = 65535;
      written.reconnect_cookie->verifier.fill(std::byte{0xA5});
    }
    Bytes pdu;
    ASSERT_TRUE(encode_client_info(written, pdu).has_value());
    auto info = decode_client_info(pdu);
    ASSERT_TRUE(info.has_value()) << info.error().message;
    EXPECT_EQ(info->user, "bob");
    EXPECT_EQ(info->performance_flags, 0x80u);
    ASSERT_EQ(info->reconnect_cookie.has_value(), with_cookie);
    if (!with_cookie) continue;
    EXPECT_EQ(info->reconnect_cookie->session_id, 65535u);
    EXPECT_EQ(info->reconnect_cookie->verifier, written.reconnect_cookie->verifier);
  }
}

TEST(ClientInfoPdu, TruncationNeverReadsOnAndNeverInvents) {
  Person person;
  person.cookie = hex("1C000000 01000000 09000000 000102030405060708090A0B0C0D0E0F");
  Bytes whole = test::client_info(person);
  std::size_t base = test::client_info(person, false).size();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of just this size, so that a sanitizer sees a read beyond it.
    Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    auto info = decode_client_info(part);
    if (size < base) {
      EXPECT_FALSE(info.has_value()) << size;
    } else if (info) {
      EXPECT_EQ(info->user, "alice");
      EXPECT_FALSE(info->reconnect_cookie.has_value()) << size;
    }
  }
}

TEST(SecretText, LeavesNothingInTheSourceOfAMove) {
  Secret first(std::string("hunter2"));
  const char* where = first.text().data();
  Secret second(std::move(first));
  EXPECT_EQ(second.text(), "hunter2");
  EXPECT_EQ(std::string_view(where, 7), std::string_view("\0\0\0\0\0\0\0", 7));
  Secret third;
  third = std::move(second);
  EXPECT_EQ(third.text(), "hunter2");
  EXPECT_TRUE(second.empty());
}

}  // namespace
}  // namespace ts::rdp
