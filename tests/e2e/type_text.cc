// A client on FreeRDP's own library that types Unicode ([MS-RDPBCGR] 2.2.8.1.2.2.2): what Debian's ready-made
// clients here cannot, because they send the places of keys only.
//
//   type_text HOST PORT USER PASSWORD TEXTS
//
// TEXTS is a named pipe; each line that anybody writes there is typed. Ends when the connection ends.
#include <fcntl.h>
#include <freerdp/freerdp.h>
#include <freerdp/gdi/gdi.h>
#include <freerdp/graphics.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "lib/base/utf.h"

namespace {

BOOL done(rdpContext*) {
  return TRUE;
}

BOOL on_resize(rdpContext* context) {
  return gdi_resize(context->gdi, context->settings->DesktopWidth, context->settings->DesktopHeight);
}

/// The library gives a connection up when one of these is missing.
BOOL on_connected(freerdp* client) {
  if (!gdi_init(client, PIXEL_FORMAT_BGRX32)) return FALSE;
  rdpPointer pointer{};
  pointer.size = sizeof pointer;
  pointer.New = [](rdpContext*, rdpPointer*) { return TRUE; };
  pointer.Free = [](rdpContext*, rdpPointer*) {};
  pointer.Set = [](rdpContext*, const rdpPointer*) { return TRUE; };
  pointer.SetNull = done;
  pointer.SetDefault = done;
  pointer.SetPosition = [](rdpContext*, UINT32, UINT32) { return TRUE; };
  graphics_register_pointer(client->context->graphics, &pointer);
  client->update->DesktopResize = on_resize;
  client->update->BeginPaint = done;
  client->update->EndPaint = done;
  return TRUE;
}

void configure(rdpSettings& settings, char** arguments) {
  settings.ServerHostname = ::strdup(arguments[1]);
  settings.ServerPort = static_cast<UINT32>(std::atoi(arguments[2]));
  settings.Username = ::strdup(arguments[3]);
  settings.Password = ::strdup(arguments[4]);
  settings.AutoLogonEnabled = TRUE;
  settings.NlaSecurity = FALSE;
  settings.RdpSecurity = FALSE;
  settings.IgnoreCertificate = TRUE;
  settings.UnicodeInput = TRUE;
  settings.ColorDepth = 32;
  settings.DesktopWidth = 800;
  settings.DesktopHeight = 600;
}

void type(rdpInput* input, const std::string& text) {
  ts::Bytes units = ts::utf8_to_utf16le(text);
  for (std::size_t i = 0; i + 1 < units.size(); i += 2) {
    auto unit = static_cast<UINT16>(std::to_integer<unsigned>(units[i]) |
                                    std::to_integer<unsigned>(units[i + 1]) << 8);
    freerdp_input_send_unicode_keyboard_event(input, 0, unit);
    freerdp_input_send_unicode_keyboard_event(input, KBD_FLAGS_RELEASE, unit);
  }
}

void type_what_comes(rdpInput* input, int texts) {
  static std::string pending;
  std::array<char, 4096> bytes;
  for (pollfd ready{texts, POLLIN, 0}; ::poll(&ready, 1, 0) > 0;) {
    ssize_t got = ::read(texts, bytes.data(), bytes.size());
    if (got <= 0) return;
    pending.append(bytes.data(), static_cast<std::size_t>(got));
  }
  for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
    type(input, pending.substr(0, end));
    pending.erase(0, end + 1);
  }
}

void serve(freerdp* client, int texts) {
  constexpr DWORD kMilliseconds = 20;  // how long a line in the pipe may wait
  std::array<HANDLE, 64> handles;
  for (;;) {
    DWORD count = freerdp_get_event_handles(client->context, handles.data(), handles.size());
    if (count == 0) return;
    WaitForMultipleObjects(count, handles.data(), FALSE, kMilliseconds);
    if (!freerdp_check_event_handles(client->context)) return;
    type_what_comes(client->input, texts);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::fputs("usage: type_text HOST PORT USER PASSWORD TEXTS\n", stderr);
    return 2;
  }
  int texts = ::open(arguments[5], O_RDWR | O_CLOEXEC);  // with a writer, so that it never ends
  if (texts < 0) {
    std::perror(arguments[5]);
    return 2;
  }
  std::unique_ptr<freerdp, decltype(&freerdp_free)> client(freerdp_new(), freerdp_free);
  client->ContextSize = sizeof(rdpContext);
  client->PostConnect = on_connected;
  client->PostDisconnect = gdi_free;
  if (!freerdp_context_new(client.get())) return 1;
  configure(*client->settings, arguments);
  bool connected = freerdp_connect(client.get());
  if (connected) serve(client.get(), texts);
  freerdp_disconnect(client.get());
  freerdp_context_free(client.get());
  return connected ? 0 : 1;
}
