// ts.Session.Screenshot: asks a session's host for a picture of what the session shows and hands it on, a
// sealed copy that shows nothing of what comes after. A host takes one picture at a time: who asks meanwhile
// gets the next one, together with all others who do.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "lib/base/unique_fd.h"
#include "lib/net/loop.h"
#include "lib/session/picture_messages.h"
#include "lib/varlink/service.h"

namespace ts::tssession {

class PictureService {
 public:
  using Ask = std::function<Result<>(session::SessionId, const session::TakePicture&)>;

  PictureService(net::Loop& loop, Ask ask);

  /// The caller may see this session.
  void take(const std::shared_ptr<varlink::Call>& call, session::SessionId id);
  void taken(session::SessionId id, const session::PictureTaken& picture, std::vector<UniqueFd> fds);
  void host_gone(session::SessionId id);

 private:
  using Calls = std::vector<std::shared_ptr<varlink::Call>>;
  struct Waiting {
    std::uint32_t request = 0;
    Calls calls;  // that it answers
    Calls next;   // that came since
    net::TimePoint deadline;
  };
  void start(session::SessionId id);
  void give_up();

  Ask ask_;
  std::uint32_t last_request_ = 0;
  std::map<session::SessionId, Waiting> waiting_;
  net::Timer late_;
};

}  // namespace ts::tssession
