// What the sanitizers of `make sanitize` do and overlook, compiled into every program of that build: not
// environment variables, since most programs run with an environment that we make. Their functions have no
// header; the names are the interface.
#include <sys/prctl.h>

extern "C" {

/// A status of its own for a report, so that no test that expects a failure takes it for that. Less of what
/// was freed is kept than by default: a server is thirty processes. The symbolizer is named because PATH is
/// not ours everywhere; in a cage it is out of reach, and reports have addresses instead.
const char* __asan_default_options();
const char* __asan_default_options() {
  return "exitcode=99:detect_stack_use_after_return=1:check_initialization_order=1"
         ":quarantine_size_mb=16:print_suppressions=0:external_symbolizer_path=/usr/bin/llvm-symbolizer-14";
}

const char* __ubsan_default_options();
const char* __ubsan_default_options() {
  return "print_stacktrace=1";
}

/// pam_conv(3): what a conversation answers belongs to the module, and pam_oath (2.6) does not free it.
/// Fontconfig's patterns have their parts by offset (fcint.h, FcPatternElts), which no search follows.
const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() {
  return "leak:ts::account::PamConversation::converse\n"
         "leak:libfontconfig.so\n";
}

/// Asked at the end of a process: whether it goes without a search for leaks. In a stack's cage there is
/// none: it takes a process beside ours that traces us, and /proc. The cage refuses even the question whether
/// there is one.
int __lsan_is_turned_off();
int __lsan_is_turned_off() {
  return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0 ? 1 : 0;
}
}
