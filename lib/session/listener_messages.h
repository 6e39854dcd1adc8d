// The control socket between tsd and one of its stacks (SEQPACKET, the stack's descriptor 3). The stack waits
// on it until a client comes; afterwards it asks for private-key operations here and for nothing else, and
// tells what the handshake came to, when its client has logged on, or why it got no session.
#pragma once

#include "lib/base/message.h"
#include "lib/session/types.h"

namespace ts::session {

inline constexpr std::size_t kMaxCertificateBytes = 32 * 1024;
inline constexpr std::size_t kMaxSignInput = 1024;  // an 8192-bit RSA block is the largest

/// tsd -> stack, first: with what it will meet its client, so that it can make ready. With a descriptor if
/// `key_log`: a file for TLS key log lines. Followed in the same packet by `bytes` bytes of PEM: the chain,
/// leaf first.
struct Certificate {
  static constexpr MessageType kType = 0x506;
  MessageHeader header{kType};
  std::uint32_t key_log = 0;
  std::uint32_t bytes = 0;
};

/// tsd -> stack, with descriptors: [0] the client's TCP socket, [1] a connection to tssession on which tsd
/// has introduced it (ts.Logon.Introduce).
struct NewConnection {
  static constexpr MessageType kType = 0x501;
  MessageHeader header{kType};
  ConnectionId connection{};
  FixedText<64> peer_address;              // host:port
  std::uint32_t handshake_timeout_ms = 0;  // from accept to the client's credentials
};

/// stack -> tsd: one private-key operation. At most 2 a connection: a handshake needs one.
struct SignRequest {
  static constexpr MessageType kType = 0x502;
  MessageHeader header{kType};
  std::uint32_t operation = 0;  // net::KeyOperation
  std::uint32_t size = 0;
  std::array<std::uint8_t, kMaxSignInput> input{};
};

/// stack -> tsd, at most once a connection: it is over before it had a session, not because the client left.
/// What the stack says may be what its client made it say: it is text for the event log, and nothing else.
struct ConnectionRefused {
  static constexpr MessageType kType = 0x5a0;
  MessageHeader header{kType};
  FixedText<256> reason;
};

/// tsd -> stack. size 0: refused.
struct SignReply {
  static constexpr MessageType kType = 0x503;
  MessageHeader header{kType};
  std::uint32_t size = 0;
  std::array<std::uint8_t, kMaxSignInput> output{};
};

/// stack -> tsd, once: the client is logged on, and is no stranger any more who fills the listener.
struct LoggedOn {
  static constexpr MessageType kType = 0x504;
  MessageHeader header{kType};
};

/// stack -> tsd, once: the handshake is through, and this is what came of it. A stack's word: it is shown to
/// people and nothing is decided by it.
struct Secured {
  static constexpr MessageType kType = 0x505;
  MessageHeader header{kType};
  FixedText<16> version;  // "TLSv1.3"
  FixedText<48> cipher;   // "TLS_AES_256_GCM_SHA384"
};

}  // namespace ts::session
