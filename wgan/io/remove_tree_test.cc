// Folders go with all in them, and nothing else goes.
#include "wgan/io/remove_tree.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "wgan/io/temporary_folder.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

void touch(const fs::path& file) { std::ofstream(file) << "x"; }

TEST(RemoveTree, TakesAFolderWithAllInIt) {
  const TemporaryFolder folder;
  const fs::path tree = folder.path() / "tree";
  fs::create_directories(tree / "a" / "b");
  fs::create_directories(tree / "empty");
  touch(tree / "a" / "b" / "file");
  touch(tree / ".hidden");
  EXPECT_FALSE(remove_tree(tree));
  EXPECT_FALSE(fs::exists(tree));
  EXPECT_TRUE(fs::exists(folder.path()));
}

TEST(RemoveTree, TakesAFile) {
  const TemporaryFolder folder;
  touch(folder.path() / "file");
  EXPECT_FALSE(remove_tree(folder.path() / "file"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(RemoveTree, DoesNotFollowLinks) {
  const TemporaryFolder folder;
  const fs::path kept = folder.path() / "kept", tree = folder.path() / "tree";
  fs::create_directories(kept);
  fs::create_directories(tree);
  touch(kept / "file");
  fs::create_directory_symlink(kept, tree / "link");
  EXPECT_FALSE(remove_tree(tree));
  EXPECT_FALSE(fs::exists(tree));
  EXPECT_TRUE(fs::exists(kept / "file"));
  fs::create_directory_symlink(kept, tree);
  EXPECT_FALSE(remove_tree(tree));
  EXPECT_TRUE(fs::exists(kept / "file"));
}

TEST(RemoveTree, WhatIsNotThereIsNoError) {
  const TemporaryFolder folder;
  EXPECT_FALSE(remove_tree(folder.path() / "none"));
  EXPECT_FALSE(remove_tree(folder.path() / "none" / "below"));
}

// /proc lets nobody remove anything.
TEST(RemoveTree, TellsWhatCannotBeRemoved) { EXPECT_TRUE(remove_tree("/proc/self/status")); }

}  // namespace
}  // namespace wgan
