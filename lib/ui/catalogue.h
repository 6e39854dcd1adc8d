// Sentences in a person's language: a gettext catalogue (.mo) as msgfmt writes it, read by ourselves.
// gettext(3) would need a locale of each language on the host and speaks one language a process; who sits in
// front of this screen changes. Reading blocks on a small local file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace ts::ui {

class Catalogue {
 public:
  /// English: every sentence is its own translation.
  Catalogue() = default;
  /// The bytes of a .mo file ([gettext] "The Format of GNU MO Files"), of this host's byte order.
  static Result<Catalogue> parse(std::string bytes);
  static Result<Catalogue> load(const std::filesystem::path& file);

  /// The translation of an English sentence, else the sentence. Valid as long as the catalogue or the
  /// sentence.
  std::string_view operator()(std::string_view english) const;
  std::size_t size() const { return sentences_.size(); }

 private:
  std::vector<char> bytes_;  // its place stays when the catalogue is moved
  std::map<std::string_view, std::string_view> sentences_;
};

/// Where the catalogues are: beside this program in the build folder, or in the installation's share/locale.
std::filesystem::path catalogue_folder();

/// "en", "de", "fr", "es" or "ja": by the configuration, else by the Windows keyboard layout's language (0:
/// not known), else by LANG's value, else English.
std::string choose_language(std::string_view configured, std::uint32_t keyboard_layout,
                            std::string_view lang);

}  // namespace ts::ui

/// Marks a sentence for xgettext where it is written down but not yet looked up.
#define TS_SENTENCE(text) text
