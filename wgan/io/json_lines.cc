// One write(2) a line, with O_APPEND.
#include "wgan/io/json_lines.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "wgan/core/error.h"
#include "wgan/io/mapped_file.h"
#include "wgan/io/output_error.h"

namespace wgan {
namespace {

std::string_view text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

// Cuts the file behind its last line end.
void cut_partial_line(const std::filesystem::path& path) {
  size_t complete = 0;
  {
    const MappedFile file(path);
    const std::string_view text = text_of(file);
    complete = text.find_last_of('\n') + 1;  // npos + 1 = 0
    if (complete == text.size()) return;
  }
  if (::truncate(path.c_str(), static_cast<off_t>(complete)) != 0) {
    throw output_error("write " + path.string(), errno);
  }
}

}  // namespace

JsonLines::JsonLines(const std::filesystem::path& path, bool append) : path_(path) {
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (append ? 0 : O_TRUNC);
  descriptor_ = ::open(path.c_str(), flags, 0666);
  if (descriptor_ < 0) throw output_error("write " + path.string(), errno);
  try {
    if (append) cut_partial_line(path);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

JsonLines::~JsonLines() { ::close(descriptor_); }

void JsonLines::append(const nlohmann::ordered_json& value) {
  const std::string line =
      value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
  struct stat before {};
  if (::fstat(descriptor_, &before) != 0) throw output_error("write " + path_.string(), errno);
  ssize_t written = -1;
  do {
    written = ::write(descriptor_, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(line.size())) return;
  // A short write without an error code: the disk was full in the middle of the line.
  const int error_number = written < 0 ? errno : ENOSPC;
  if (written > 0 && ::ftruncate(descriptor_, before.st_size) != 0) {
    throw output_error("undo a half-written line of " + path_.string(), errno);
  }
  throw output_error("write " + path_.string(), error_number);
}

void cut_json_lines(const std::filesystem::path& path,
                    const std::function<bool(const nlohmann::ordered_json&)>& keep) {
  if (!std::filesystem::exists(path)) return;
  size_t good = 0, size = 0;
  {
    const MappedFile file(path);
    const std::string_view text = text_of(file);
    size = text.size();
    for (size_t end = 0; (end = text.find('\n', good)) != std::string_view::npos; good = end + 1) {
      const auto line = nlohmann::ordered_json::parse(text.substr(good, end - good), nullptr,
                                                      /*allow_exceptions=*/false);
      if (line.is_discarded() || !keep(line)) break;
    }
  }
  if (good < size && ::truncate(path.c_str(), static_cast<off_t>(good)) != 0) {
    throw output_error("write " + path.string(), errno);
  }
}

std::vector<nlohmann::ordered_json> read_json_lines(const std::filesystem::path& path) {
  const MappedFile file(path);
  std::string_view text = text_of(file);
  std::vector<nlohmann::ordered_json> values;
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    try {
      values.push_back(nlohmann::ordered_json::parse(text.substr(0, end)));
    } catch (const nlohmann::ordered_json::exception& error) {
      throw Error(ErrorKind::kData,
                  fmt::format("{}: line {} is no JSON ({})", path.string(), values.size() + 1,
                              error.what()),
                  "remove or mend that line");
    }
    text.remove_prefix(end + 1);
  }
  return values;
}

}  // namespace wgan
