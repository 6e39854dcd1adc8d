// What the sanitizers of `make sanitize` are to overlook, compiled into every program of that build.

/// pam_conv(3): what a conversation answers belongs to the module, and pam_oath (2.6) does not free it.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:ts::account::PamConversation::converse\n";
}
