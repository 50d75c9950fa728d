// The one error type of the project: what was seen, what was wanted, and what to do about it.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace wgan {

// What went wrong, from the caller's point of view. `cli` maps each kind to an exit code.
enum class ErrorKind {
  kInternal,      // a defect of wgan itself (exit 1)
  kUsage,         // a wrong option, configuration or argument (exit 2)
  kData,          // input that cannot be read or is not what it claims to be (exit 3)
  kDiverged,      // a non-finite value in training (exit 4)
  kMemory,        // not enough memory (exit 5)
  kIncompatible,  // a checkpoint that does not fit this program or these options (exit 6)
  kOutput,        // a file or folder that cannot be written: full disk, permissions (exit 7)
};

class Error : public std::runtime_error {
 public:
  // message: what was seen and what was wanted. hint: what the person can do; may be empty.
  Error(ErrorKind kind, const std::string& message, std::string hint = "")
      : std::runtime_error(message), kind_(kind), hint_(std::move(hint)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorKind kind_;
  std::string hint_;
};

}  // namespace wgan
