// UTF-16LE as RDP sends it <-> UTF-8 as everything here uses it.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/bytes.h"

namespace ts {

/// Decodes up to the first NUL or the end; a lone surrogate becomes U+FFFD; an odd last byte is ignored.
std::string utf16le_to_utf8(ByteView bytes);

/// Encodes without a terminator; invalid UTF-8 becomes U+FFFD.
Bytes utf8_to_utf16le(std::string_view text);

/// Takes one code point off the front of `text`, which is not empty; U+FFFD for a byte that starts none.
char32_t next_code_point(std::string_view& text);
/// Appends one Unicode scalar value.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace ts
