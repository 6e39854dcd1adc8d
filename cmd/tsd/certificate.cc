#include "cmd/tsd/certificate.h"

#include <unistd.h>

#include <fstream>
#include <sstream>

#include "lib/base/log.h"
#include "lib/session/listener_messages.h"

namespace ts::tsd {
namespace {

std::string own_host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

Result<std::string> read_pem(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    return fail(ErrorCode::kConfig, "cannot read the certificate '{}'", file.native());
  if (text.str().size() > session::kMaxCertificateBytes)
    return fail(ErrorCode::kConfig, "the certificate chain '{}' has {} bytes, at most {} are possible",
                file.native(), text.str().size(), session::kMaxCertificateBytes);
  return text.str();
}

}  // namespace

Result<ListenerCertificate> load_certificate(const config::Config& config) {
  auto certificate = config.listener.certificate, key_file = config.listener.private_key;
  if (certificate.empty()) {
    auto folder = config.layout.listener_pki();
    certificate = folder / "cert.pem";
    key_file = folder / "key.pem";
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);  // if it fails, writing the key says where and why
    if (!std::filesystem::exists(certificate) || !std::filesystem::exists(key_file)) {
      TS_TRY(net::make_self_signed(certificate, key_file, own_host_name()));
      log::info("Certificate made file={} host={}", certificate.native(), own_host_name());
    }
  }
  TS_TRY_ASSIGN(auto key, net::PrivateKey::load(key_file));
  TS_TRY_ASSIGN(auto pem, read_pem(certificate));
  if (auto fits = key.check_certificate(pem); !fits)
    return pass(fits.error(),
                fmt::format("certificate '{}' and key '{}'", certificate.native(), key_file.native()));
  return ListenerCertificate{std::move(pem), std::move(key)};
}

}  // namespace ts::tsd
