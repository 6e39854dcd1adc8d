// The listener's certificate and key: the configured pair, or one of its own made on the first run.
#pragma once

#include <string>

#include "lib/config/config.h"
#include "lib/net/tls_key.h"

namespace ts::tsd {

struct ListenerCertificate {
  std::string pem;  // chain, leaf first: public, given to every stack
  net::PrivateKey key;
};

/// Errors name the file and what to do.
Result<ListenerCertificate> load_certificate(const config::Config& config);

}  // namespace ts::tsd
