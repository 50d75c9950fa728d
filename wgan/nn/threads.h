// Fast arithmetic on any machine: the right BLAS for this processor, all its cores, and large
// blocks of memory that are kept.
//
// Debian's LibTorch multiplies matrices with the system's BLAS. OpenBLAS picks its kernels when it
// is loaded, and a version older than the processor picks those of a much older one (65 instead of
// 320 GFLOP/s seen); the reference BLAS is 80 times slower. Both are cured by environment
// variables, but only before the libraries are loaded: hence the program starts itself again, once.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace wgan {

// The widest vector instructions of the processor that OpenBLAS has kernels for.
enum class CpuLevel { kOther, kHaswell, kSkylakeX };  // kHaswell: AVX2 and FMA; kSkylakeX: AVX-512

// What decides whether the arithmetic is fast.
struct ArithmeticSetup {
  CpuLevel cpu = CpuLevel::kOther;
  std::string blas_core;      // what OpenBLAS runs for ("Prescott"); empty: none is loaded
  std::string blas_path;      // real path of the library that multiplies; empty: none of its own
  std::string openmp_folder;  // where Debian's OpenBLAS for OpenMP lies; empty: not installed
  std::string core_type;      // the user's OPENBLAS_CORETYPE
  std::string library_path;   // the user's LD_LIBRARY_PATH
  bool restarted = false;     // the program has started itself before
};

using Environment = std::vector<std::pair<std::string, std::string>>;

// The environment variables to start again with; empty where the arithmetic is as fast as it gets,
// where the user has decided himself, or where the program has been restarted.
Environment faster_environment(const ArithmeticSetup& setup);

// To be called first in main(). Starts the program again where faster_environment asks for it (argv
// as it is; returns where that fails), and keeps large freed blocks for reuse instead of handing
// them back to the system at every training step.
void ensure_fast_arithmetic(int argc, char** argv);

struct Arithmetic {
  std::string blas;   // "OpenBLAS 0.3.21 (OpenMP)", "MKL", or a library's path
  std::string core;   // the processor OpenBLAS runs for; empty for another BLAS
  int threads = 0;    // of LibTorch
  double gflops = 0;  // 10^9 floating-point operations a second in a float32 product of 1024^3
};

// Measures for at least a quarter of a second.
Arithmetic describe_arithmetic();

// Sets the threads of LibTorch, OpenMP and OpenBLAS. threads: 0 for all processors this process may
// run on. Returns the number set. Throws Error(kUsage) where threads is negative or beyond 4096.
int use_threads(int64_t threads);

}  // namespace wgan
