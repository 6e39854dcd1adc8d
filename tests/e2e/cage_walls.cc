// Walls around what a stack could get hold of: files, the log, sockets.
#include "tests/e2e/cage_walls.h"

#include <arpa/inet.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>

namespace cage {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

long connect_tcp(int fd, std::uint16_t port) {
  auto there = loopback(port);
  return ::connect(fd, reinterpret_cast<sockaddr*>(&there), sizeof there);
}

/// A word sent with the address of somebody else than the socket is connected to.
long send_to(int fd, std::uint16_t port, int flags) {
  auto there = loopback(port);
  return ::sendto(fd, "", 1, flags | MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&there), sizeof there);
}

long connect_local(int fd, const std::string& name, bool abstract) {
  sockaddr_un there{};
  there.sun_family = AF_UNIX;
  name.copy(there.sun_path + (abstract ? 1 : 0), sizeof there.sun_path - 2);
  auto size = abstract ? offsetof(sockaddr_un, sun_path) + 1 + name.size() : sizeof there;
  return ::connect(fd, reinterpret_cast<sockaddr*>(&there), static_cast<socklen_t>(size));
}

}  // namespace

std::vector<Trial> files(const Targets& to, const Held& held) {
  auto memory = "/proc/" + std::to_string(to.stack) + "/mem";
  return {
      {"open an absolute path", "EACCES", kDone, [] { return ::open("/etc/passwd", O_RDONLY); }},
      {"open a relative path", "EACCES", kDone, [] { return ::open("../../../../etc/passwd", O_RDONLY); }},
      {"open through a folder", "EACCES", kDone,
       [&held] { return ::openat(held.folder, "etc/passwd", O_RDONLY); }},
      {"open in /proc", "EACCES", kDone, [] { return ::open("/proc/self/status", O_RDONLY); }},
      {"open another stack's memory", "EACCES", kDone, [memory] { return ::open(memory.c_str(), O_RDWR); }},
      {"make a file", "EACCES", kDone, [] { return ::open("/tmp", O_TMPFILE | O_RDWR, 0600); }},
      {"make a folder", "EPERM", kDone, [&held] { return ::mkdirat(held.folder, "tmp/cage-trial", 0700); }},
      {"remove a folder", "EPERM", kDone,
       [&held] { return ::unlinkat(held.folder, "tmp/cage-trial", AT_REMOVEDIR); }},
      {"look at a file", "EACCES", kDone, [] { return ::access("/etc/passwd", R_OK); }},
      {"leave the root folder", "EPERM", kDone, [&held] { return ::fchdir(held.folder); }},
      {"change root", "SIGSYS", kDone, [] { return ::chroot("."); }},
      {"grow a file", "EPERM", kDone, [&held] { return ::ftruncate(held.memory, 1 << 20); }},
      {"change a mode", "EPERM", kDone, [&held] { return ::fchmod(held.memory, 0777); }},
      {"write over the log", "EPERM", kDone, [] { return ::lseek(2, 0, SEEK_SET); }},
      {"let the log be written over", "EPERM", kDone, [] { return ::fcntl(2, F_SETFL, 0); }},
      {"let the log lose lines", "EPERM", kDone,
       [] {
         int off = 0;
         return ::ioctl(2, FIONBIO, &off);
       }},
      {"get another hold of the log", "EPERM", kDone, [] { return ::fcntl(2, F_DUPFD_CLOEXEC, 10); }},
      {"the same by another number", "EPERM", kDone,
       [] { return ::syscall(SYS_fcntl, 2L | 1L << 32, F_DUPFD_CLOEXEC, 10L); }},
      {"the same by dup", "EPERM", kDone, [] { return ::dup(2); }},
      {"shut the log", "EPERM", "ENOTSOCK", [] { return ::shutdown(2, SHUT_RDWR); }},
      {"type at a terminal", "EPERM", kDone, [&held] { return ::ioctl(held.terminal, TIOCSTI, "x"); }},
      {"ask about the terminal", "ENOTTY", kDone,
       [&held] {
         char state[256];
         return ::ioctl(held.terminal, TCGETS, state);
       }},
  };
}

std::vector<Trial> sockets(const Targets& to, const Held& held) {
  int client = held.client < 0 ? held.other_tcp : held.client;
  return {
      {"make a TCP socket", "SIGSYS", kDone, [] { return ::socket(AF_INET, SOCK_STREAM, 0); }},
      {"make a UDP socket", "SIGSYS", kDone, [] { return ::socket(AF_INET, SOCK_DGRAM, 0); }},
      {"make a Unix socket", "SIGSYS", kDone, [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }},
      {"make a netlink socket", "SIGSYS", kDone, [] { return ::socket(AF_NETLINK, SOCK_RAW, 0); }},
      {"make a pair of sockets", "SIGSYS", kDone,
       [] {
         int pair[2];
         return ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
       }},
      {"connect to a port", "SIGSYS", kDone, [&] { return connect_tcp(held.tcp, to.port); }},
      {"connect to a Unix socket", "SIGSYS", kDone,
       [&] { return connect_local(held.local, to.socket, false); }},
      {"connect to an abstract socket", "SIGSYS", kDone,
       [&] { return connect_local(held.abstract, to.abstract, true); }},
      {"take a port", "SIGSYS", kDone,
       [&] {
         auto here = loopback(0);
         return ::bind(held.udp, reinterpret_cast<sockaddr*>(&here), sizeof here);
       }},
      {"listen", "SIGSYS", "EOPNOTSUPP", [&] { return ::listen(held.udp, 1); }},
      {"accept", "SIGSYS", "EOPNOTSUPP", [&] { return ::accept(held.udp, nullptr, nullptr); }},
      {"send a datagram", "ENETUNREACH", kDone, [&] { return send_to(held.udp, to.port, 0); }},
      {"turn the client's socket elsewhere", "EISCONN", kDone,
       [&, client] { return send_to(client, to.port, MSG_FASTOPEN); }},
      {"set a socket's option", "EPERM", kDone,
       [&] {
         int size = 4096;
         return ::setsockopt(held.tcp, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
       }},
      {"be told of a signal by a socket", "EPERM", kDone,
       [&] { return ::fcntl(held.local, F_SETOWN, to.stack); }},
  };
}

}  // namespace cage
