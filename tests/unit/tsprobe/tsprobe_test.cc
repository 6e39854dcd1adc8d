// The parts of tsprobe that need no server: arguments, reports, sums.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cmd/tsprobe/haproxy.h"
#include "cmd/tsprobe/summary.h"

namespace ts::probe {
namespace {

using Texts = std::vector<std::string>;

TEST(Haproxy, ArgumentsOfACheckBecomeOurs) {
  EXPECT_EQ(from_haproxy({"10.0.0.1", "80", "10.0.0.2", "3390"}, true),
            (Texts{"--until", "connect", "10.0.0.2:3390"}));
  EXPECT_EQ(from_haproxy({"NOT_USED", "NOT_USED", "fe80::1", "3389"}, true),
            (Texts{"--until", "connect", "[fe80::1]:3389"}));
  EXPECT_EQ(from_haproxy({"a", "1", "h", "0"}, true), (Texts{"--until", "connect", "h"}));
  EXPECT_EQ(from_haproxy({"--until", "logon", "a", "1", "h", "2"}, true),
            (Texts{"--until", "connect", "--until", "logon", "h:2"}));
  EXPECT_EQ(from_haproxy({"a", "1", "h", "2"}, false), (Texts{"a", "1", "h", "2"}));
  EXPECT_EQ(from_haproxy({"h"}, true), (Texts{"h"}));
}

TEST(Plan, CookieNamesTheUserUnlessToldOtherwise) {
  Arguments arguments{.server = "h", .user = "ann"};
  EXPECT_EQ(make_plan(arguments)->connector.cookie_user, "ann");
  arguments.cookie = "bob";
  EXPECT_EQ(make_plan(arguments)->connector.cookie_user, "bob");
  arguments.cookie = "";
  arguments.routing_token = "tok";
  EXPECT_EQ(make_plan(arguments)->connector.cookie_user, "");
  arguments.routing_token = "a\nb";
  EXPECT_FALSE(make_plan(arguments));
}

TEST(Plan, Limits) {
  for (const char* size : {"64x64", "8192x8192"})
    EXPECT_TRUE(make_plan({.server = "h", .size = size})) << size;
  for (const char* size :
       {"63x64", "64x63", "8193x64", "x", "800x", "x600", "800x600x", "-800x600", "800X600"})
    EXPECT_FALSE(make_plan({.server = "h", .size = size})) << size;
  EXPECT_EQ(make_plan({.server = "h", .count = 3, .parallel = 9})->parallel, 3);
  EXPECT_FALSE(make_plan({.server = "h", .parallel = 1001}));
  EXPECT_FALSE(make_plan({.server = "h", .count = 0}));
}

TEST(Password, IsTheFirstLine) {
  std::string file = testing::TempDir() + "tsprobe_password." + std::to_string(::getpid());
  auto read = [&](const std::string& text) {
    std::ofstream(file) << text;
    auto password = read_password({.password_file = file});
    return password ? password->text() : "error: " + password.error().message;
  };
  EXPECT_EQ(read("s3cret\n"), "s3cret");
  EXPECT_EQ(read("s3cret"), "s3cret");
  EXPECT_EQ(read("s3cret\r\nmore\n"), "s3cret");
  EXPECT_EQ(read(" a b \n"), " a b ");
  EXPECT_EQ(read("\nx"), "error: the password is empty: its first line is what counts");
  EXPECT_EQ(read(std::string(2000, 'x')).size(), 1024u);
  std::filesystem::remove(file);
  EXPECT_FALSE(read_password({.password_file = file}));
  EXPECT_TRUE(read_password({})->empty());
}

const net::HostPort kServer{"h", "3389"};

Report reached(int milliseconds) {
  Report report;
  report.times[0] = Micros(milliseconds * 1000);
  return report;
}

TEST(ReportTest, NothingOfAServerReachesATerminalOrBreaksJson) {
  Report report;
  report.outcome = Outcome::kRefused;
  report.reason = "bad \x1b[31m";
  report.code = 7;
  report.tls_version = "TLSv1.3";
  report.certificate = net::PeerCertificate{.subject = "CN=\x1b]0;x\xff"};
  report.logon = rdp::LoggedOn{.user = "\xc2\x9b"};
  report.redirected = rdp::Redirected{.load_balance_info = "tok\r\n\xff"};
  std::string text = report_text(kServer, report) + failure_text(kServer, report);
  for (char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c < 0x7F)) << int(c);
  auto json = nlohmann::json::parse(report_json(kServer, report));
  EXPECT_EQ(json["result"], "refused");
  EXPECT_EQ(json["code"], 7);
  EXPECT_TRUE(json["desktop"].is_null());
  EXPECT_TRUE(json["times"]["tcp_us"].is_null());
  EXPECT_EQ(failure_text({"::1", "5"}, report).substr(0, 7), "[::1]:5");
}

TEST(ReportTest, ExitCodes) {
  EXPECT_EQ(exit_code_of(Outcome::kOk), 0);
  EXPECT_EQ(exit_code_of(Outcome::kRedirected), 0);
  EXPECT_EQ(exit_code_of(Outcome::kRefused), 1);
  EXPECT_EQ(exit_code_of(Outcome::kProtocolError), 1);
  EXPECT_EQ(exit_code_of(Outcome::kUnreachable), 4);
  EXPECT_EQ(exit_code_of(Outcome::kTimedOut), 7);
}

TEST(SummaryTest, LeastMedianMostAndFailures) {
  Summary summary;
  for (int time : {5, 1, 3, 2}) summary.add(kServer, reached(time));
  Report late;
  late.outcome = Outcome::kTimedOut;
  late.reason = "late";
  summary.add(kServer, late);
  summary.add(kServer, late);
  Report no;
  no.outcome = Outcome::kRefused;
  no.reason = "no";
  summary.add(kServer, no);
  EXPECT_EQ(summary.exit_code(), cli::kTimedOut) << "the first failure's";
  Plan plan;
  plan.server = kServer;
  plan.count = 7;
  auto json = nlohmann::json::parse(summary.json(plan, Micros(2'000'000)));
  EXPECT_EQ(json["results"]["ok"], 4);
  EXPECT_EQ(json["results"]["timed_out"], 2);
  EXPECT_EQ(json["times"]["tcp_us"]["count"], 4);
  EXPECT_EQ(json["times"]["tcp_us"]["min"], 1000);
  EXPECT_EQ(json["times"]["tcp_us"]["median"], 2500);
  EXPECT_EQ(json["times"]["tcp_us"]["max"], 5000);
  EXPECT_TRUE(json["times"]["tls_us"].is_null());
  EXPECT_EQ(summary.failures(), (Texts{"2 times: h:3389: late", "once: h:3389: no"}));
}

}  // namespace
}  // namespace ts::probe
