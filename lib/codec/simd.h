// Whether SSE2 is there: always on x86-64. Each use has a portable twin, which TS_CODEC_PORTABLE selects.
#pragma once

#if defined(__SSE2__) && !defined(TS_CODEC_PORTABLE)
#include <emmintrin.h>
#define TS_CODEC_SSE2 1
#else
#define TS_CODEC_SSE2 0
#endif
