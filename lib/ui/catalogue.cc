#include "lib/ui/catalogue.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

namespace ts::ui {
namespace {

constexpr std::size_t kLargestFile = 256 * 1024;
constexpr std::uint32_t kMagic = 0x950412de, kMostSentences = 1000;

struct Header {
  std::uint32_t magic = 0, revision = 0, count = 0, originals = 0, translations = 0;
};
struct Place {
  std::uint32_t length = 0, offset = 0;
};

template <typename T>
Result<T> read_at(const std::vector<char>& bytes, std::size_t offset) {
  T out;
  if (offset > bytes.size() || bytes.size() - offset < sizeof out) {
    return fail(ErrorCode::kMalformed, "the catalogue is cut short");
  }
  std::memcpy(&out, bytes.data() + offset, sizeof out);
  return out;
}

Result<std::string_view> text_at(const std::vector<char>& bytes, std::size_t offset) {
  TS_TRY_ASSIGN(const Place place, read_at<Place>(bytes, offset));
  if (place.offset > bytes.size() || bytes.size() - place.offset < place.length) {
    return fail(ErrorCode::kMalformed, "the catalogue is cut short");
  }
  return std::string_view(bytes.data() + place.offset, place.length);
}

struct Language {
  std::uint32_t windows;  // primary language id: the low 10 bits of a keyboard layout's ([MS-LCID])
  std::string_view code;
};
constexpr std::array kLanguages{Language{0x09, "en"}, Language{0x07, "de"}, Language{0x0c, "fr"},
                                Language{0x0a, "es"}, Language{0x11, "ja"}};

}  // namespace

Result<Catalogue> Catalogue::parse(std::string bytes) {
  Catalogue out;
  out.bytes_.assign(bytes.begin(), bytes.end());
  TS_TRY_ASSIGN(const Header header, read_at<Header>(out.bytes_, 0));
  if (header.magic != kMagic || header.count > kMostSentences) {
    return fail(ErrorCode::kMalformed, "this is not a message catalogue of this host's byte order");
  }
  for (std::size_t i = 0; i < header.count; ++i) {
    TS_TRY_ASSIGN(const auto original, text_at(out.bytes_, header.originals + i * sizeof(Place)));
    TS_TRY_ASSIGN(const auto translation, text_at(out.bytes_, header.translations + i * sizeof(Place)));
    // The first entry, for the empty sentence, is about the file.
    if (!original.empty() && !translation.empty()) out.sentences_.emplace(original, translation);
  }
  return out;
}

Result<Catalogue> Catalogue::load(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail_errno("opening '" + file.string() + "'");
  std::string bytes(kLargestFile, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  auto out = parse(std::move(bytes));
  if (!out) return pass(out.error(), "reading '" + file.string() + "'");
  return out;
}

std::string_view Catalogue::operator()(std::string_view english) const {
  const auto found = sentences_.find(english);
  return found == sentences_.end() ? english : found->second;
}

std::filesystem::path catalogue_folder() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  for (const char* place : {"../share/locale", "../../share/locale"}) {
    auto folder = (self.parent_path() / place).lexically_normal();
    if (std::filesystem::is_directory(folder / "de" / "LC_MESSAGES", error)) return folder;
  }
  return "/usr/share/locale";
}

std::string choose_language(std::string_view configured, std::uint32_t keyboard_layout,
                            std::string_view lang) {
  if (configured != "auto") return std::string(configured);
  constexpr std::uint32_t kPrimary = 0x3ff;
  for (const Language& language : kLanguages) {
    if (language.windows == (keyboard_layout & kPrimary)) return std::string(language.code);
  }
  for (const Language& language : kLanguages) {
    if (lang.substr(0, 2) == language.code) return std::string(language.code);
  }
  return "en";
}

}  // namespace ts::ui
