// What the tests of readers and writers share: byte fixtures, files, expected errors, damage.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "wgan/core/error.h"

namespace wgan {

// "00ff 41" -> the bytes 0, 255, 65. Spaces are skipped.
inline std::string from_hex(std::string_view hex) {
  std::string bytes;
  std::string digits;
  for (const char character : hex) {
    if (character == ' ') continue;
    digits += character;
    if (digits.size() == 2) {
      bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
      digits.clear();
    }
  }
  return bytes;
}

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline void write_test_file(const std::filesystem::path& path, std::string_view bytes) {
  // A new file is quick to write; some file systems sync one that replaces its own contents.
  std::filesystem::remove(path);
  std::ofstream stream(path, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(stream.good()) << path;
}

inline std::string read_test_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// action must throw an Error of this kind whose message and hint together hold the fragment.
inline void expect_error(ErrorKind kind, std::string_view fragment,
                         const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << "expected an error about '" << fragment << "'";
  } catch (const Error& error) {
    const std::string told = std::string(error.what()) + " | " + error.hint();
    EXPECT_EQ(error.kind(), kind) << told;
    EXPECT_NE(told.find(fragment), std::string::npos) << told << "\nlacks: " << fragment;
  }
}

// Whatever strict prefix of a valid file `read` is given, it must throw an Error of this kind.
inline void expect_every_truncation_refused(ErrorKind kind, std::string_view valid,
                                            const std::filesystem::path& path,
                                            const std::function<void()>& read) {
  write_test_file(path, valid);
  ASSERT_NO_THROW(read()) << "the whole file must be valid";
  for (size_t length = 0; length < valid.size(); ++length) {
    SCOPED_TRACE(testing::Message() << "cut to " << length << " of " << valid.size() << " bytes");
    write_test_file(path, valid.substr(0, length));
    expect_error(kind, path.filename().string(), read);
  }
}

// With any one byte changed in any way, `read` must return or throw an Error, and nothing else.
inline void expect_no_crash_on_damage(std::string_view valid, const std::filesystem::path& path,
                                      const std::function<void()>& read) {
  for (size_t place = 0; place < valid.size(); ++place) {
    for (const int flip : {0x01, 0x10, 0x80, 0xff}) {
      std::string damaged(valid);
      damaged[place] = static_cast<char>(damaged[place] ^ flip);
      write_test_file(path, damaged);
      try {
        read();
      } catch (const Error&) {
      } catch (const std::exception& other) {
        ADD_FAILURE() << "byte " << place << " ^ " << flip << ": " << other.what();
      }
    }
  }
}

}  // namespace wgan
