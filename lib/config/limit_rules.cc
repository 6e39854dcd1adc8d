#include "lib/config/limit_rules.h"

#include <algorithm>

#include "lib/config/read_value.h"

namespace ts::config {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMostRules = 100;

Kind<seconds> limit() {
  return duration(seconds(0), kLongestLimit);
}

/// A value of a rule: what it is called, how it is read, and how it is printed, empty if it is not given.
struct Field {
  std::string name;
  std::function<std::vector<Complaint>(const YAML::Node&, LimitRule&)> read;
  std::function<std::string(const LimitRule&)> print;
};

template <typename T>
Field field(std::string name, std::optional<T> LimitRule::*member, Kind<T> kind) {
  return {std::move(name),
          [member, kind](const YAML::Node& node, LimitRule& rule) {
            T value{};
            auto complaints = read_scalar(node, kind, value);
            if (complaints.empty()) rule.*member = value;
            return complaints;
          },
          [member, kind](const LimitRule& rule) { return rule.*member ? kind.print(*(rule.*member)) : ""; }};
}

const std::vector<Field>& fields() {
  static const std::vector<Field> table{
      {"for",
       [](const YAML::Node& node, LimitRule& rule) { return read_list(node, account_name(), 1, rule.names); },
       [](const LimitRule& rule) {
         std::string out;
         for (const auto& name : rule.names) out += (out.empty() ? "" : ", ") + account_name().print(name);
         return "[" + out + "]";
       }},
      field("idle", &LimitRule::idle, limit()),
      field("active", &LimitRule::active, limit()),
      field("disconnected", &LimitRule::disconnected, limit()),
      field("action", &LimitRule::action, limit_action()),
      field("per_user", &LimitRule::per_user, whole_number(0, 10000)),
      field("memory", &LimitRule::memory, session_memory()),
      field("cpu_weight", &LimitRule::cpu_weight, whole_number(0, kMostWeight)),
      field("tasks", &LimitRule::tasks, whole_number(0, kMostTasks))};
  return table;
}

std::string known_names() {
  std::string out;
  for (const auto& field : fields()) out += (out.empty() ? "" : ", ") + field.name;
  return out;
}

std::vector<Complaint> read_rule(const YAML::Node& node, LimitRule& rule) {
  if (!node.IsMap()) return {{line_of(node), "has to be a map such as {for: [\"@staff\"], idle: 1h}"}};
  std::vector<Complaint> complaints;
  for (const auto& entry : node) {
    std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    auto known =
        std::find_if(fields().begin(), fields().end(), [&](const Field& one) { return one.name == name; });
    if (known == fields().end()) {
      complaints.push_back(
          {line_of(entry.first),
           fmt::format("'{}' is not one of {}", log::escaped(name.substr(0, 40)), known_names())});
      continue;
    }
    for (auto& found : known->read(entry.second, rule))
      complaints.push_back({found.line, name + ": " + found.text});
  }
  if (complaints.empty() && rule.names.empty())
    complaints.push_back({line_of(node), "has no 'for', which says whom it is for"});
  return complaints;
}

}  // namespace

Kind<LimitAction> limit_action() {
  return one_of<LimitAction>({{"disconnect", LimitAction::kDisconnect}, {"logoff", LimitAction::kLogOff}});
}

/// Zero, or enough for a display server and something beside it: less would end every session at its start.
Kind<std::uint64_t> session_memory() {
  constexpr std::uint64_t kLeast = 50'000'000, kMost = 1'000'000'000'000;
  auto size = byte_size(0, kMost);
  return {fmt::format("0 or a size from {} to {}, in bytes or with k, M or G", size.print(kLeast),
                      size.print(kMost)),
          [size](const std::string& text) -> std::optional<std::uint64_t> {
            auto value = size.parse(text);
            return value && (*value == 0 || *value >= kLeast) ? value : std::nullopt;
          },
          size.print};
}

std::vector<Complaint> read_limit_rules(const YAML::Node& node, std::vector<LimitRule>& out) {
  if (!node.IsSequence()) return {{line_of(node), "has to be a list of maps"}};
  if (node.size() > kMostRules) return {{line_of(node), fmt::format("has more than {} rules", kMostRules)}};
  std::vector<Complaint> complaints;
  std::vector<LimitRule> rules;
  for (const auto& element : node) {
    auto found = read_rule(element, rules.emplace_back());
    complaints.insert(complaints.end(), found.begin(), found.end());
  }
  if (complaints.empty()) out = std::move(rules);
  return complaints;
}

std::string print_limit_rules(const std::vector<LimitRule>& rules) {
  std::string out;
  for (const auto& rule : rules) {
    std::string values;
    for (const auto& field : fields())
      if (auto text = field.print(rule); !text.empty())
        values += fmt::format("{}{}: {}", values.empty() ? "" : ", ", field.name, text);
    out += fmt::format("{}{{{}}}", out.empty() ? "" : ", ", values);
  }
  return "[" + out + "]";
}

}  // namespace ts::config
