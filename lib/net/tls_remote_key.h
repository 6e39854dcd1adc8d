// An EVP_PKEY that knows only its public half and asks a callback for private operations. Uses OpenSSL's key
// methods (deprecated in 3.0 in favour of providers, but whole, and a tenth of the code). For tls.cc.
#pragma once

#include <openssl/evp.h>

#include "lib/net/tls.h"

namespace ts::net {

/// A key for `public_key`; `options` must outlive it. Null when the key is neither RSA nor EC.
EVP_PKEY* make_remote_key(EVP_PKEY* public_key, TlsOptions* options);

}  // namespace ts::net
