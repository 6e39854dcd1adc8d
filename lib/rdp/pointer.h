// The body of pointer shape updates ([MS-RDPBCGR] 2.2.9.1.1.4.4 to 2.2.9.1.1.4.5, 2.2.9.1.2.1.11): numbers,
// then the masks as they come. Clients drop the connection when a mask's length does not follow from width
// and height, hence the check.
#pragma once

#include <cstddef>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/update_writer.h"

namespace ts::rdp {

enum class PointerForm {
  kColor,  // 24 bits, no depth field: transparency is on or off
  kNew,    // with a depth field: 32 bits with straight alpha
  kLarge   // the same with 32 bit lengths, for more than 96x96
};

/// An error for masks that are empty, larger than `limits`, of another depth, shorter or longer than their
/// numbers say, or whose hot spot is outside.
[[nodiscard]] Result<> check_pointer(const PointerMasks& masks, const PointerLimits& limits);

/// The update's body, the same in fast-path and slow-path, of masks that were checked.
Bytes encode_pointer(const PointerMasks& masks, PointerForm form, std::uint16_t cache_slot);
/// The size of that body.
std::size_t pointer_size(std::size_t width, std::size_t height, PointerForm form);

}  // namespace ts::rdp
