// The processes of a session as its host lists them for tssession: a part of the wire of host_messages.h, on
// the same socket. The host runs as root, so that it can look into display servers and other accounts'
// processes; who may ask is tssession's to know. A listing comes as pages of fixed size, each naming the
// request that it answers.
#pragma once

#include "lib/base/message.h"
#include "lib/session/types.h"

namespace ts::session {

/// tssession -> host: list. One that comes while another is being answered ends that one.
struct ListProcesses {
  static constexpr MessageType kType = 0x286;
  MessageHeader header{kType};
  std::uint32_t request = 0;
};

/// Names and arguments are the program's own words, in any bytes.
struct ProcessEntry {
  std::int32_t pid = 0;
  std::uint32_t uid = kNoUid;
  std::uint64_t cpu_ms = 0;
  std::uint64_t resident = 0;  // bytes, as the next three; see os::ProcessMemory
  std::uint64_t proportional = 0;
  std::uint64_t shared = 0;
  std::uint64_t alone = 0;
  std::uint32_t has_memory = 0;  // 0: not readable, the four above say nothing
  std::uint32_t reserved = 0;
  FixedText<32> name;
  FixedText<256> command;
};

inline constexpr std::size_t kProcessesPerPage = 64;  // a page has to fit into one packet
inline constexpr std::size_t kMaxProcesses = 4096;    // of one session that are listed

/// host -> tssession.
struct ProcessPage {
  static constexpr MessageType kType = 0x205;
  MessageHeader header{kType};
  std::uint32_t request = 0;
  std::uint32_t count = 0;     // entries that are filled
  std::uint32_t last = 0;      // 1: no page follows
  std::uint32_t complete = 1;  // 0: the session has more processes than are listed
  std::uint32_t reserved = 0;
  std::array<ProcessEntry, kProcessesPerPage> entries{};
};

}  // namespace ts::session
