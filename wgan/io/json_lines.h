// Logs of one JSON value a line, as metrics.jsonl: appended line by line, readable at any time.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

namespace wgan {

class JsonLines {
 public:
  // append: go on behind the complete lines of the file (a last line without an end, left by a
  // crash, is cut off); otherwise begin an empty file. Throws Error(kOutput).
  JsonLines(const std::filesystem::path& path, bool append);
  ~JsonLines();
  JsonLines(const JsonLines&) = delete;
  JsonLines& operator=(const JsonLines&) = delete;

  // Writes one line and hands it to the system at once. Throws Error(kOutput), and then leaves no
  // part of the line behind. Numbers that JSON lacks (NaN, infinity) become null.
  void append(const nlohmann::ordered_json& value);

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

// Cuts the file behind the longest run of complete lines, from the first, that are JSON and that
// `keep` says yes to: what a crash has left half-written goes, and what a resumed run will write
// again. A file that is not there stays so. Throws Error(kOutput).
void cut_json_lines(const std::filesystem::path& path,
                    const std::function<bool(const nlohmann::ordered_json&)>& keep);

// The values of all complete lines; a last line without an end is ignored, as it may still be being
// written. Throws Error(kData) where the file cannot be read or a complete line is no JSON.
std::vector<nlohmann::ordered_json> read_json_lines(const std::filesystem::path& path);

}  // namespace wgan
