// Signals to a training program, and a second program in its run folder.
#include <sys/stat.h>

#include "wgan/cli/program_test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Names = std::vector<std::string>;

class Signals : public ProgramTest {
 protected:
  // Arguments of a small run that goes on for minutes.
  static Names train(const Names& more) {
    Names arguments = {"train",     "gaussians8", "--width",      "16",
                       "--threads", "1",          "--tick-every", "5"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  // What run.json says of the run's end.
  std::string state_of(const std::string& run) const {
    return Json::parse(read_test_file(folder() / run / "run.json")).at("state");
  }
};

// A named pipe that takes `room` bytes; whoever writes more stands still.
class NarrowPipe {
 public:
  NarrowPipe(const fs::path& path, size_t room) {
    fs::remove(path);
    EXPECT_EQ(::mkfifo(path.c_str(), 0666), 0);
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    const auto capacity = static_cast<size_t>(::fcntl(descriptor_, F_SETPIPE_SZ, 4096));
    const std::string filling(capacity - room, 'x');
    EXPECT_EQ(::write(descriptor_, filling.data(), filling.size()), std::ssize(filling));
  }
  ~NarrowPipe() { ::close(descriptor_); }
  NarrowPipe(const NarrowPipe&) = delete;
  NarrowPipe& operator=(const NarrowPipe&) = delete;

 private:
  int descriptor_ = -1;
};

// Whether the process handles the signal itself (/proc/PID/status, SigCgt).
bool handles(pid_t process, int signal) {
  std::istringstream status(read_test_file("/proc/" + std::to_string(process) + "/status"));
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("SigCgt:")) continue;
    return (std::stoull(line.substr(7), nullptr, 16) >> (signal - 1)) % 2 == 1;
  }
  return false;
}

TEST_F(Signals, SaveAndLeave) {
  for (const auto& [signal, code] : {std::pair{SIGINT, 130}, {SIGTERM, 143}}) {
    const std::string name = std::to_string(code) + " it's";
    const pid_t child = start(train({"--name", name}));
    ASSERT_TRUE(wait_for("step 5/"));
    ::kill(child, signal);
    const Outcome outcome = finish(child);
    EXPECT_EQ(outcome.code, code) << outcome.told();
    EXPECT_FALSE(outcome.killed) << outcome.told();
    EXPECT_NE(outcome.err.find("interrupted and saved"), std::string::npos) << outcome.told();
    const std::string made = (code == 130 ? "runs/00000-" : "runs/00001-") + name;
    const std::string number = code == 130 ? "0-130" : "1-143";
    EXPECT_NE(outcome.out.find("\nmore:    wgan sample 'runs/0000" + number +
                               " it'\\''s' --seeds 0-63\n" +
                               "go on:   wgan train --resume 'runs/0000" + number + " it'\\''s'\n"),
              std::string::npos)
        << outcome.told();
    EXPECT_EQ(state_of(made), "stopped");
    EXPECT_EQ(run({"sample", made, "--seeds", "0"}).code, 0);
  }
}

TEST_F(Signals, SaveAndGoOn) {
  const pid_t child = start(train({"--checkpoint-every", "1h"}));
  ASSERT_TRUE(wait_for("step 5/"));
  ::kill(child, SIGUSR1);
  const fs::path last = folder() / "runs/00000-gaussians8-wgan-gp/checkpoints/last";
  for (int i = 0; i < 1200 && !fs::exists(last); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(fs::exists(last));
  ::kill(child, SIGINT);
  EXPECT_EQ(finish(child).code, 130);
}

// A resumed run stands still at its first tick: log.txt takes the line that it was resumed, but not
// the tick's. So the first signal cannot have ended it when the second comes.
TEST_F(Signals, EndTheProgramAtOnceTheSecondTime) {
  ASSERT_EQ(run(train({"--name", "a", "--steps", "4", "--no-lr-decay"})).code, 0);
  const std::string made = "runs/00000-a";
  const Names before = contents(made + "/checkpoints");
  for (const int signal : {SIGINT, SIGTERM}) {
    const NarrowPipe log(folder() / made / "log.txt", 128);
    const pid_t child = start({"train", "--resume", made, "--steps", "100000"});
    ASSERT_TRUE(wait_for("step 5/"));
    ::kill(child, signal);
    // Two of the same that come together are one: wait until the first has been taken.
    for (int i = 0; i < 6000 && handles(child, signal); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_FALSE(handles(child, signal));
    EXPECT_EQ(::waitpid(child, nullptr, WNOHANG), 0) << "the first has ended it";
    ::kill(child, signal);
    const Outcome outcome = finish(child);
    EXPECT_EQ(outcome.code, 128 + signal) << outcome.told();
    EXPECT_TRUE(outcome.killed) << outcome.told();
    EXPECT_EQ(outcome.err.find("saved"), std::string::npos) << outcome.told();
    EXPECT_EQ(state_of(made), "running");
    EXPECT_EQ(contents(made + "/checkpoints"), before);
    EXPECT_EQ(run({"sample", made, "--seeds", "0"}).code, 0) << "the checkpoint is whole";
  }
  fs::remove(folder() / made / "log.txt");
  const Outcome resumed = run({"train", "--resume", made, "--steps", "8"});
  EXPECT_EQ(resumed.code, 0) << resumed.told();
}

class SecondProgram : public Signals {};

TEST_F(SecondProgram, IsKeptOutOfARunFolder) {
  const std::string made = "runs/00000-first";
  const pid_t first = start(train({"--name", "first", "--checkpoint-every", "0.001s"}));
  ASSERT_TRUE(wait_for("step 5/"));
  const Outcome refused = run({"train", "--resume", made});
  EXPECT_EQ(refused.code, 2) << refused.told();
  EXPECT_NE(refused.err.find("another process"), std::string::npos) << refused.told();
  ::kill(first, SIGKILL);
  EXPECT_TRUE(finish(first).killed);
  const Outcome after = run({"train", "--resume", made, "--time", "0.1s"});
  EXPECT_EQ(after.code, 0) << "the lock dies with its process" << after.told();
}

}  // namespace
}  // namespace wgan
