// wgan doctor: what this machine and this build can do.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/version.h>

#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/counted.h"
#include "wgan/core/processors.h"
#include "wgan/io/gzip.h"
#include "wgan/io/image.h"
#include "wgan/lab/gnuplot.h"
#include "wgan/nn/multiply.h"
#include "wgan/nn/threads.h"

namespace wgan {

int doctor_verb(const Arguments& arguments) {
  CLI::App command("Says what this machine and this build of wgan can do.", "wgan doctor");
  bool json = false;
  command.add_flag("--json", json, "the findings as a JSON object on stdout");
  if (!parse_arguments(command, arguments)) return 0;

  // Half of what a core with AVX2 reaches: below it something is wrong with the BLAS.
  constexpr double kSlowPerThread = 20;
  Terminal terminal(json);
  const int threads = use_threads(0);
  const double others = ProcessorWatch().use_within(std::chrono::milliseconds(500)).others;
  const Arithmetic arithmetic = describe_arithmetic();
  const bool crowded = warn_of_crowd(terminal, threads, others);
  const bool slow = !crowded && arithmetic.gflops < kSlowPerThread * arithmetic.threads;
  const auto codecs = image_codecs();
  const std::string gnuplot = gnuplot_version();
  const size_t devices = torch::cuda::is_available() ? torch::cuda::device_count() : 0;

  terminal.result(fmt::format("wgan       {}", WGAN_VERSION));
  terminal.result(fmt::format("LibTorch   {}", TORCH_VERSION));
  terminal.result(fmt::format(
      "CUDA       {}", devices == 0 ? std::string("no device") : counted(devices, "device")));
  terminal.result(fmt::format("BLAS       {}, core {}", arithmetic.blas, arithmetic.core));
  terminal.result(fmt::format("products   of convolutions by {}",
                              has_onednn_product() ? "oneDNN" : "the BLAS"));
  terminal.result(fmt::format("threads    {}", arithmetic.threads));
  terminal.result(fmt::format("others     {:.1f} of {} used by other processes", others,
                              counted(allowed_processors().size(), "processor")));
  terminal.result(fmt::format("rate       {:.0f} GFLOP/s (1024 x 1024 float32 matrix product)",
                              arithmetic.gflops));
  terminal.result(fmt::format("images     {}", codecs.empty()
                                                   ? std::string("built without libvips")
                                                   : fmt::format("{}", fmt::join(codecs, ", "))));
  terminal.result(fmt::format("gzip, npz  {}", has_zlib() ? "yes" : "built without zlib"));
  terminal.result("gnuplot    " +
                  (gnuplot.empty() ? "not installed; wgan lab draws with it (package gnuplot-nox)"
                                   : gnuplot.substr(gnuplot.find(' ') + 1)));
  if (slow) {
    terminal.warning("matrix products are slow here; training will be too");
    terminal.line("hint: install libopenblas0-openmp, or set OPENBLAS_CORETYPE to this processor");
  }
  terminal.object({{"ok", true},
                   {"version", WGAN_VERSION},
                   {"libtorch", TORCH_VERSION},
                   {"cuda_devices", devices},
                   {"blas", arithmetic.blas},
                   {"core", arithmetic.core},
                   {"onednn_product", has_onednn_product()},
                   {"threads", arithmetic.threads},
                   {"processors_used_by_others", others},
                   {"gflops", arithmetic.gflops},
                   {"slow", slow},
                   {"images", codecs},
                   {"gzip", has_zlib()},
                   {"gnuplot", gnuplot}});
  return 0;
}

}  // namespace wgan
