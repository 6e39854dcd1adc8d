// The language that a program speaks now: its catalogue, and its fonts told of it. Who sits in front changes,
// and the language with them.
#pragma once

#include <string>

#include "lib/ui/catalogue.h"
#include "lib/ui/fonts.h"

namespace ts::ui {

class Speech {
 public:
  /// `program` names its catalogues. Speaks English.
  explicit Speech(std::string program) : program_(std::move(program)) {}

  /// From now on in this language, "de". Where there is no catalogue or no font for it everything stays as it
  /// is, which is logged. Blocks on a small local file.
  void speak(const std::string& language, Fonts& fonts);
  const Catalogue& words() const { return catalogue_; }

 private:
  std::string program_;
  std::string language_ = "en";
  Catalogue catalogue_;
};

}  // namespace ts::ui
