// Interface definitions and the check of values against them.
#include "lib/varlink/interface.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "org_varlink_service_varlink.h"
#include "ts_logon_varlink.h"
#include "ts_session_varlink.h"

namespace ts::varlink {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(Interface, ParsesOurOwn) {
  auto session = Interface::parse(k_ts_session);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->name(), "ts.Session");
  EXPECT_EQ(session->text(), k_ts_session);
  ASSERT_NE(session->find_method("List"), nullptr);
  EXPECT_EQ(session->find_method("list"), nullptr);
  const Method* logoff = session->find_method("Logoff");
  ASSERT_NE(logoff, nullptr);
  ASSERT_EQ(logoff->parameters.fields.size(), 1U);
  EXPECT_EQ(logoff->parameters.fields[0].name, "id");
  EXPECT_EQ(logoff->parameters.fields[0].type.kind, Type::Kind::kInt);
  EXPECT_NE(session->find_error("NoSuchSession"), nullptr);
  EXPECT_TRUE(Interface::parse(k_ts_logon));
  EXPECT_TRUE(Interface::parse(k_org_varlink_service));
}

TEST(Interface, ParsesEveryKindOfType) {
  auto interface = Interface::parse(
      "# comment\ninterface com.example-x.y1\ntype E (one, two_2)\nmethod M(a: bool, b: int, c: float, d: "
      "string,\n"
      "e: object, f: E, g: ?(x: int), h: []string, i: [string]int, j: (p, q), k: ?[]?E) -> ()#end");
  ASSERT_TRUE(interface) << interface.error().message;
  const auto& fields = interface->find_method("M")->parameters.fields;
  ASSERT_EQ(fields.size(), 11U);
  using Kind = Type::Kind;
  Kind kinds[] = {Kind::kBool,   Kind::kInt,   Kind::kFloat, Kind::kString, Kind::kObject, Kind::kNamed,
                  Kind::kStruct, Kind::kArray, Kind::kMap,   Kind::kEnum,   Kind::kArray};
  for (std::size_t i = 0; i < fields.size(); ++i) EXPECT_EQ(fields[i].type.kind, kinds[i]) << fields[i].name;
  EXPECT_TRUE(fields[6].type.nullable);
  EXPECT_TRUE(fields[10].type.nullable);
  EXPECT_TRUE(fields[10].type.element->nullable);
}

struct Malformed {
  const char* text;
  const char* why;
};

class MalformedDefinition : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedDefinition, IsRefusedWithAReason) {
  auto parsed = Interface::parse(GetParam().text);
  ASSERT_FALSE(parsed) << GetParam().text;
  EXPECT_THAT(parsed.error().message, HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Interface, MalformedDefinition,
    testing::Values(Malformed{"", "line 1: 'interface' is needed"},
                    Malformed{"interface a", "not a name of an interface"},
                    Malformed{"interface a.b", "at least one member"},
                    Malformed{"interface a..b\nmethod M() -> ()", "not a name of an interface"},
                    Malformed{"interface a.-b\nmethod M() -> ()", "not a name of an interface"},
                    Malformed{"interface a.b-\nmethod M() -> ()", "not a name of an interface"},
                    Malformed{"interface a.b.\nmethod M() -> ()", "not a name of an interface"},
                    Malformed{"interface a.b\nfoo M() -> ()", "line 2: 'type', 'method' or 'error'"},
                    Malformed{"interface a.b\nmethod m() -> ()", "'m' is not a name of a member"},
                    Malformed{"interface a.b\nmethod M()", "'->' is needed"},
                    Malformed{"interface a.b\nmethod M(a) -> ()", "fields with types"},
                    Malformed{"interface a.b\nmethod M(a: int -> ()", "')' is needed"},
                    Malformed{"interface a.b\nmethod M(a: int,) -> ()", "'' is not a name of a field"},
                    Malformed{"interface a.b\nmethod M(a: int, a: int) -> ()", "'a' is there twice"},
                    Malformed{"interface a.b\nmethod M(a: int, b) -> ()", "not both"},
                    Malformed{"interface a.b\nmethod M(_a: int) -> ()", "not a name of a field"},
                    Malformed{"interface a.b\nmethod M(a__b: int) -> ()", "not a name of a field"},
                    Malformed{"interface a.b\nmethod M(a_: int) -> ()", "not a name of a field"},
                    Malformed{"interface a.b\nmethod M(a: integer) -> ()", "'integer' is not a type"},
                    Malformed{"interface a.b\nmethod M(a: ?\?int) -> ()", "'?' is there twice"},
                    Malformed{"interface a.b\nmethod M(a: [int]int) -> ()", "']' is needed"},
                    Malformed{"interface a.b\nmethod M(a: T) -> ()", "type 'T' is not defined"},
                    Malformed{"interface a.b\nerror E (a: T)", "'E': type 'T' is not defined"},
                    Malformed{"interface a.b\ntype T (a: []U)", "type 'U' is not defined"},
                    Malformed{"interface a.b\ntype T (a: int)\ntype T (b: int)",
                              "line 3: 'T' is defined twice"}));

TEST(Interface, RefusesNestingWithoutEnd) {
  std::string deep = "interface a.b\nmethod M(a: ";
  for (int i = 0; i < 5000; ++i) deep += "(a: ";
  auto parsed = Interface::parse(deep);
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("nested deeper"));
  std::string arrays = "interface a.b\nmethod M(a: ";
  for (int i = 0; i < 5000; ++i) arrays += "[]";
  EXPECT_FALSE(Interface::parse(arrays + "int) -> ()"));
}

TEST(Interface, TruncationAtEveryByteIsAnErrorOrAnInterface) {
  for (std::size_t size = 0; size < k_ts_session.size(); ++size) {
    auto parsed = Interface::parse(k_ts_session.substr(0, size));
    if (!parsed) {
      EXPECT_FALSE(parsed.error().message.empty());
    }
  }
}

class Check : public testing::Test {
 protected:
  std::string problem(const char* value) {
    auto checked = interface_.check(interface_.find_method("M")->parameters, json::parse(value));
    return checked ? "" : checked.error().message;
  }
  Interface interface_ =
      Interface::parse(
          "interface a.b\ntype E (one, two)\ntype S (n: int, next: ?S)\n"
          "method M(i: ?int, f: ?float, s: ?string, b: ?bool, o: ?object, e: ?E, l: ?[]int,\n"
          "m: ?[string]string, t: ?S) -> (r: string)\nmethod N(must: string) -> ()")
          .value();
};

TEST_F(Check, AcceptsWhatFits) {
  EXPECT_EQ(problem("{}"), "");
  EXPECT_EQ(problem(R"({"i":null,"l":null,"t":null})"), "");
  EXPECT_EQ(
      problem(
          R"({"i":-9223372036854775808,"f":1,"s":"","b":false,"o":{"any":[1]},"e":"two","l":[],"m":{"k":"v"}})"),
      "");
  EXPECT_EQ(problem(R"({"t":{"n":1,"next":{"n":2,"next":null}}})"), "");
}

TEST_F(Check, NamesWhatDoesNot) {
  EXPECT_EQ(problem(R"({"x":1})"), "x: unknown field");
  EXPECT_EQ(problem(R"({"i":"1"})"), "i: an integer is needed");
  EXPECT_EQ(problem(R"({"i":1.0})"), "i: an integer is needed");
  EXPECT_EQ(problem(R"({"i":9223372036854775808})"), "i: an integer is needed");
  EXPECT_EQ(problem(R"({"f":"x"})"), "f: a number is needed");
  EXPECT_EQ(problem(R"({"s":1})"), "s: a string is needed");
  EXPECT_EQ(problem(R"({"b":0})"), "b: true or false is needed");
  EXPECT_EQ(problem(R"({"o":[]})"), "o: an object is needed");
  EXPECT_EQ(problem(R"({"e":"three"})"), "e: one of one, two is needed");
  EXPECT_EQ(problem(R"({"e":1})"), "e: one of one, two is needed");
  EXPECT_EQ(problem(R"({"l":[1,null]})"), "l[1]: an integer is needed");
  EXPECT_EQ(problem(R"({"l":{}})"), "l: an array is needed");
  EXPECT_EQ(problem(R"({"m":{"k":1}})"), "m.k: a string is needed");
  EXPECT_EQ(problem(R"({"t":{"next":null}})"), "t.n: is missing");
  EXPECT_EQ(problem(R"({"t":{"n":1,"next":{"n":1,"y":0}}})"), "t.next.y: unknown field");
  EXPECT_EQ(problem("[]"), "parameters: an object is needed");
}

TEST_F(Check, NamesTheFieldForInvalidParameter) {
  auto field = [&](const char* value) {
    return Interface::field_of(
        interface_.check(interface_.find_method("M")->parameters, json::parse(value)).error());
  };
  EXPECT_EQ(field(R"({"t":{"n":"x"}})"), "t");
  EXPECT_EQ(field(R"({"l":[""]})"), "l");
  EXPECT_EQ(field(R"({"i":""})"), "i");
  auto missing = interface_.check(interface_.find_method("N")->parameters, json::object());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "must: is missing");
  EXPECT_FALSE(interface_.check(interface_.find_method("N")->parameters, {{"must", nullptr}}));
}

}  // namespace
}  // namespace ts::varlink
