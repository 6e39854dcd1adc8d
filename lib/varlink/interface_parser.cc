// The grammar of varlink.org/Interface-Definition, by recursive descent. Definitions are our own or those of
// a service that we ask; either way nothing here trusts them: types nest at most kMaxNesting deep.
#include <cctype>
#include <set>

#include "lib/varlink/interface.h"

namespace ts::varlink {
namespace {

constexpr int kMaxNesting = 16;
constexpr std::size_t kMaxText = 256 * 1024;

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool is_letter_or_digit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_field_name(std::string_view name) {
  if (name.empty() || !is_letter(name[0]) || name.back() == '_') return false;
  for (std::size_t i = 1; i < name.size(); ++i)
    if (!is_letter_or_digit(name[i]) && (name[i] != '_' || name[i - 1] == '_')) return false;
  return true;
}

bool is_type_name(std::string_view name) {
  if (name.empty() || !is_letter(name[0]) || std::islower(static_cast<unsigned char>(name[0])) != 0)
    return false;
  for (char c : name)
    if (!is_letter_or_digit(c)) return false;
  return true;
}

/// Reverse domain name: labels of letters, digits and inner hyphens, at least two.
bool is_interface_name(std::string_view name) {
  if (name.empty() || !is_letter(name[0]) || name.size() > 255) return false;
  std::size_t labels = 1;
  char previous = '.';
  for (char c : name) {
    if (c == '.') ++labels;
    bool edge = previous == '.' || c == '.';
    if (!is_letter_or_digit(c) && c != '.' && c != '-') return false;
    if (edge && (c == '-' || previous == '-' || (c == '.' && previous == '.'))) return false;
    previous = c;
  }
  return labels > 1 && is_letter_or_digit(previous);
}

}  // namespace

class InterfaceParser {
 public:
  explicit InterfaceParser(std::string_view text) : text_(text) {}

  Result<Interface> parse();

 private:
  Result<> parse_member();
  Result<> claim(const std::string& name);
  Result<Type> parse_struct_or_enum(int depth);
  Result<Type> parse_struct(int depth);
  Result<Type> parse_type(int depth);
  Result<Type> parse_plain_type(int depth);
  void skip_space();
  bool accept(std::string_view token);
  Result<> expect(std::string_view token);
  std::string word();
  template <typename... Args>
  Unexpected wrong(fmt::format_string<Args...> format, Args&&... args) {
    return fail(ErrorCode::kMalformed, "line {}: {}", line_,
                fmt::format(format, std::forward<Args>(args)...));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::set<std::string> names_;
  Interface out_;
};

void InterfaceParser::skip_space() {
  while (at_ < text_.size()) {
    char c = text_[at_];
    if (c == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (c == '\n') ++line_;
      ++at_;
    } else {
      return;
    }
  }
}

bool InterfaceParser::accept(std::string_view token) {
  skip_space();
  if (!text_.substr(at_).starts_with(token)) return false;
  at_ += token.size();
  return true;
}

Result<> InterfaceParser::expect(std::string_view token) {
  if (!accept(token)) return wrong("'{}' is needed", token);
  return {};
}

/// Letters, digits and what may stand inside names, as far as they go.
std::string InterfaceParser::word() {
  skip_space();
  std::size_t start = at_;
  while (at_ < text_.size() && (is_letter_or_digit(text_[at_]) || text_[at_] == '_')) ++at_;
  return std::string(text_.substr(start, at_ - start));
}

Result<Type> InterfaceParser::parse_type(int depth) {
  if (depth > kMaxNesting) return wrong("types are nested deeper than {} levels", kMaxNesting);
  if (!accept("?")) return parse_plain_type(depth);
  TS_TRY_ASSIGN(Type type, parse_type(depth + 1));
  if (type.nullable) return wrong("'?' is there twice");
  type.nullable = true;
  return type;
}

Result<Type> InterfaceParser::parse_plain_type(int depth) {
  Type type;
  if (accept("[")) {
    type.kind = Type::Kind::kArray;
    if (accept("string")) type.kind = Type::Kind::kMap;
    TS_TRY(expect("]"));
    TS_TRY_ASSIGN(Type element, parse_type(depth + 1));
    type.element = std::make_shared<const Type>(std::move(element));
    return type;
  }
  skip_space();
  if (text_.substr(at_).starts_with("(")) return parse_struct_or_enum(depth + 1);
  std::string name = word();
  static constexpr std::pair<std::string_view, Type::Kind> kPlain[] = {{"bool", Type::Kind::kBool},
                                                                       {"int", Type::Kind::kInt},
                                                                       {"float", Type::Kind::kFloat},
                                                                       {"string", Type::Kind::kString},
                                                                       {"object", Type::Kind::kObject}};
  for (const auto& [plain, kind] : kPlain) {
    if (name != plain) continue;
    type.kind = kind;
    return type;
  }
  if (!is_type_name(name)) return wrong("'{}' is not a type", name);
  type.kind = Type::Kind::kNamed;
  type.name = name;
  return type;
}

Result<Type> InterfaceParser::parse_struct(int depth) {
  TS_TRY_ASSIGN(Type type, parse_struct_or_enum(depth));
  if (type.kind != Type::Kind::kStruct) return wrong("fields with types are needed");
  return type;
}

/// "(a: int, b: string)" or "(one, two)"; the first element decides. "()" is a struct without fields.
Result<Type> InterfaceParser::parse_struct_or_enum(int depth) {
  if (depth > kMaxNesting) return wrong("types are nested deeper than {} levels", kMaxNesting);
  Type type;
  type.kind = Type::Kind::kStruct;
  TS_TRY(expect("("));
  if (accept(")")) return type;
  std::set<std::string> seen;
  do {
    std::string name = word();
    if (!is_field_name(name)) return wrong("'{}' is not a name of a field", name);
    if (!seen.insert(name).second) return wrong("'{}' is there twice", name);
    bool typed = accept(":");
    if (seen.size() == 1) type.kind = typed ? Type::Kind::kStruct : Type::Kind::kEnum;
    if (typed != (type.kind == Type::Kind::kStruct))
      return wrong("'{}': a struct or an enum, not both", name);
    if (typed) {
      TS_TRY_ASSIGN(Type field, parse_type(depth + 1));
      type.fields.push_back({std::move(name), std::move(field)});
    } else {
      type.values.push_back(std::move(name));
    }
  } while (accept(","));
  TS_TRY(expect(")"));
  return type;
}

Result<> InterfaceParser::claim(const std::string& name) {
  if (!is_type_name(name)) return wrong("'{}' is not a name of a member", name);
  if (!names_.insert(name).second) return wrong("'{}' is defined twice", name);
  return {};
}

Result<> InterfaceParser::parse_member() {
  std::string keyword = word();
  std::string name = word();
  if (keyword == "type" || keyword == "error") {
    TS_TRY(claim(name));
    TS_TRY_ASSIGN(Type type, keyword == "type" ? parse_struct_or_enum(0) : parse_struct(0));
    (keyword == "type" ? out_.types_ : out_.errors_).push_back({name, std::move(type)});
    return {};
  }
  if (keyword != "method") return wrong("'type', 'method' or 'error' is needed");
  TS_TRY(claim(name));
  Method method{name, {}, {}};
  TS_TRY_ASSIGN(method.parameters, parse_struct(0));
  TS_TRY(expect("->"));
  TS_TRY_ASSIGN(method.reply, parse_struct(0));
  out_.methods_.push_back(std::move(method));
  return {};
}

Result<Interface> InterfaceParser::parse() {
  if (text_.size() > kMaxText) return wrong("longer than {} bytes", kMaxText);
  if (word() != "interface") return wrong("'interface' is needed");
  skip_space();
  std::size_t start = at_;
  while (at_ < text_.size() && (is_letter_or_digit(text_[at_]) || text_[at_] == '.' || text_[at_] == '-'))
    ++at_;
  out_.name_ = text_.substr(start, at_ - start);
  if (!is_interface_name(out_.name_)) return wrong("'{}' is not a name of an interface", out_.name_);
  out_.text_ = text_;
  for (skip_space(); at_ < text_.size(); skip_space()) TS_TRY(parse_member());
  if (names_.empty()) return wrong("an interface has at least one member");
  auto context = [](const std::string& name) { return fmt::format("'{}'", name); };
  for (const auto& definition : out_.types_)
    if (auto found = out_.resolve(definition.type); !found)
      return pass(found.error(), context(definition.name));
  for (const auto& definition : out_.errors_)
    if (auto found = out_.resolve(definition.type); !found)
      return pass(found.error(), context(definition.name));
  for (const auto& method : out_.methods_) {
    if (auto found = out_.resolve(method.parameters); !found)
      return pass(found.error(), context(method.name));
    if (auto found = out_.resolve(method.reply); !found) return pass(found.error(), context(method.name));
  }
  return std::move(out_);
}

Result<Interface> Interface::parse(std::string_view text) {
  return InterfaceParser(text).parse();
}

/// Every type that is named has to be defined.
Result<> Interface::resolve(const Type& type) const {
  if (type.kind == Type::Kind::kNamed && find_type(type.name) == nullptr)
    return fail(ErrorCode::kMalformed, "type '{}' is not defined", type.name);
  if (type.element) TS_TRY(resolve(*type.element));
  for (const auto& field : type.fields) TS_TRY(resolve(field.type));
  return {};
}

}  // namespace ts::varlink
