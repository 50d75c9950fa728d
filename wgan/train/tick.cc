// Ticks as JSON.
#include "wgan/train/tick.h"

#include <nlohmann/json.hpp>
#include <type_traits>

namespace wgan {

nlohmann::ordered_json tick_to_json(const Tick& tick) {
  nlohmann::ordered_json json;
  Tick::visit(tick, [&](const char* key, const auto& value) { json[key] = value; });
  return json;
}

Tick tick_from_json(const nlohmann::ordered_json& json) {
  Tick tick;
  Tick::visit(tick, [&](const char* key, auto& value) {
    using Value = std::decay_t<decltype(value)>;
    const auto at = json.find(key);
    value = at != json.end() && at->is_number() ? at->template get<Value>() : Value{};
  });
  return tick;
}

}  // namespace wgan
