// The inside of Acceptor: its states, and the handlers of one PDU each. acceptor.cc dispatches,
// acceptor_connect.cc holds everything up to licensing, acceptor_active.cc what follows.
#pragma once

#include <set>
#include <variant>

#include "lib/rdp/acceptor.h"
#include "lib/rdp/gcc_client.h"
#include "lib/rdp/input.h"
#include "lib/rdp/mcs.h"
#include "lib/rdp/share.h"

namespace ts::rdp {

// The phases of a connection, in order; each holds what is valid in it only.
struct AwaitingConnectionRequest {
  bool preconnection_seen = false;
};
struct AwaitingConnectInitial {};  // TLS is up, or about to be
struct AwaitingErectDomain {};
struct AwaitingAttachUser {};
struct JoiningChannels {  // and awaiting the client info that ends it
  std::set<std::uint16_t> joined;
};
struct AwaitingConfirmActive {
  bool again = false;
};
struct Finalizing {
  bool again = false;
  ClientCapabilities capabilities;
};
struct Active {
  UpdateWriter updates;
};
struct Ended {
};  // said goodbye, was refused, or heard the client's goodbye: what still comes is not looked at

using AcceptorState =
    std::variant<AwaitingConnectionRequest, AwaitingConnectInitial, AwaitingErectDomain, AwaitingAttachUser,
                 JoiningChannels, AwaitingConfirmActive, Finalizing, Active, Ended>;

// Facts of the connection, known from some state on and true ever after.
struct ConnectionFacts {
  std::uint32_t requested_protocols = 0;
  std::uint16_t early_flags = 0;
  bool skip_channel_join = false;
  std::vector<std::uint16_t> static_channels;
  std::optional<std::uint16_t> message_channel;
  std::uint16_t user_channel = 0;
  std::uint16_t width = 0, height = 0, depth = 0;
  bool logon_errors = false;
  ClientCapabilities capabilities;
};

struct Acceptor::Machine {
  AcceptorOptions options;
  AcceptorState state;
  ConnectionFacts facts;
  InputDecoder input;
  bool broken = false;  // a step failed

  using Events = std::vector<Event>;
  template <typename State>
  bool is() const {
    return std::holds_alternative<State>(state);
  }
  /// The session's share exists: between the client info and the end.
  bool shared() const { return is<AwaitingConfirmActive>() || is<Finalizing>() || is<Active>(); }
  /// The MCS domain exists: after Connect Response.
  bool in_domain() const {
    return shared() || is<AwaitingErectDomain>() || is<AwaitingAttachUser>() || is<JoiningChannels>();
  }

  Result<> step(ByteView pdu, Bytes& out, Events& events);

  // acceptor_connect.cc
  Result<> on_clear_pdu(ByteView pdu, Bytes& out, Events& events);
  Result<> on_connection_request(ByteView pdu, Bytes& out, Events& events);
  Result<> on_connect_initial(ByteView mcs, Bytes& out, Events& events);
  void assign_channels(const ClientSettings& settings);
  std::pair<std::uint16_t, std::uint16_t> fit_desktop(std::uint16_t width, std::uint16_t height) const;
  void clamp_desktop(std::uint16_t width, std::uint16_t height);
  Result<> on_erect_domain();
  Result<> on_attach_user(Bytes& out);
  Result<> on_channel_join(const ChannelJoinRequest& request, Bytes& out);
  Result<> on_client_info(ByteView data, Bytes& out, Events& events);

  // acceptor.cc
  Result<> on_domain_pdu(ByteView mcs, Bytes& out, Events& events);
  Result<> on_send_data(const SendDataRequest& request, Bytes& out, Events& events);
  bool known_channel(std::uint16_t channel) const;
  void on_goodbye(Events& events);

  // acceptor_active.cc
  Result<> on_share_pdus(ByteView data, Bytes& out, Events& events);
  Result<> on_confirm_active(ByteView body, Bytes& out);
  Result<> on_data_pdu(const DataPdu& pdu, Bytes& out, Events& events);
  Result<> on_control(ByteView body, Bytes& out);
  Result<> on_font_list(Bytes& out, Events& events);
};

}  // namespace ts::rdp
