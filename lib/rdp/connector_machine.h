// The inside of Connector: its states, and the handlers of one PDU each. connector.cc dispatches,
// connector_connect.cc holds everything up to licensing, connector_active.cc what follows.
#pragma once

#include <variant>

#include "lib/rdp/connector.h"
#include "lib/rdp/mcs.h"
#include "lib/rdp/share.h"
#include "lib/rdp/update_reader.h"

namespace ts::rdp {

// The phases of a connection, in order; each holds what is valid in it only.
struct NotStarted {};
struct AwaitingConnectionConfirm {};
struct AwaitingTls {};
struct AwaitingConnectResponse {};
struct AwaitingAttachConfirm {};
struct AwaitingJoinConfirm {
  bool io = false;  // the user channel is joined, now the I/O channel
};
struct AwaitingCredentials {};
struct Licensing {
  bool requested = false;
};
struct AwaitingDemandActive {
  bool again = false;
};
struct AwaitingFontMap {
  DesktopReady desktop;
};
struct Running {};
struct Over {
};  // said goodbye, was refused, or heard the server's goodbye: what still comes is not looked at

using ConnectorState =
    std::variant<NotStarted, AwaitingConnectionConfirm, AwaitingTls, AwaitingConnectResponse,
                 AwaitingAttachConfirm, AwaitingJoinConfirm, AwaitingCredentials, Licensing,
                 AwaitingDemandActive, AwaitingFontMap, Running, Over>;

struct Connector::Machine {
  ConnectorOptions options;
  ConnectorState state;
  std::uint16_t io_channel = kIoChannel;
  std::uint16_t user = 0;
  std::uint32_t share_id = 0;
  UpdateReader updates;
  bool broken = false;  // a step failed

  using Events = std::vector<ServerEvent>;
  template <typename State>
  bool is() const {
    return std::holds_alternative<State>(state);
  }
  /// Share PDUs may come: licensing is over.
  bool shared() const { return is<AwaitingDemandActive>() || is<AwaitingFontMap>() || is<Running>(); }
  /// There is an MCS domain to leave.
  bool in_domain() const {
    return shared() || is<AwaitingJoinConfirm>() || is<AwaitingCredentials>() || is<Licensing>();
  }
  ShareEnd end() const { return {mcs_client(user), io_channel, share_id}; }

  Result<> step(ByteView pdu, Bytes& out, Events& events);

  // connector.cc
  Result<> on_domain_pdu(ByteView mcs, Bytes& out, Events& events);
  Result<> on_data(const SendDataIndication& data, Bytes& out, Events& events);
  void on_goodbye(std::optional<std::uint8_t> reason, Events& events);

  // connector_connect.cc
  void write_connect_initial(Bytes& out);
  Result<> on_connection_confirm(ByteView pdu, Events& events);
  Result<> on_connect_response(ByteView mcs, Bytes& out, Events& events);
  Result<> on_attach_confirm(const AttachUserConfirm& confirm, Bytes& out);
  Result<> on_join_confirm(const ChannelJoinConfirm& confirm, Bytes& out, Events& events);
  Result<> on_licensing(ByteView data, Bytes& out, Events& events);
  void end_licensing(std::uint32_t error, Events& events);

  // connector_active.cc
  Result<> on_share_pdus(ByteView data, Bytes& out, Events& events);
  Result<> on_demand_active(ByteView body, Bytes& out);
  Result<> on_data_pdu(const DataPdu& pdu, Events& events);
};

}  // namespace ts::rdp
