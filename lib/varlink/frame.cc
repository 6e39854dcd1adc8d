#include "lib/varlink/frame.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ts::varlink {
namespace {
constexpr std::size_t kMaxFds = 4;  // of one frame
}

Result<> FrameReader::feed(ByteView bytes, std::vector<UniqueFd> fds) {
  // The kernel ends a receive after the message that carried descriptors, and a sender writes a frame at a
  // time: they belong to the last frame that starts in these bytes, or to the one that goes on through all of
  // them.
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::size_t last_end = text.empty() ? std::string_view::npos : text.substr(0, text.size() - 1).rfind('\0');
  std::size_t start_of_last = last_end == std::string_view::npos ? 0 : last_end + 1;
  for (std::size_t at = 0; at < text.size();) {
    if (at == start_of_last) std::move(fds.begin(), fds.end(), std::back_inserter(partial_.fds));
    if (partial_.fds.size() > kMaxFds)
      return fail(ErrorCode::kMalformed, "more than {} descriptors", kMaxFds);
    std::size_t end = text.find('\0', at);
    std::string_view part = text.substr(at, end == std::string_view::npos ? end : end - at);
    if (partial_.text.size() + part.size() > limits_.frame_bytes)
      return fail(ErrorCode::kMalformed, "a message longer than {} bytes", limits_.frame_bytes);
    partial_.text += part;
    buffered_ += part.size();
    if (end == std::string_view::npos) break;
    // No JSON object is empty; and nothing that costs its sender one byte may cost us a frame.
    if (partial_.text.empty()) return fail(ErrorCode::kMalformed, "an empty message");
    ready_.push_back(std::exchange(partial_, {}));
    at = end + 1;
  }
  return {};
}

std::optional<Frame> FrameReader::next() {
  if (ready_.empty()) return std::nullopt;
  Frame frame = std::move(ready_.front());
  ready_.pop_front();
  buffered_ -= frame.text.size();
  return frame;
}

namespace {

/// Bounds what the JSON parser is going to build before it runs; that the text is JSON is for the parser to
/// say.
Result<> check_limits(std::string_view text, const Limits& limits) {
  std::size_t depth = 0, string_start = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string) {
      if (i - string_start > limits.string_bytes)
        return fail(ErrorCode::kMalformed, "a string longer than {} bytes", limits.string_bytes);
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
      string_start = i + 1;
    } else if (c == '{' || c == '[') {
      if (++depth > limits.nesting)
        return fail(ErrorCode::kMalformed, "nested deeper than {} levels", limits.nesting);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return {};
}

}  // namespace

Result<nlohmann::json> parse_object(std::string_view text, const Limits& limits) {
  TS_TRY(check_limits(text, limits));
  auto value = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return fail(ErrorCode::kMalformed, "not JSON");
  if (!value.is_object()) return fail(ErrorCode::kMalformed, "not a JSON object");
  return value;
}

Bytes frame_bytes(const nlohmann::json& object) {
  std::string text = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  auto view = std::as_bytes(std::span(text.c_str(), text.size() + 1));
  return {view.begin(), view.end()};
}

}  // namespace ts::varlink
