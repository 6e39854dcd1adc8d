#include "lib/ui/speech.h"

#include "lib/base/log.h"

namespace ts::ui {

void Speech::speak(const std::string& language, Fonts& fonts) {
  if (language == language_) return;
  if (language == "ja" && fonts.any() && !fonts.covers(language)) {
    log::warning("Speaking English: no font has Japanese; install the package fonts-vlgothic");
    return;
  }
  Catalogue catalogue;
  if (language != "en") {
    auto loaded = Catalogue::load(catalogue_folder() / language / "LC_MESSAGES" / (program_ + ".mo"));
    if (!loaded) {
      log::warning("Speaking English instead of '{}': {}", language, loaded.error().message);
      return;
    }
    catalogue = std::move(*loaded);
  }
  catalogue_ = std::move(catalogue);
  language_ = language;
  fonts.set_language(language);
}

}  // namespace ts::ui
