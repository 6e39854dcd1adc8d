#include "lib/varlink/interface.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "lib/base/log.h"

namespace ts::varlink {
namespace {

template <typename List>
auto find_named(const List& list, std::string_view name) -> decltype(&list.front()) {
  auto found = std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
  return found == list.end() ? nullptr : &*found;
}

std::string join(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

Unexpected wrong(const std::string& path, std::string_view what) {
  return fail(ErrorCode::kMalformed, "{}: {}", path.empty() ? "parameters" : path, what);
}

bool is_int64(const nlohmann::json& value) {
  if (value.is_number_unsigned())
    return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return value.is_number_integer();
}

}  // namespace

const Method* Interface::find_method(std::string_view name) const {
  return find_named(methods_, name);
}
const Definition* Interface::find_error(std::string_view name) const {
  return find_named(errors_, name);
}

const Type* Interface::find_type(std::string_view name) const {
  const Definition* found = find_named(types_, name);
  return found == nullptr ? nullptr : &found->type;
}

Result<> Interface::check(const Type& type, const nlohmann::json& value) const {
  return check_at(type, value, "");
}

std::string Interface::field_of(const Error& error) {
  return error.message.substr(0, error.message.find_first_of(".[:"));
}

// Recursion is bounded: each level of it, but for a named type, consumes a level of the JSON value, whose
// nesting is limited; and a named type is a struct or an enum, never another name.
Result<> Interface::check_at(const Type& type, const nlohmann::json& value, const std::string& path) const {
  if (value.is_null() && type.nullable) return {};
  switch (type.kind) {
    case Type::Kind::kBool:
      return value.is_boolean() ? Result<>() : wrong(path, "true or false is needed");
    case Type::Kind::kInt:
      return is_int64(value) ? Result<>() : wrong(path, "an integer is needed");
    case Type::Kind::kFloat:
      return value.is_number() ? Result<>() : wrong(path, "a number is needed");
    case Type::Kind::kString:
      return value.is_string() ? Result<>() : wrong(path, "a string is needed");
    case Type::Kind::kObject:
      return value.is_object() ? Result<>() : wrong(path, "an object is needed");
    case Type::Kind::kEnum:
      if (!value.is_string() || std::find(type.values.begin(), type.values.end(), value) == type.values.end())
        return wrong(path, fmt::format("one of {} is needed", fmt::join(type.values, ", ")));
      return {};
    case Type::Kind::kArray:
      if (!value.is_array()) return wrong(path, "an array is needed");
      for (std::size_t i = 0; i < value.size(); ++i)
        TS_TRY(check_at(*type.element, value[i], fmt::format("{}[{}]", path, i)));
      return {};
    case Type::Kind::kMap:
      if (!value.is_object()) return wrong(path, "an object is needed");
      for (const auto& [key, element] : value.items())
        TS_TRY(check_at(*type.element, element, join(path, log::escaped(key, 40))));
      return {};
    case Type::Kind::kStruct:
      return check_struct(type, value, path);
    case Type::Kind::kNamed:
      break;
  }
  const Type* named = find_type(type.name);
  return named == nullptr ? wrong(path, "has an unknown type") : check_at(*named, value, path);
}

Result<> Interface::check_struct(const Type& type, const nlohmann::json& value,
                                 const std::string& path) const {
  if (!value.is_object()) return wrong(path, "an object is needed");
  for (const auto& [key, unused] : value.items())
    if (find_named(type.fields, key) == nullptr)
      return wrong(join(path, log::escaped(key, 40)), "unknown field");
  for (const auto& field : type.fields) {
    auto found = value.find(field.name);
    std::string at = join(path, field.name);
    if (found != value.end())
      TS_TRY(check_at(field.type, *found, at));
    else if (!field.type.nullable)
      return wrong(at, "is missing");
  }
  return {};
}

}  // namespace ts::varlink
