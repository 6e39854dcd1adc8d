// What the logon screen says, in English, for the catalogues to translate. Pure.
#pragma once

#include <string>

#include "cmd/tslogon/model.h"
#include "lib/ui/catalogue.h"

namespace ts::logon {

/// The sentence for a notice, with what belongs to it; empty for kNone.
std::string notice_text(const FormPage& page, const Catalogue& tr);
/// Nothing that the person did: not in the colours of an error.
bool is_calm(session::Notice notice);

/// A session to choose: what it is, and what has become of it.
std::string entry_title(const session::LogonChoice::Entry& entry, const Catalogue& tr);
std::string entry_detail(const session::LogonChoice::Entry& entry, const Catalogue& tr);

}  // namespace ts::logon
