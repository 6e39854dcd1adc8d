// One connection, from TCP to the goal of the plan: drives rdp::Connector over a Transport and writes down
// what it sees. Ends in every case: at the goal, at the server's no, or at the time limit; then says goodbye
// and waits, not for long, until the server has closed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cmd/tsprobe/report.h"
#include "cmd/tsprobe/transport.h"
#include "lib/codec/received_picture.h"
#include "lib/net/dial.h"

namespace ts::probe {

class Probe {
 public:
  /// Called once, from the loop; may destroy the probe.
  using Done = std::function<void()>;

  /// The plan and the certificates must outlive the probe.
  Probe(net::Loop& loop, const Plan& plan, const net::TrustedCertificates& trusted,
        const std::vector<net::TcpAddress>& addresses, Done done);

  const Report& report() const { return report_; }
  /// What was painted, if the plan wants a screenshot.
  const codec::ReceivedPicture& picture() const { return picture_; }

 private:
  void mark(Mark mark);
  void on_connected(Result<UniqueFd> socket);
  void on_secure();
  void on_input();
  void on_close(const std::string& reason);
  void on_timeout();
  Result<> step(ByteView pdu);
  Result<> write(Bytes& out);

  Result<> handle(const rdp::TlsSelected&);
  Result<> handle(const rdp::NegotiationRefused& event);
  Result<> handle(const rdp::ServerFound&);
  Result<> handle(const rdp::ReadyForLogon&);
  Result<> handle(const rdp::LicensingDone& event);
  Result<> handle(const rdp::Redirected& event);
  Result<> handle(const rdp::DesktopReady& event);
  Result<> handle(const rdp::DesktopGone&) { return {}; }
  Result<> handle(const rdp::LoggedOn& event);
  Result<> handle(const rdp::LogonError& event);
  Result<> handle(const rdp::ServerReconnectCookie&) { return {}; }
  Result<> handle(const rdp::BitmapUpdate& event);
  Result<> handle(const rdp::PaletteUpdate& event);
  Result<> handle(const rdp::ErrorInfo& event);
  Result<> handle(const rdp::ServerDisconnects& event);

  void consider_goal();
  void hold();
  /// The first that is said counts.
  void finish(Outcome outcome, std::string reason, std::optional<std::uint32_t> code = std::nullopt);
  void finish(const Error& error);
  /// What the server had told before it hung up, or else `otherwise`.
  void finish_refused(const std::string& otherwise);
  void close();

  net::Loop& loop_;
  const Plan& plan_;
  const net::TrustedCertificates& trusted_;
  Done done_;
  net::TimePoint begun_ = net::Clock::now();
  Report report_;
  rdp::Connector connector_;
  codec::ReceivedPicture picture_;
  std::optional<std::uint32_t> error_info_;
  std::optional<rdp::LogonError> logon_error_;
  bool finished_ = false;  // the report is complete
  bool holding_ = false;   // all is there, and it stays
  bool settling_ = false;  // all is there, only the screenshot waits for the picture to stand still

  net::Timer timeout_, settled_, latest_, verdict_, goodbye_;
  std::unique_ptr<net::Dialer> dialer_;
  std::unique_ptr<Transport> transport_;
};

}  // namespace ts::probe
