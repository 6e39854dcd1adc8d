// <xcb/xkb.h> for C++: one of its fields has the name of a C++ keyword.
#pragma once

#include <xcb/xcb.h>

#include <cstdint>

#define explicit explicit_
#include <xcb/xkb.h>
#undef explicit
