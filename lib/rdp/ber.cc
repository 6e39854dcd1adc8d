#include "lib/rdp/ber.h"

#include <cassert>

namespace ts::rdp {
namespace {

std::size_t read_ber_length(ByteReader& in) {
  std::uint8_t first = in.u8();
  if (first < 0x80) return first;
  if (first == 0x81) return in.u8();
  if (first == 0x82) return in.u16be();
  in.set_failed();
  return 0;
}

std::size_t integer_bytes(std::uint32_t value) {
  // The top bit is the sign, so 0x80 takes two bytes.
  return value < 0x80 ? 1 : value < 0x8000 ? 2 : value < 0x800000 ? 3 : value < 0x80000000 ? 4 : 5;
}

}  // namespace

ByteView read_ber(ByteReader& in, std::uint8_t tag) {
  if (in.u8() != tag) in.set_failed();
  std::size_t length = read_ber_length(in);
  return in.take(length);
}

ByteView read_ber_application(ByteReader& in, std::uint8_t tag) {
  if (in.u8() != 0x7F) in.set_failed();
  return read_ber(in, tag);
}

void write_ber_header(ByteWriter& out, std::uint8_t tag, std::size_t length) {
  assert(length <= 0xFFFF);
  out.u8(tag);
  out.u8(0x82);
  out.u16be(static_cast<std::uint16_t>(length));
}

std::size_t ber_integer_size(std::uint32_t value) {
  return 1 /* tag */ + 1 /* length */ + integer_bytes(value);
}

void write_ber_integer(ByteWriter& out, std::uint32_t value) {
  std::size_t size = integer_bytes(value);
  out.u8(kBerInteger);
  out.u8(static_cast<std::uint8_t>(size));
  for (std::size_t i = size; i-- > 0;) {
    out.u8(i >= 4 ? 0 : static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

std::size_t read_per_length(ByteReader& in) {
  std::size_t first = in.u8();
  if (!(first & 0x80)) return first;
  if (first & 0x40) in.set_failed();
  return ((first & 0x3F) << 8) | in.u8();
}

void write_per_length(ByteWriter& out, std::size_t length) {
  assert(length <= 0x3FFF);
  out.u16be(static_cast<std::uint16_t>(0x8000 | length));
}

}  // namespace ts::rdp
