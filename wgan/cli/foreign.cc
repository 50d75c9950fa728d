// Looks foreign names up.
#include "wgan/cli/foreign.h"

#include <algorithm>
#include <cctype>

#include "wgan/core/options.h"

namespace wgan {
namespace {

bool among(std::string_view list, char separator, std::string_view name) {
  const auto parts = split(std::string(list), separator);
  return std::ranges::find(parts, name) != parts.end();
}

// "--Batch_size" as "batchsize".
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '-' && c != '_') {
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return plain;
}

}  // namespace

std::string foreign_hint(std::string_view verb, std::string_view name) {
  const std::string plain = plain_name(name);
  const auto* const row = std::ranges::find_if(kForeign, [&](const Foreign& foreign) {
    return among(foreign.verbs, '|', verb) && among(foreign.names, ' ', plain);
  });
  if (row == std::end(kForeign)) return "";
  std::string hint = row->here;
  constexpr std::string_view kVerb = "VERB";
  if (const size_t at = hint.find(kVerb); at != std::string::npos) {
    hint.replace(at, kVerb.size(), verb);
  }
  return hint;
}

}  // namespace wgan
