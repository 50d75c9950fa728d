// Every write of a checkpoint fails once, in every way: the checkpoint before always loads. And
// what is renamed has reached the disk before.
//
// This file stands in for the C library's write, fsync, rename and renameat2 in this test program:
// they fail or are noted where a test has asked for it, and are the system's own elsewhere.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <torch/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/nn/test_support.h"
#include "wgan/run/checkpoint.h"
#include "wgan/train/test_support.h"

namespace {

enum class Fault { kNone, kShortWrite, kWriteError, kFsync, kRename };
std::atomic<Fault> fault{Fault::kNone};
std::atomic<int> calls_left{-1};  // until the one that fails; below 0: none does
std::atomic<int> error_number{0};

// Whether this call is the one that fails. After it the rest succeed, as on a disk with a bad spot,
// but for a full disk, where all fail.
bool fails(Fault kind) {
  if (fault != kind) return false;
  if (calls_left-- > 0) return false;
  if (error_number != ENOSPC) fault = Fault::kNone;
  errno = error_number;
  return true;
}

// What has become of files and folders, while a test looks on.
class DiskRecord {
 public:
  bool on = false;

  void written(int descriptor) {
    if (!on) return;
    const std::string path = path_of(descriptor);
    if (!synced_.contains(path)) new_name_in(folder_of(path));
    synced_[path] = false;
  }
  void synced(int descriptor) {
    if (!on) return;
    const std::string path = path_of(descriptor);
    synced_[path] = true;
    renamed_in_.erase(path);
  }
  void renamed(const std::string& from, const std::string& to) {
    if (!on) return;
    ++renames_;
    std::map<std::string, bool> after;
    for (const auto& [path, on_disk] : synced_) {
      const bool moves = path == from || path.starts_with(from + "/");
      if (moves && !on_disk) complaints_.push_back(path + " is not synced when it gets its name");
      after[moves ? to + path.substr(from.size()) : path] = on_disk;
    }
    synced_ = std::move(after);
    new_name_in(folder_of(to));
    renamed_in_.insert(folder_of(to));
  }

  int renames() const { return renames_; }
  // Of all that was renamed, and of what is not on the disk now.
  std::vector<std::string> complaints() const {
    std::vector<std::string> all = complaints_;
    for (const auto& [path, on_disk] : synced_) {
      if (!on_disk) all.push_back(path + " is not synced at the end");
    }
    return all;
  }

 private:
  static std::string path_of(int descriptor) {
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    return std::filesystem::read_symlink(link).string();
  }
  static std::string folder_of(const std::string& path) {
    return std::filesystem::path(path).parent_path().string();
  }

  void new_name_in(const std::string& folder) {
    if (renamed_in_.contains(folder)) {
      complaints_.push_back(folder + " is not synced after a rename in it");
    }
    synced_[folder] = false;
  }

  std::set<std::string> renamed_in_;    // folders, since they were synced
  std::map<std::string, bool> synced_;  // whether all that was done to it is on the disk
  std::vector<std::string> complaints_;
  int renames_ = 0;
};
DiskRecord* record = nullptr;  // of the test that looks on

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t count) {
  if (descriptor > 2 && fails(Fault::kWriteError)) return -1;
  if (descriptor > 2 && count > 1 && fails(Fault::kShortWrite)) {
    fault = Fault::kWriteError;  // the next one says why
    calls_left = 0;
    return ::syscall(SYS_write, descriptor, bytes, count / 2);
  }
  if (descriptor > 2 && record != nullptr) record->written(descriptor);
  return ::syscall(SYS_write, descriptor, bytes, count);
}

int fsync(int descriptor) {
  if (fails(Fault::kFsync)) return -1;
  if (record != nullptr) record->synced(descriptor);
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

int rename(const char* from, const char* to) noexcept {
  if (fails(Fault::kRename)) return -1;
  if (record != nullptr) record->renamed(from, to);
  return static_cast<int>(::syscall(SYS_rename, from, to));
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  if (fails(Fault::kRename)) return -1;
  if (record != nullptr) record->renamed(from, to);
  return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

}  // extern "C"

namespace wgan {
namespace {

namespace fs = std::filesystem;

struct WriteFaults : testing::Test {
  TemporaryFolder folder;
  Dataset data = bars_dataset(8, 1);
  TrainOptions options = steered_options(data);
  Players players = tiny_players(data, options);

  static TrainOptions steered_options(const Dataset& data) {
    TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
    options.players.net = Net::kMlp;
    options.augment.kinds = "translation";
    options.augment.target = 0.5;
    return options;
  }
  static double strength_of(int64_t step) { return 0.01 * static_cast<double>(step); }

  void TearDown() override {
    fault = Fault::kNone;
    record = nullptr;
  }

  fs::path write_step(int64_t step) {
    players.step = step;
    players.steering = {.strength = strength_of(step), .lead = 1, .height = 2};
    CheckpointState state;
    state.options.train = options;
    state.data = describe_data(data);
    state.networks = build_networks(options, sample_shape(data.shape));
    return write_checkpoint(folder.path(), players, state, 2);
  }

  // The newest checkpoint is whole and one of the two.
  void expect_loads(int64_t before, int64_t after) {
    const fs::path newest = find_checkpoint(folder.path().string(), "runs");
    const CheckpointState state = read_checkpoint_state(newest);
    EXPECT_TRUE(state.step == before || state.step == after) << state.step;
    Players read = tiny_players(data, options);
    read_players(newest, state, read);
    EXPECT_TRUE(bits_equal(read.critic.parameters, players.critic.parameters));
    EXPECT_EQ(read.steering.strength, strength_of(state.step));
  }

  // Fails the first, second, ... call of a kind, until a checkpoint has fewer of them. Returns how
  // many it has. before: the step there is; step: the one that is written.
  int fail_each(Fault kind, int error, int64_t before, int64_t step) {
    for (int call = 0;; ++call) {
      SCOPED_TRACE("call " + std::to_string(call));
      calls_left = call;
      error_number = error;
      fault = kind;
      bool thrown = false;
      try {
        write_step(step);
      } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::kOutput) << e.what();
        thrown = true;
      }
      const bool reached = fault != kind || calls_left < 0;
      fault = Fault::kNone;
      expect_loads(before, step);
      if (!reached) return call;
      // A fault in exchanging the folders' names is overcome by the second way of doing it.
      EXPECT_TRUE(thrown || kind == Fault::kRename);
    }
  }
};

TEST_F(WriteFaults, LeaveTheCheckpointBeforeOfANewStep) {
  write_step(1);
  int64_t step = 2;
  for (const auto& [kind, error] : {std::pair{Fault::kWriteError, ENOSPC},
                                    {Fault::kWriteError, EIO},
                                    {Fault::kShortWrite, ENOSPC},
                                    {Fault::kFsync, EIO},
                                    {Fault::kRename, EIO}}) {
    SCOPED_TRACE(std::to_string(static_cast<int>(kind)) + ", " + std::to_string(error));
    const int calls = fail_each(kind, error, step - 1, step);
    EXPECT_GE(calls, 8);  // a file each
    ++step;
  }
}

TEST_F(WriteFaults, LeaveTheSameStepWrittenBefore) {
  write_step(1);
  for (const auto& [kind, error] :
       {std::pair{Fault::kWriteError, ENOSPC}, {Fault::kFsync, EIO}, {Fault::kRename, EIO}}) {
    SCOPED_TRACE(std::to_string(static_cast<int>(kind)) + ", " + std::to_string(error));
    EXPECT_GE(fail_each(kind, error, 1, 1), 8);
  }
}

// A crash of the machine must not leave a name without what belongs to it.
TEST_F(WriteFaults, AreNoDangerToWhatIsRenamed) {
  DiskRecord disk;
  record = &disk;
  disk.on = true;
  write_step(1);  // of a new step
  write_step(1);  // over the one that is there
  disk.on = false;
  EXPECT_GE(disk.renames(), 2 * 10) << "eight files, their folder and last, twice";
  for (const std::string& complaint : disk.complaints()) ADD_FAILURE() << complaint;
}

}  // namespace
}  // namespace wgan
