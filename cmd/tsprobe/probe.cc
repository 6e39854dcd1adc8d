#include "cmd/tsprobe/probe.h"

#include "lib/base/random.h"
#include "lib/rdp/error_info.h"
#include "lib/rdp/license.h"

namespace ts::probe {
namespace {

using namespace std::chrono_literals;

constexpr auto kStill = 500ms;     // without an update: the picture has settled
constexpr auto kStillAtMost = 5s;  // a clock or a video never does
constexpr auto kVerdict = 1s;      // for the error info that follows a logon error
constexpr auto kGoodbye = 1s;      // for the server to close

}  // namespace

Probe::Probe(net::Loop& loop, const Plan& plan, const net::TrustedCertificates& trusted,
             const std::vector<net::TcpAddress>& addresses, Done done)
    : loop_(loop),
      plan_(plan),
      trusted_(trusted),
      done_(std::move(done)),
      connector_(plan.connector),
      timeout_(loop, [this] { on_timeout(); }),
      settled_(loop, [this] { finish(Outcome::kOk, ""); }),
      latest_(loop, [this] { finish(Outcome::kOk, ""); }),
      verdict_(loop, [this] { finish_refused(""); }),
      goodbye_(loop, [this] { close(); }) {
  timeout_.start(plan.timeout);
  dialer_ = std::make_unique<net::Dialer>(
      loop, addresses, [this](Result<UniqueFd> socket) { on_connected(std::move(socket)); });
}

void Probe::mark(Mark mark) {
  auto& time = report_.times[static_cast<std::size_t>(mark)];
  if (!time) time = std::chrono::duration_cast<Micros>(net::Clock::now() - begun_);
}

void Probe::on_connected(Result<UniqueFd> socket) {
  if (finished_) return;  // the time was over just before
  if (!socket) return finish(Outcome::kUnreachable, "cannot be reached: " + socket.error().message);
  mark(Mark::kTcp);
  transport_ = std::make_unique<Transport>(
      loop_, std::move(*socket),
      Transport::Handlers{.on_input = [this] { on_input(); },
                          .on_secure = [this] { on_secure(); },
                          .on_close = [this](const std::string& reason) { on_close(reason); }});
  Bytes out;
  connector_.start(out);
  if (auto written = write(out); !written) finish(written.error());
}

void Probe::on_secure() {
  mark(Mark::kTls);
  report_.tls_version = transport_->tls()->version();
  report_.tls_cipher = transport_->tls()->cipher();
  auto certificate = transport_->tls()->peer_certificate();
  if (!certificate) return finish(certificate.error());
  report_.certificate = *certificate;
  if (plan_.verify && !certificate->verified)
    return finish(Outcome::kRefused, "the server's certificate is not verified: " + certificate->problem);
  Bytes out;
  connector_.secured(out);
  if (auto written = write(out); !written) finish(written.error());
}

void Probe::on_input() {
  while (!finished_) {
    auto size = connector_.frame_size(transport_->received());
    if (!size) return finish(size.error());
    if (!*size || transport_->received().size() < **size) return;
    ByteView pdu = transport_->received().first(**size);
    transport_->consume(pdu.size());
    if (auto stepped = step(pdu); !stepped) return finish(stepped.error());
  }
}

Result<> Probe::step(ByteView pdu) {
  Bytes out;
  std::vector<rdp::ServerEvent> events;
  auto stepped = connector_.step(pdu, out, events);
  // What was understood before the mistake counts: perhaps the server said why.
  TS_TRY(write(out));
  for (const auto& event : events) {
    if (finished_) return {};
    TS_TRY(std::visit([this](const auto& e) { return handle(e); }, event));
  }
  return stepped;
}

Result<> Probe::write(Bytes& out) {
  auto written = transport_->write(out);
  wipe(out.data(), out.size());  // one of them holds the password
  out.clear();
  return written;
}

Result<> Probe::handle(const rdp::TlsSelected&) {
  mark(Mark::kNegotiated);
  return transport_->start_tls(plan_.server.host, trusted_);
}

Result<> Probe::handle(const rdp::NegotiationRefused& event) {
  mark(Mark::kNegotiated);
  finish(Outcome::kRefused, event.text, event.code);
  return {};
}

Result<> Probe::handle(const rdp::ServerFound&) {
  mark(Mark::kMcs);
  return {};
}

Result<> Probe::handle(const rdp::ReadyForLogon&) {
  mark(Mark::kJoined);
  if (plan_.goal == Goal::kConnect) {
    finish(Outcome::kOk, "");
    return {};
  }
  rdp::ClientInfo info;
  info.user = plan_.user;
  info.domain = plan_.domain;
  info.password = rdp::Secret(std::string(plan_.password.text()));
  Bytes out;
  TS_TRY(connector_.log_on(std::move(info), out));
  return write(out);
}

Result<> Probe::handle(const rdp::LicensingDone& event) {
  mark(Mark::kLicensed);
  report_.license = event;  // when it was refused, the server goes on or hangs up as it likes
  return {};
}

Result<> Probe::handle(const rdp::Redirected& event) {
  report_.redirected = event;
  finish(Outcome::kRedirected, "");
  return {};
}

Result<> Probe::handle(const rdp::DesktopReady& event) {
  mark(Mark::kDesktop);
  report_.desktop = event;
  report_.reactivations += event.again;
  return plan_.screenshot.empty() ? Result<>() : picture_.reset(event.width, event.height);
}

Result<> Probe::handle(const rdp::LoggedOn& event) {
  mark(Mark::kLogon);
  // Some servers first notify and then name.
  if (!report_.logon || report_.logon->user.empty()) report_.logon = event;
  consider_goal();
  return {};
}

Result<> Probe::handle(const rdp::LogonError& event) {
  if (!rdp::logon_error_is_final(event.type, event.data)) return {};
  // Servers then hang up with an error info, which says it better, or ask the user, whom we have not got.
  logon_error_ = event;
  verdict_.start(kVerdict);
  return {};
}

Result<> Probe::handle(const rdp::BitmapUpdate& event) {
  mark(Mark::kPicture);
  if (!plan_.screenshot.empty()) {
    for (const auto& piece : event.pieces) {
      TS_TRY(picture_.paint({.left = piece.left,
                             .top = piece.top,
                             .right = piece.right,
                             .bottom = piece.bottom,
                             .width = piece.width,
                             .height = piece.height,
                             .bits_per_pixel = piece.depth,
                             .compressed = piece.compressed,
                             .data = piece.data}));
    }
  }
  consider_goal();
  return {};
}

Result<> Probe::handle(const rdp::PaletteUpdate& event) {
  codec::Palette palette;
  for (std::size_t i = 0; i < palette.size(); ++i)
    palette[i] = {event.colors[i].red, event.colors[i].green, event.colors[i].blue};
  picture_.set_palette(palette);
  return {};
}

Result<> Probe::handle(const rdp::ErrorInfo& event) {
  if (event.code != 0) error_info_ = event.code;
  return {};
}

Result<> Probe::handle(const rdp::ServerDisconnects& event) {
  finish_refused(event.reason ? rdp::ultimatum_text(*event.reason) : "the server disconnected");
  return {};
}

void Probe::consider_goal() {
  auto reached = [&](Mark mark) { return report_.times[static_cast<std::size_t>(mark)].has_value(); };
  bool logon = reached(Mark::kLogon) || !plan_.has_credentials();
  bool there = plan_.goal == Goal::kLogon ? logon : logon && reached(Mark::kPicture);
  if (!there || holding_) return;
  if (plan_.hold.count() > 0) return hold();
  if (plan_.screenshot.empty()) return finish(Outcome::kOk, "");
  settled_.start(kStill);
  if (!std::exchange(settling_, true)) latest_.start(kStillAtMost);
}

/// What comes meanwhile is taken, and the server's hanging up is a failure as before.
void Probe::hold() {
  holding_ = true;
  timeout_.stop();
  latest_.start(plan_.hold);
}

void Probe::on_timeout() {
  if (settling_) return finish(Outcome::kOk, "");
  auto what = transport_ ? std::string(connector_.state_name()) : "connecting";
  if (connector_.active() && plan_.has_credentials() && !report_.logon)
    what = "waiting for the server to tell that the user is logged on (some never do: leave --user out)";
  finish(Outcome::kTimedOut, fmt::format("no answer within {} s, {}", plan_.timeout.count(), what));
}

void Probe::on_close(const std::string& reason) {
  if (finished_) return close();
  auto state = connector_.state_name();
  finish_refused(reason.empty() ? fmt::format("the server closed the connection, {}", state)
                                : fmt::format("the connection broke, {}: {}", state, reason));
}

void Probe::finish_refused(const std::string& otherwise) {
  if (error_info_) return finish(Outcome::kRefused, rdp::error_info_text(*error_info_), *error_info_);
  if (logon_error_)
    return finish(Outcome::kRefused, rdp::logon_error_text(logon_error_->type, logon_error_->data),
                  logon_error_->type);
  if (report_.license && report_.license->refused)
    return finish(Outcome::kRefused, rdp::license_error_text(report_.license->error), report_.license->error);
  finish(Outcome::kRefused, otherwise);
}

void Probe::finish(const Error& error) {
  if (error_info_) return finish_refused("");
  bool protocol = error.code == ErrorCode::kMalformed;
  finish(protocol ? Outcome::kProtocolError : Outcome::kRefused, error.message);
}

void Probe::finish(Outcome outcome, std::string reason, std::optional<std::uint32_t> code) {
  if (std::exchange(finished_, true)) return;
  mark(Mark::kEnd);
  report_.outcome = outcome;
  report_.reason = std::move(reason);
  report_.code = code;
  timeout_.stop();
  settled_.stop();
  latest_.stop();
  verdict_.stop();
  if (!transport_) return goodbye_.start(0ms);
  Bytes out;
  connector_.leave(out);
  (void)write(out);
  transport_->finish();
  goodbye_.start(kGoodbye);
}

void Probe::close() {
  goodbye_.stop();
  auto done = std::exchange(done_, nullptr);
  if (done) done();  // may destroy us
}

}  // namespace ts::probe
