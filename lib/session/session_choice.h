// The list of a user's sessions that the logon screen shows: which, in which order, and what is told of each.
// Pure; whose sessions they are, and whether a new one may be started, is the broker's to know.
#pragma once

#include <vector>

#include "lib/session/logon_messages.h"
#include "lib/session/session_table.h"

namespace ts::session {

/// Sessions that wait for their user come first, the one left last on top of them: it is what the person most
/// likely wants. Of more than LogonChoice::kMost the last ones of that order are not shown.
LogonChoice make_choice(std::vector<const Record*> sessions, bool may_start_new, Notice notice);

/// Whether that is a row of the list: a session's id, or LogonChosen::kNewSession. The list may be anybody's.
bool offers(const LogonChoice& choice, SessionId chosen);

}  // namespace ts::session
