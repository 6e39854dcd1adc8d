// ts.Session.Message: has a session's host show a message, and answers when it is up, or when the person in
// front has answered. The host says how many it shows at a time and closes those whose time is over.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "lib/net/loop.h"
#include "lib/session/message_box.h"
#include "lib/varlink/service.h"

namespace ts::tssession {

class MessageService {
 public:
  using Ask = std::function<Result<>(session::SessionId, const session::ShowBox&)>;

  MessageService(net::Loop& loop, Ask ask);

  /// The caller may write to this session, to which somebody is logged on.
  void show(const std::shared_ptr<varlink::Call>& call, session::SessionId id);
  void shown(session::SessionId id, const session::BoxShown& message);
  void ended(session::SessionId id, const session::BoxEnded& message);
  void host_gone(session::SessionId id);

 private:
  struct Waiting {
    std::shared_ptr<varlink::Call> call;
    session::SessionId id = 0;
    bool wait = false;   // for an answer
    bool shown = false;  // nothing else has a deadline
    net::TimePoint deadline;
  };
  void give_up();

  Ask ask_;
  std::uint32_t last_request_;
  std::map<std::uint32_t, Waiting> waiting_;  // by request
  net::Timer late_;
};

}  // namespace ts::tssession
