// Finds out which BLAS multiplies and for which processor, and restarts the program for a better
// one.
#include "wgan/nn/threads.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "wgan/core/error.h"
#include "wgan/core/processors.h"

namespace wgan {
namespace {

constexpr const char* kRestarted = "WGAN_RESTARTED";
constexpr const char* kCoreType = "OPENBLAS_CORETYPE";
constexpr const char* kLibraryPath = "LD_LIBRARY_PATH";

// Looks a function up in the libraries that are loaded; null where none has it.
template <class Function>
Function* loaded_function(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

CpuLevel cpu_level() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512cd")) {
    return CpuLevel::kSkylakeX;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return CpuLevel::kHaswell;
#endif
  return CpuLevel::kOther;
}

std::string openblas_core() {
  auto* corename = loaded_function<const char*()>("openblas_get_corename");
  return corename == nullptr ? "" : corename();
}

// The real path of the library in which the name sgemm_ is found.
std::string blas_path() {
  Dl_info library;
  void* multiply = dlsym(RTLD_DEFAULT, "sgemm_");
  if (multiply == nullptr || dladdr(multiply, &library) == 0) return "";
  std::error_code failed;
  const std::filesystem::path real = std::filesystem::canonical(library.dli_fname, failed);
  return failed ? library.dli_fname : real.string();
}

// Debian keeps each BLAS in a folder of its own: <libraries>/{blas,openblas-pthread,...}.
std::string openmp_folder_beside(const std::string& blas) {
  if (blas.empty()) return "";
  const auto folder = std::filesystem::path(blas).parent_path().parent_path() / "openblas-openmp";
  std::error_code failed;
  return std::filesystem::exists(folder / "libblas.so.3", failed) ? folder.string() : "";
}

ArithmeticSetup present_setup() {
  ArithmeticSetup setup;
  setup.cpu = cpu_level();
  setup.blas_core = openblas_core();
  setup.blas_path = blas_path();
  setup.openmp_folder = openmp_folder_beside(setup.blas_path);
  setup.core_type = environment(kCoreType);
  setup.library_path = environment(kLibraryPath);
  setup.restarted = !environment(kRestarted).empty();
  return setup;
}

// The least level of processor that OpenBLAS' kernels of this name make full use of. Names that are
// not listed (other architectures, newer processors) count as good.
CpuLevel core_level(std::string_view core) {
  for (const std::string_view old : {"Prescott", "Core2", "Penryn", "Dunnington", "Atom", "Nano",
                                     "Opteron", "Opteron_SSE3", "Barcelona", "Bobcat", "Nehalem",
                                     "Sandybridge", "Bulldozer", "Piledriver", "Steamroller"}) {
    if (core == old) return CpuLevel::kOther;
  }
  if (core == "Haswell" || core == "Zen" || core == "Excavator") return CpuLevel::kHaswell;
  return CpuLevel::kSkylakeX;
}

const char* core_for(CpuLevel cpu) {
  return cpu == CpuLevel::kSkylakeX ? "SkylakeX" : cpu == CpuLevel::kHaswell ? "Haswell" : "";
}

// One of Debian's libraries that the OpenMP flavour of OpenBLAS should stand in for: the reference
// BLAS, or an OpenBLAS whose threads get in the way of LibTorch's.
bool slow_flavour(const std::string& blas) {
  const std::string folder = std::filesystem::path(blas).parent_path().filename();
  return folder == "blas" || folder == "openblas-pthread" || folder == "openblas-serial";
}

bool on_path(std::string_view folders, std::string_view folder) {
  while (!folders.empty()) {
    const size_t colon = std::min(folders.find(':'), folders.size());
    if (folders.substr(0, colon) == folder) return true;
    folders.remove_prefix(std::min(colon + 1, folders.size()));
  }
  return false;
}

// Freed blocks of any size are kept for the next step: activations of tens of MB would otherwise be
// mapped, cleared and unmapped each time they are used (5 to 8 % of a training step).
void keep_large_blocks() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_MAX, 0);         // not the threshold: many glibc take none above 32 MiB
  mallopt(M_TRIM_THRESHOLD, -1);  // never hand the top of the heap back
#endif
}

double measured_gflops() {
  constexpr int64_t kSide = 1024;
  using Clock = std::chrono::steady_clock;
  const at::NoGradGuard no_grad;
  const at::Tensor left = at::ones({kSide, kSide}), right = at::ones({kSide, kSide});
  at::Tensor product = at::mm(left, right);  // threads are started by the first product
  const Clock::time_point start = Clock::now();
  double best = 0, elapsed = 0;
  for (int round = 0; round < 3 || elapsed < 0.25; ++round) {
    const Clock::time_point begin = Clock::now();
    at::mm_out(product, left, right);
    const Clock::time_point end = Clock::now();
    best = std::max(
        best, 2e-9 * kSide * kSide * kSide / std::chrono::duration<double>(end - begin).count());
    elapsed = std::chrono::duration<double>(end - start).count();
  }
  return best;
}

// "OpenBLAS 0.3.21 (OpenMP)" from OpenBLAS' own description of itself.
std::string openblas_name() {
  auto* config = loaded_function<const char*()>("openblas_get_config");
  auto* parallel = loaded_function<int()>("openblas_get_parallel");
  std::string name = config == nullptr ? "OpenBLAS" : config();
  name.resize(std::min(name.size(), name.find(' ', name.find(' ') + 1)));
  if (parallel == nullptr) return name;
  const char* const kFlavours[] = {"serial", "pthread", "OpenMP"};
  return fmt::format("{} ({})", name, kFlavours[std::clamp(parallel(), 0, 2)]);
}

}  // namespace

Environment faster_environment(const ArithmeticSetup& setup) {
  Environment changes;
  if (setup.restarted) return changes;
  const bool other_library =
      slow_flavour(setup.blas_path) && !setup.openmp_folder.empty() &&
      !on_path(setup.library_path, setup.openmp_folder) &&
      !on_path(setup.library_path, std::filesystem::path(setup.blas_path).parent_path().string());
  if (other_library) {
    changes.emplace_back(kLibraryPath, setup.library_path.empty()
                                           ? setup.openmp_folder
                                           : setup.openmp_folder + ":" + setup.library_path);
  }
  // Where no OpenBLAS is loaded yet, the core it would choose is not known: it is told as well.
  const bool old_core = !setup.blas_core.empty() && core_level(setup.blas_core) < setup.cpu;
  const bool unknown_core = setup.blas_core.empty() && other_library;
  if ((old_core || unknown_core) && setup.cpu != CpuLevel::kOther && setup.core_type.empty()) {
    changes.emplace_back(kCoreType, core_for(setup.cpu));
  }
  return changes;
}

void ensure_fast_arithmetic(int /*argc*/, char** argv) {
  const Environment changes = faster_environment(present_setup());
  if (!changes.empty()) {
    for (const auto& [name, value] : changes) setenv(name.c_str(), value.c_str(), /*replace=*/1);
    setenv(kRestarted, "1", /*replace=*/1);
    std::error_code failed;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
    if (!failed) execv(program.c_str(), argv);  // returns only where it fails: then slow but right
  }
  keep_large_blocks();
}

Arithmetic describe_arithmetic() {
  Arithmetic arithmetic;
  const std::string path = blas_path();
  // OpenBLAS may be loaded for the sake of LAPACK, and yet another library multiply.
  const bool openblas = path.empty() || path.find("openblas") != std::string::npos;
  if (openblas) arithmetic.core = openblas_core();
  arithmetic.blas = !arithmetic.core.empty() ? openblas_name()
                    : at::hasMKL()           ? "MKL"
                    : path.empty()           ? "LibTorch's own"
                                             : path;
  arithmetic.threads = at::get_num_threads();
  arithmetic.gflops = measured_gflops();
  return arithmetic;
}

int use_threads(int64_t threads) {
  constexpr int64_t kMost = 4096;
  if (threads < 0 || threads > kMost) {
    throw Error(ErrorKind::kUsage, fmt::format("threads: {} is not within 0 to {}", threads, kMost),
                "give the number of processors to use, or 0 for all");
  }
  int number = static_cast<int>(threads);
  if (number == 0) {
    number = static_cast<int>(allowed_processors().size());
    if (number == 0) number = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
    number = std::max(number, 1);
  }
  at::set_num_threads(number);
  // Looked up, not linked: LibTorch may bring an OpenMP of its own.
  for (const char* setter : {"omp_set_num_threads", "openblas_set_num_threads"}) {
    if (auto* set = loaded_function<void(int)>(setter)) set(number);
  }
  return number;
}

}  // namespace wgan
