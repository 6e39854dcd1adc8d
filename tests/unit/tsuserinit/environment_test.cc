// What a user's programs find in their environment.
#include "cmd/tsuserinit/environment.h"

#include <gmock/gmock.h>

namespace ts::userinit {
namespace {

using testing::Contains;
using testing::Not;

TEST(Environment, FoldersThatModulesMadeInAnotherTmpAreNotNamed) {
  EnvironmentInput input;
  input.from_pam = {"TMPDIR=/tmp/user/7", "TMP=/var/tmp/x", "NOTE=/tmp/user/7"};
  EXPECT_THAT(make_environment(input), Contains("TMPDIR=/tmp/user/7"));
  input.own_tmp = true;
  EXPECT_THAT(make_environment(input), Not(Contains("TMPDIR=/tmp/user/7")));
  EXPECT_THAT(make_environment(input), Contains("TMP=/var/tmp/x"));
  EXPECT_THAT(make_environment(input), Contains("NOTE=/tmp/user/7"));
}

}  // namespace
}  // namespace ts::userinit
