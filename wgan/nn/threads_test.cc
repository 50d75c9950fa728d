// Tests the choice of environment in every case, the number of threads and the measured rate.
#include "wgan/nn/threads.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "wgan/core/error.h"

namespace wgan {
namespace {

constexpr const char* kLib = "/usr/lib/x86_64-linux-gnu";

// A processor with AVX-512 on which OpenBLAS for OpenMP runs with the right kernels.
ArithmeticSetup good_setup() {
  ArithmeticSetup setup;
  setup.cpu = CpuLevel::kSkylakeX;
  setup.blas_core = "SkylakeX";
  setup.blas_path = std::string(kLib) + "/openblas-openmp/libblas.so.3";
  setup.openmp_folder = std::string(kLib) + "/openblas-openmp";
  return setup;
}

ArithmeticSetup reference_blas() {
  ArithmeticSetup setup = good_setup();
  setup.blas_core = "";
  setup.blas_path = std::string(kLib) + "/blas/libblas.so.3.11.0";
  return setup;
}

const std::string kOpenmp = std::string(kLib) + "/openblas-openmp";

TEST(Threads, LeaveAGoodSetupAlone) { EXPECT_TRUE(faster_environment(good_setup()).empty()); }

TEST(Threads, RaiseAnOldCoreToTheProcessors) {
  for (const char* core : {"Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen"}) {
    ArithmeticSetup setup = good_setup();
    setup.blas_core = core;
    EXPECT_EQ(faster_environment(setup), (Environment{{"OPENBLAS_CORETYPE", "SkylakeX"}})) << core;
  }
  ArithmeticSetup setup = good_setup();
  setup.cpu = CpuLevel::kHaswell;
  setup.blas_core = "Prescott";
  EXPECT_EQ(faster_environment(setup), (Environment{{"OPENBLAS_CORETYPE", "Haswell"}}));
}

TEST(Threads, KeepACoreThatFitsOrIsNotKnown) {
  for (const char* core : {"SkylakeX", "Cooperlake", "SapphireRapids", "neoversen1"}) {
    ArithmeticSetup setup = good_setup();
    setup.blas_core = core;
    EXPECT_TRUE(faster_environment(setup).empty()) << core;
  }
  for (const char* core : {"Haswell", "Zen", "Excavator"}) {
    ArithmeticSetup setup = good_setup();
    setup.cpu = CpuLevel::kHaswell;
    setup.blas_core = core;
    EXPECT_TRUE(faster_environment(setup).empty()) << core;
  }
}

TEST(Threads, NeverAskForMoreThanTheProcessorHas) {
  ArithmeticSetup setup = good_setup();
  setup.cpu = CpuLevel::kOther;
  setup.blas_core = "Prescott";
  EXPECT_TRUE(faster_environment(setup).empty());
}

TEST(Threads, RespectTheUsersCore) {
  ArithmeticSetup setup = good_setup();
  setup.blas_core = "Prescott";
  setup.core_type = "Prescott";
  EXPECT_TRUE(faster_environment(setup).empty());
}

TEST(Threads, NeverRestartTwice) {
  ArithmeticSetup setup = reference_blas();
  setup.restarted = true;
  EXPECT_TRUE(faster_environment(setup).empty());
}

TEST(Threads, ReplaceTheReferenceBlas) {
  EXPECT_EQ(faster_environment(reference_blas()),
            (Environment{{"LD_LIBRARY_PATH", kOpenmp}, {"OPENBLAS_CORETYPE", "SkylakeX"}}));
}

// LAPACK may load OpenBLAS while the reference BLAS multiplies.
TEST(Threads, ReplaceTheReferenceBlasBesideAnOpenBlas) {
  ArithmeticSetup setup = reference_blas();
  setup.blas_core = "Cooperlake";
  EXPECT_EQ(faster_environment(setup), (Environment{{"LD_LIBRARY_PATH", kOpenmp}}));
  setup.blas_core = "Prescott";
  EXPECT_EQ(faster_environment(setup),
            (Environment{{"LD_LIBRARY_PATH", kOpenmp}, {"OPENBLAS_CORETYPE", "SkylakeX"}}));
}

TEST(Threads, ReplaceThePthreadFlavourAndKeepItsCore) {
  ArithmeticSetup setup = good_setup();
  setup.blas_path = std::string(kLib) + "/openblas-pthread/libopenblasp-r0.3.21.so";
  EXPECT_EQ(faster_environment(setup), (Environment{{"LD_LIBRARY_PATH", kOpenmp}}));
}

TEST(Threads, PutTheFolderBeforeTheUsersOwn) {
  ArithmeticSetup setup = reference_blas();
  setup.library_path = "/opt/cuda/lib";
  EXPECT_EQ(faster_environment(setup).front(),
            (std::pair<std::string, std::string>{"LD_LIBRARY_PATH", kOpenmp + ":/opt/cuda/lib"}));
}

TEST(Threads, RespectABlasTheUserPointedTo) {
  ArithmeticSetup setup = reference_blas();
  setup.library_path = "/opt/lib:" + std::string(kLib) + "/blas";
  EXPECT_TRUE(faster_environment(setup).empty());
  setup.library_path = "";
  setup.blas_path = "/opt/mkl/lib/libmkl_rt.so.2";
  EXPECT_TRUE(faster_environment(setup).empty());
}

TEST(Threads, StayWhereNoBetterBlasIsInstalled) {
  ArithmeticSetup setup = reference_blas();
  setup.openmp_folder = "";
  EXPECT_TRUE(faster_environment(setup).empty());
}

TEST(Threads, AreAllThatTheProcessMayRunOn) {
  cpu_set_t processors;
  ASSERT_EQ(sched_getaffinity(0, sizeof(processors), &processors), 0);
  EXPECT_EQ(use_threads(0), CPU_COUNT(&processors));
  EXPECT_EQ(at::get_num_threads(), CPU_COUNT(&processors));
  EXPECT_EQ(use_threads(3), 3);
  EXPECT_EQ(at::get_num_threads(), 3);
}

TEST(Threads, RefuseANumberThatIsNone) {
  for (const int64_t threads : {int64_t{-1}, int64_t{1} << 40}) {
    try {
      use_threads(threads);
      FAIL() << threads;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    }
  }
}

TEST(Threads, DescribeTheArithmetic) {
  use_threads(1);
  const Arithmetic arithmetic = describe_arithmetic();
  EXPECT_FALSE(arithmetic.blas.empty());
  EXPECT_EQ(arithmetic.threads, 1);
  EXPECT_GT(arithmetic.gflops, 0.1);  // the slowest BLAS on any machine of today reaches 1
  EXPECT_LT(arithmetic.gflops, 1e6);
}

// A child, so that the other tests keep the usual allocator; it tells by its exit status what it
// saw.
TEST(Threads, KeepLargeBlocksInTheHeap) {
  const auto mapped_blocks_in_child = [] {
    setenv("WGAN_RESTARTED", "1", 1);  // this process is not to start itself again
    char name[] = "test";
    char* argv[] = {name, nullptr};
    const size_t mapped_before = mallinfo2().hblks;
    ensure_fast_arithmetic(1, argv);
    volatile char* block = static_cast<char*>(std::malloc(size_t{100} << 20));
    block[0] = 1;
    _exit(static_cast<int>(mallinfo2().hblks - mapped_before));
  };
  EXPECT_EXIT(mapped_blocks_in_child(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace wgan
