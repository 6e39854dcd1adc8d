#include "lib/varlink/call.h"

#include <nlohmann/json.hpp>

#include "lib/base/log.h"
#include "lib/varlink/connection.h"
#include "lib/varlink/frame.h"

namespace ts::varlink {
namespace {
constexpr std::string_view kNotImplemented = "org.varlink.service.MethodNotImplemented";
}

Call::Call(std::weak_ptr<Connection> connection, const Interface& interface, const Method& method,
           nlohmann::json parameters, Mode mode)
    : connection_(std::move(connection)),
      interface_(interface),
      method_(method),
      parameters_(new nlohmann::json(std::move(parameters)), [](nlohmann::json* owned) { delete owned; }),
      mode_(mode) {
  if (auto caller = connection_.lock()) peer_ = caller->peer();
}

Call::~Call() {
  if (!open()) return;
  if (mode_ == Mode::kOneway)
    connection_.lock()->finish_call();
  else
    (void)error(kNotImplemented, {{"method", fmt::format("{}.{}", interface_.name(), method_.name)}});
}

std::shared_ptr<Connection> Call::connection() const {
  auto caller = connection_.lock();
  return caller != nullptr && caller->open() ? caller : nullptr;
}

bool Call::open() const {
  return !answered_ && connection() != nullptr;
}

Result<> Call::reply() {
  return reply(nlohmann::json::object());
}

Result<> Call::reply(const nlohmann::json& parameters, UniqueFd passed) {
  return answer({.type = &method_.reply}, parameters, std::move(passed));
}

Result<> Call::reply_continues(const nlohmann::json& parameters, UniqueFd passed) {
  if (mode_ == Mode::kOnce) return fail(ErrorCode::kRefused, "the caller takes one answer only");
  return answer({.type = &method_.reply, .continues = true}, parameters, std::move(passed));
}

Result<> Call::error(std::string_view name, const nlohmann::json& parameters) {
  if (name.find('.') != std::string_view::npos) return answer({.error = std::string(name)}, parameters, {});
  const Definition* definition = interface_.find_error(name);
  if (definition == nullptr)
    return fail(ErrorCode::kInternal, "'{}' has no error '{}'", interface_.name(), name);
  return answer({&definition->type, fmt::format("{}.{}", interface_.name(), name)}, parameters, {});
}

Result<> Call::answer(const Answer& answer, const nlohmann::json& parameters, UniqueFd passed) {
  if (answered_) return fail(ErrorCode::kInternal, "'{}' was answered already", method_.name);
  auto caller = connection();
  if (caller == nullptr) return fail(ErrorCode::kUnavailable, "the caller is gone");
  auto fits = answer.type == nullptr ? Result<>() : interface_.check(*answer.type, parameters);
  if (!fits) {
    log::error("The answer to '{}' breaks its definition: {}", method_.name, fits.error().message);
    answered_ = true;
    caller->close();
    return fail(ErrorCode::kInternal, "{}", fits.error().message);
  }
  answered_ = !answer.continues;
  if (mode_ == Mode::kOneway) {
    if (answered_) caller->finish_call();
    return {};
  }
  nlohmann::json frame = {{"parameters", parameters}};
  if (!answer.error.empty()) frame["error"] = answer.error;
  if (answer.continues) frame["continues"] = true;
  return caller->send(frame_bytes(frame), std::move(passed), answered_);
}

}  // namespace ts::varlink
