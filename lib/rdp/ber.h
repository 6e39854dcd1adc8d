// The little of BER (X.690) and PER (X.691) that MCS and GCC use. Readers set the ByteReader to failed on
// what they cannot read; lengths over 65535 and PER fragments do not occur in RDP and are refused.
#pragma once

#include "lib/base/bytes.h"

namespace ts::rdp {

inline constexpr std::uint8_t kBerBoolean = 0x01;
inline constexpr std::uint8_t kBerInteger = 0x02;
inline constexpr std::uint8_t kBerOctetString = 0x04;
inline constexpr std::uint8_t kBerEnumerated = 0x0A;
inline constexpr std::uint8_t kBerSequence = 0x30;

/// Content of the next element, which must have this one-byte tag.
ByteView read_ber(ByteReader& in, std::uint8_t tag);
/// Content of the next element, which must have this constructed application tag (7F nn).
ByteView read_ber_application(ByteReader& in, std::uint8_t tag);

/// A tag and the two-byte length form (82 hi lo), whatever the length.
void write_ber_header(ByteWriter& out, std::uint8_t tag, std::size_t length);
/// INTEGER in as few bytes as hold it.
void write_ber_integer(ByteWriter& out, std::uint32_t value);
/// How many bytes write_ber_integer() writes.
std::size_t ber_integer_size(std::uint32_t value);

/// PER length determinant: one byte below 128, else two.
std::size_t read_per_length(ByteReader& in);
/// PER length determinant in its two-byte form (0x8000 | length), up to 16383.
void write_per_length(ByteWriter& out, std::size_t length);

}  // namespace ts::rdp
