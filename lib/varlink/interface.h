// A Varlink interface definition (varlink.org/Interface-Definition), parsed into a typed model, and the check
// of JSON parameters against it: unknown fields, wrong types and missing fields that are not nullable are
// refused. Pure. The definitions themselves are *.varlink beside this file, embedded as
// ts::varlink::k_ts_session etc.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace ts::varlink {

struct Field;

struct Type {
  enum class Kind { kBool, kInt, kFloat, kString, kObject, kStruct, kEnum, kArray, kMap, kNamed };
  Kind kind = Kind::kObject;
  bool nullable = false;
  std::vector<Field> fields;            // kStruct
  std::vector<std::string> values;      // kEnum
  std::shared_ptr<const Type> element;  // kArray, kMap; shared because a Type is a value that is copied
  std::string name;                     // kNamed
};

struct Field {
  std::string name;
  Type type;
};

struct Method {
  std::string name;
  Type parameters;  // kStruct
  Type reply;       // kStruct
};

/// A `type` or an `error` and what it stands for.
struct Definition {
  std::string name;
  Type type;
};

class Interface {
 public:
  /// Malformed text is refused with its line: "line 3: ...".
  static Result<Interface> parse(std::string_view text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  const std::vector<Method>& methods() const { return methods_; }
  const Method* find_method(std::string_view name) const;
  const Definition* find_error(std::string_view name) const;

  /// What is wrong with a value for one of this interface's types. The error's message is made of a path and
  /// a reason, "client.width: an integer is needed"; kMalformed.
  Result<> check(const Type& type, const nlohmann::json& value) const;
  /// The top-level field that the last failed check was about is what InvalidParameter names.
  static std::string field_of(const Error& error);

 private:
  const Type* find_type(std::string_view name) const;
  Result<> check_at(const Type& type, const nlohmann::json& value, const std::string& path) const;
  Result<> check_struct(const Type& type, const nlohmann::json& value, const std::string& path) const;
  Result<> resolve(const Type& type) const;

  friend class InterfaceParser;
  std::string name_;
  std::string text_;
  std::vector<Definition> types_;
  std::vector<Method> methods_;
  std::vector<Definition> errors_;
};

}  // namespace ts::varlink
