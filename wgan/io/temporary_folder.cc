// Makes temporary folders with mkdtemp(3).
#include "wgan/io/temporary_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "wgan/io/output_error.h"
#include "wgan/io/remove_tree.h"

namespace wgan {

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) throw output_error("make a temporary folder", error.value());
  std::string name = (parent / "wgan-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw output_error("make the folder " + name, errno);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  remove_tree(path_);  // a destructor has nobody to tell of errors
}

}  // namespace wgan
