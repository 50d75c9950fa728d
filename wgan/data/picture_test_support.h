// A folder of small pictures for tests, and a zip archive of them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "wgan/data/open.h"
#include "wgan/io/image_test_support.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/io/zip.h"

namespace wgan {

// The cache lies beside the pictures while a test runs.
class Pictures : public testing::Test {
 protected:
  Pictures() {
    std::filesystem::create_directory(source());
    ::setenv("WGAN_CACHE", cache().c_str(), 1);
    options_.data = source().string();
    options_.size = 16;
  }
  ~Pictures() override { ::unsetenv("WGAN_CACHE"); }

  std::filesystem::path source() const { return folder_.path() / "source"; }
  std::filesystem::path cache() const { return folder_.path() / "cache"; }
  std::filesystem::path file(const std::string& name) const {
    const auto path = source() / name;
    std::filesystem::create_directories(path.parent_path());
    return path;
  }

  // A 16x16 picture all of one grey level, in the format of the name's ending.
  void plain(const std::string& name, int level) const {
    write_test_image(file(name), {.value = [level](int, int, int) { return level; }});
  }
  void text(const std::string& name, const std::string& content) const {
    write_test_file(file(name), content);
  }

  Dataset open(Split split = Split::kTrain) const {
    DataOptions options = options_;
    options.split = split;
    return open_dataset(options, 1);
  }
  // The first value of each row.
  static std::vector<int> levels(const Dataset& dataset) {
    std::vector<int> result;
    std::vector<std::byte> row(static_cast<size_t>(dataset.row_bytes()));
    for (int64_t i = 0; i < dataset.size; ++i) {
      dataset.read_row(i, row);
      result.push_back(std::to_integer<int>(row[0]));
    }
    return result;
  }
  static std::vector<int> labels(const Dataset& dataset) {
    std::vector<int> result;
    for (int64_t i = 0; i < dataset.size; ++i) result.push_back(dataset.label(i));
    return result;
  }
  // Whether one of the notes holds this text.
  static bool notes(const Dataset& dataset, const std::string& text) {
    for (const std::string& note : dataset.notes) {
      if (note.find(text) != std::string::npos) return true;
    }
    return false;
  }

  // An archive of these names, each holding the content of the file of this name in source(), or
  // where there is none, its own name.
  void zip(const std::filesystem::path& path, const std::vector<std::string>& names) const {
    std::vector<std::string> contents;
    for (const std::string& name : names) {
      const bool there = std::filesystem::is_regular_file(source() / name);
      contents.push_back(there ? read_test_file(source() / name) : name);
    }
    std::vector<ZipMember> members;
    for (size_t i = 0; i < names.size(); ++i) {
      members.push_back({names[i], std::as_bytes(std::span(contents[i])), nullptr});
    }
    write_zip(path, members);
  }

  TemporaryFolder folder_;
  DataOptions options_;
};

}  // namespace wgan
