// A folder for a test's event logs, and events to put there.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "lib/events/event_log.h"

namespace ts::events {

class LogsTest : public testing::Test {
 protected:
  LogsTest() {
    char name[] = "/tmp/ts-events-test-XXXXXX";
    top_ = ::mkdtemp(name);
    std::filesystem::create_directory(role("tssession"));
  }
  ~LogsTest() override { std::filesystem::remove_all(top_); }

  std::filesystem::path role(const std::string& name) const { return top_ / name; }
  std::filesystem::path file(unsigned age = 0) const { return file_path(role("tssession"), age); }
  EventLog log(Rotation rotation = {1'000'000, 3}) const {
    return {role("tssession"), "tssession", rotation};
  }

  static Event event(const std::string& user) {
    Event out{.kind = Kind::kLogon};
    out.session = 7;
    out.user = user;
    return out;
  }
  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void append(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::app) << text;
  }

  std::filesystem::path top_;
};

}  // namespace ts::events
