// tsquery events: what has happened, from the event logs of all roles (lib/events), and what happens now.
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <set>

#include "cmd/tsquery/commands.h"
#include "cmd/tsquery/event_filter.h"
#include "cmd/tsquery/event_output.h"
#include "lib/config/defaults.h"
#include "lib/events/event_reader.h"
#include "lib/net/folder_watcher.h"

namespace ts::tsquery {
namespace {

using events::EventReader;
using From = events::RoleReader::From;

/// An ordinary user who has no events of their own and did not ask for any folder is taken to the system's.
std::filesystem::path events_folder(const cli::Context& context) {
  auto own = context.config.layout.events(), system = config::system_layout().events();
  bool chosen = context.config.layout.state != config::defaults().layout.state;
  bool go_to_system = !chosen && ::access(own.c_str(), F_OK) != 0 && ::access(system.c_str(), F_OK) == 0;
  return go_to_system ? system : own;
}

class EventQuery {
 public:
  EventQuery(EventReader reader, EventFilter filter, bool as_json)
      : reader_(std::move(reader)), filter_(std::move(filter)), as_json_(as_json), output_(STDOUT_FILENO) {}

  /// Everything that there is now.
  Result<> print(bool at_end) {
    if (!as_json_ && !std::exchange(titled_, true)) TS_TRY(output_.add(event_titles()));
    while (auto record = reader_.next()) {
      if (filter_.admits(*record)) TS_TRY(output_.add(as_json_ ? record->line : event_row(*record)));
    }
    TS_TRY(output_.flush());
    for (const auto& broken : reader_.take_broken(at_end)) {
      if (warned_.insert(broken.folder).second)
        fmt::print(stderr, "tsquery: skipping what is no event in '{}': a crash may have torn a line\n",
                   broken.folder.native());
    }
    return {};
  }

  /// And everything that comes, until somebody has enough.
  Result<> follow(const std::filesystem::path& folder);

 private:
  EventReader reader_;
  EventFilter filter_;
  bool as_json_;
  bool titled_ = false;
  LineOutput output_;
  std::set<std::filesystem::path> warned_;
};

/// Tells when the reader of standard output has gone, which for a file never happens.
class OutputWatcher {
 public:
  OutputWatcher(net::Loop& loop, std::function<void()> callback)
      : events_(::epoll_create1(EPOLL_CLOEXEC)),
        poller_(loop, events_.get(), [callback](auto) { callback(); }) {
    // Not by a poller of its own, which would make everybody's standard output non-blocking.
    epoll_event nothing_but_errors{};
    if (::epoll_ctl(events_.get(), EPOLL_CTL_ADD, STDOUT_FILENO, &nothing_but_errors) == 0)
      poller_.watch(true, false);
  }

 private:
  UniqueFd events_;
  net::Poller poller_;
};

Result<> EventQuery::follow(const std::filesystem::path& folder) {
  net::Loop loop;
  Result<> outcome;
  std::unique_ptr<net::FolderWatcher> parent;
  std::map<std::filesystem::path, std::unique_ptr<net::FolderWatcher>> roles;
  auto end = [&](Result<> result) {
    outcome = std::move(result);
    loop.stop();
  };
  auto look = [&] {
    if (auto printed = print(false); !printed) end(printed);
  };
  std::function<void()> watch_roles = [&] {
    // All anew: of a folder that was removed and made again the old watcher would be silent.
    roles.clear();
    if (auto found = reader_.look_for_roles(); !found) return end(found);
    for (const auto& role : reader_.folders())
      if (auto watcher = net::FolderWatcher::open(loop, role, look)) roles[role] = std::move(*watcher);
    look();  // what came before we watched
  };
  net::SignalWatcher interrupt(loop, SIGINT, [&] { end({}); });
  net::SignalWatcher terminate(loop, SIGTERM, [&] { end({}); });
  OutputWatcher reader_gone(loop, [&] { end({}); });
  TS_TRY_ASSIGN(parent, net::FolderWatcher::open(loop, folder, watch_roles));
  watch_roles();
  if (outcome) loop.run();
  return outcome;
}

Result<> query(const cli::Context& context, const EventOptions& options, bool follow, bool as_json) {
  ::signal(SIGPIPE, SIG_IGN);
  TS_TRY_ASSIGN(auto filter, EventFilter::from(options, std::chrono::system_clock::now()));
  auto folder = events_folder(context);
  // Who follows without saying since when wants to know what happens now.
  auto from = follow && options.since.empty() ? From::kNow : From::kOldest;
  TS_TRY_ASSIGN(auto reader, EventReader::open(folder, from));
  EventQuery events(std::move(reader), std::move(filter), as_json);
  auto done = follow ? events.follow(folder) : events.print(true);
  // Like `tsquery events | head`: who has read enough has got what they wanted.
  if (!done && done.error().code == ErrorCode::kUnavailable) return {};
  return done;
}

}  // namespace

cli::Command events_command() {
  static EventOptions options;
  static bool follow = false, as_json = false;
  cli::Command command{.name = "events",
                       .summary = "List what has happened: logons, disconnections, refusals."};
  command.options = {
      {"--since", "TIME", "from then on: 10m, 2h, 3d, 2026-11-21, 2026-11-21T10:30Z", &options.since},
      {"--until", "TIME", "until then", &options.until},
      {"--user", "NAME", "of this user", &options.user},
      {"--session", "ID", "of this session", &options.session},
      {"--event", "NAME,...", "of these names, see ts-events(7)", &options.events},
      {"--follow", "", "go on with what happens now, until Ctrl-C", &follow},
      {"--json", "", "one JSON object a line, as it was written", &as_json}};
  command.run = [](const cli::Context& context) -> int {
    auto done = query(context, options, follow, as_json);
    return done ? cli::kDone : cli::report("tsquery", done.error());
  };
  return command;
}

}  // namespace ts::tsquery
