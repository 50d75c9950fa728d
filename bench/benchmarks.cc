// Times the parts of a training iteration; bench/compare sets them beside plain PyTorch.
//   wgan_bench --threads=2 --device=cpu --benchmark_filter=critic_step/mnist
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "bench/cases.h"
#include "wgan/core/random.h"
#include "wgan/data/loader.h"
#include "wgan/nn/sweeps.h"
#include "wgan/nn/threads.h"
#include "wgan/train/captured_step.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/generator_step.h"
#include "wgan/train/precision.h"
#include "wgan/train/trainer.h"

#ifdef WGAN_WITH_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#endif

namespace wgan::bench {
namespace {

std::string chosen_device = "cpu";  // --device

bool on_cuda() { return chosen_device == "cuda"; }

// A step is over when the device is.
void finish() {
  if (on_cuda()) torch::cuda::synchronize();
}

TrainOptions options_for(const Case& c) {
  TrainOptions o;
  o.players.init = Init::kScaledUniform;
  o.players.latent = c.networks.generator.input[0];
  o.batches.size = c.batch;
  o.objective.n_critic = 5;
  o.penalty.lambda = c.lambda;
  o.optimizer.critic_lr = o.optimizer.generator_lr = 1e-4;
  o.optimizer.beta1 = 0.5;
  o.optimizer.beta2 = 0.9;
  o.optimizer.average = 0;
  o.cadence.tick_every = o.cadence.samples_every = std::numeric_limits<int64_t>::max();
  o.cadence.checkpoint_every.seconds = 0;
  return o;
}

// Noise in memory: what data looks like does not change the work.
Dataset noise_dataset(const Shape& sample) {
  Dataset data;
  data.name = data.identity = "noise";
  data.size = 1000;
  if (sample.size() == 3) {
    data.shape = {sample[1], sample[2], sample[0]};
  } else {
    data.shape = sample;
    data.type = RowType::kFloat32;
  }
  const int64_t floats = data.type == RowType::kFloat32 ? elements(sample) : elements(sample) / 4;
  std::vector<float> values(static_cast<size_t>(data.size * floats));
  fill_uniform({0, Stream::kTest, 0, 0}, values);
  data.read_row = [values, floats](int64_t row, std::span<std::byte> out) {
    std::memcpy(out.data(), values.data() + row * floats, out.size());
  };
  return data;
}

int64_t status_kilobytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  int64_t value = 0;
  while (status >> word) {
    if (word == key && status >> value) break;
  }
  return value;
}

// MB that a step adds at its peak: on a CPU the first time it runs, on a GPU once its kernels are
// chosen.
double peak_megabytes(const std::function<void()>& step) {
#ifdef WGAN_WITH_CUDA
  if (on_cuda()) {
    step();
    const auto bytes = [] {
      return c10::cuda::CUDACachingAllocator::getDeviceStats(0).allocated_bytes[0];
    };
    const int64_t held = bytes().current;
    c10::cuda::CUDACachingAllocator::resetPeakStats(0);
    step();
    return static_cast<double>(bytes().peak - held) / (1024 * 1024);
  }
#endif
#if defined(__GLIBC__)
  malloc_trim(0);  // what the set-up has freed counts as the step's own
#endif
  std::ofstream("/proc/self/clear_refs") << "5";
  const int64_t before = status_kilobytes("VmRSS:");
  step();
  return static_cast<double>(status_kilobytes("VmHWM:") - before) / 1024;
}

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Times of single steps: like the peers', a figure is their median, which a moment of the machine's
// other work does not move.
class StepTimes {
 public:
  void begin() { begin_ = Clock::now(); }
  void end() { milliseconds_.push_back(1e3 * seconds_since(begin_)); }
  void report(benchmark::State& state) const {
    if (!milliseconds_.empty()) state.counters["median_ms"] = median(milliseconds_);
  }

 private:
  Clock::time_point begin_;
  std::vector<double> milliseconds_;
};

struct Setting {
  explicit Setting(const Case& c)
      : options(options_for(c)),
        players(make_players(c.networks, options, chosen_device)),
        z(torch::randn({c.batch, options.players.latent}).to(torch::Device(chosen_device))),
        fake(generate(players.generator, z)),
        real(torch::rand_like(fake)),
        epsilon(torch::rand({c.batch}, fake.options())) {}

  TrainOptions options;
  Players players;
  at::Tensor z, fake, real, epsilon;
};

// Times a step as `wgan train` takes it: replayed as a graph on a GPU, where it goes through
// sweeps.
void time_captured(benchmark::State& state, const std::function<Tensors(const Tensors&)>& step,
                   const Tensors& inputs, bool sweeps) {
  CapturedStep captured(step, on_cuda() && sweeps);
  constexpr int kWarmUps = 5;  // the graph is recorded in the fourth
  for (int i = 0; on_cuda() && i < kWarmUps; ++i) captured.run(inputs);
  finish();
  StepTimes times;
  for (auto _ : state) {
    times.begin();
    captured.run(inputs);
    finish();
    times.end();
  }
  times.report(state);
  if (!captured.obstacle().empty()) state.SkipWithError(captured.obstacle().c_str());
}

// Gulrajani et al. 2017, Eq. 3.
CriticObjective interpolated(const Case& c) { return {.penalty = {.lambda = c.lambda}}; }

// Paired scores, R1 and R2 (Huang et al. 2024).
CriticObjective paired(const Case&) {
  return {.objective = Objective::kRelativistic,
          .penalty = {.kind = Penalty::kZeroCentred, .at = PenaltyAt::kBoth}};
}

void time_critic_step(benchmark::State& state, const Case& c, CriticObjective objective) {
  Setting s(c);
  set_up_gpu(objective.precision == Precision::kTf32);
  const auto step = [&](const Tensors& inputs) {
    return Tensors{
        critic_gradients(s.players.critic, {inputs[0], inputs[1], inputs[2]}, objective).loss};
  };
  const Tensors inputs{s.real, s.fake, s.epsilon};
  const double peak = peak_megabytes([&] { step(inputs); });
  time_captured(state, step, inputs, objective.route != Route::kAutograd);
  state.counters["peak_mb"] = peak;
}

void time_generator_step(benchmark::State& state, const Case& c, Route route) {
  Setting s(c);
  const auto step = [&](const Tensors& inputs) {
    return Tensors{
        generator_gradients(s.players.generator, s.players.critic, {inputs[0]}, {.route = route})};
  };
  time_captured(state, step, {s.z}, route != Route::kAutograd);
}

void time_fakes(benchmark::State& state, const Case& c) {
  Setting s(c);
  const auto step = [&](const Tensors& inputs) {
    return Tensors{generate(s.players.generator, inputs[0])};
  };
  time_captured(state, step, {s.z}, true);
}

void time_optimizer(benchmark::State& state, const Case& c) {
  Setting s(c);
  Players& p = s.players;
  for (auto _ : state) {
    optimizer_step(p.critic_optimizer, 1e-9, p.critic.parameters, p.critic.gradients);
    finish();
  }
}

// Five critic steps and one of the generator, as `wgan train` takes them.
void time_iteration(benchmark::State& state, const Case& c, Precision precision) {
  TrainOptions options = options_for(c);
  options.compute.precision = precision;
  Players players = make_players(c.networks, options, chosen_device);
  const Dataset data = noise_dataset(c.networks.critic.input);
  int warm_up = on_cuda() ? 8 : 2;
  StepTimes times;
  TrainHooks hooks;
  hooks.should_stop = [&] {
    finish();
    if (warm_up < 0) times.end();
    const bool over = warm_up-- <= 0 && !state.KeepRunning();
    times.begin();
    return over;
  };
  train(players, data, options, hooks);
  times.report(state);
}

void time_loader(benchmark::State& state, const Case& c) {
  const Dataset data = noise_dataset(c.networks.critic.input);
  Loader loader(data, {.batch = c.batch, .threads = 1});
  for (auto _ : state) benchmark::DoNotOptimize(loader.next());
  state.SetItemsProcessed(state.iterations() * c.batch);
}

// --- The roofline: the convolutions and matrix products of the sweeps alone. ---------------------

using Product = std::function<void(int64_t rows)>;

double seconds_of(const Product& product, int64_t rows) {
  std::vector<double> each;
  double total = 0;
  product(rows);
  for (int round = 0; round < 5 || total < 0.05; ++round) {
    const auto begin = Clock::now();
    product(rows);
    each.push_back(seconds_since(begin));
    total += each.back();
  }
  return median(each);
}

// What the sweeps multiply in one layer.
struct Products {
  Product forward, adjoint, weights;
};

// x: the layer's inputs, d: its outputs; most: rows at the most.
Products conv_products(const Conv2d& l, const Shape& in, const Shape& out, int64_t most,
                       at::MemoryFormat layout) {
  const auto random = [&](const Shape& shape) {
    return torch::rand({most, shape[0], shape[1], shape[2]}).contiguous(layout);
  };
  const at::Tensor x = random(in), d = random(out);
  const at::Tensor w = torch::rand({l.out, l.in, l.kernel, l.kernel}).contiguous(layout);
  const auto backward = [=](int64_t n, bool input, bool weight) {
    at::convolution_backward(d.narrow(0, 0, n), x.narrow(0, 0, n), w, c10::nullopt,
                             {l.stride, l.stride}, {l.padding, l.padding}, {1, 1}, false, {0, 0}, 1,
                             {input, weight, false});
  };
  return {[=](int64_t n) { at::conv2d(x.narrow(0, 0, n), w, {}, l.stride, l.padding); },
          [=](int64_t n) { backward(n, true, false); },
          [=](int64_t n) { backward(n, false, true); }};
}

// The transposed convolution is the adjoint of the plain one.
Products conv_products(const ConvTranspose2d& l, const Shape& in, const Shape& out, int64_t most,
                       at::MemoryFormat layout) {
  const Conv2d plain{l.out, l.in, l.kernel, l.stride, l.padding};
  const Products p = conv_products(plain, out, in, most, layout);
  return {p.adjoint, p.forward, p.weights};
}

Products linear_products(const Linear& l, int64_t most) {
  const at::Tensor x = torch::rand({most, l.in}), d = torch::rand({most, l.out});
  const at::Tensor w = torch::rand({l.out, l.in});
  return {[=](int64_t n) { at::mm(x.narrow(0, 0, n), w.t()); },
          [=](int64_t n) { at::mm(d.narrow(0, 0, n), w); },
          [=](int64_t n) { at::mm(d.narrow(0, 0, n).t(), x.narrow(0, 0, n)); }};
}

// The layer's products in each layout there is; none for layers that multiply nothing.
std::vector<Products> products_of(const Layer& layer, const Shape& in, const Shape& out,
                                  int64_t most) {
  std::vector<Products> layouts;
  for (const auto layout : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
    if (const auto* conv = std::get_if<Conv2d>(&layer)) {
      layouts.push_back(conv_products(*conv, in, out, most, layout));
    } else if (const auto* transposed = std::get_if<ConvTranspose2d>(&layer)) {
      layouts.push_back(conv_products(*transposed, in, out, most, layout));
    }
  }
  if (const auto* linear = std::get_if<Linear>(&layer)) {
    layouts.push_back(linear_products(*linear, most));
  }
  return layouts;
}

// Rows that each sweep takes through a network; lowest: of the adjoint sweep in the first layer.
struct SweepRows {
  int64_t forward = 0, adjoint = 0, lowest = 0, tangent = 0, weights = 0;
};

// Each product in its faster layout.
double roofline_seconds(const Network& network, const SweepRows& rows) {
  const torch::NoGradGuard no_grad;
  const int64_t most = std::max({rows.forward, rows.adjoint, rows.weights});
  double total = 0;
  bool lowest = true;
  Shape shape = network.input;
  for (const Layer& layer : network.layers) {
    const Shape next = output_shape(layer, shape);
    const auto layouts = products_of(layer, shape, next, most);
    shape = next;
    if (layouts.empty()) continue;
    const auto add = [&](Product Products::*product, int64_t count) {
      if (count == 0) return;
      double best = std::numeric_limits<double>::infinity();
      for (const Products& p : layouts) best = std::min(best, seconds_of(p.*product, count));
      total += best;
    };
    const bool last = &layer == &network.layers.back();  // its tangent is not wanted
    add(&Products::forward, rows.forward);
    add(&Products::adjoint, lowest ? rows.lowest : rows.adjoint);
    add(&Products::forward, last ? 0 : rows.tangent);
    add(&Products::weights, rows.weights);
    lowest = false;
  }
  return total;
}

double critic_step_roofline(const Case& c) {
  const int64_t b = c.batch;
  return roofline_seconds(
      c.networks.critic,
      {.forward = 3 * b, .adjoint = 3 * b, .lowest = b, .tangent = b, .weights = 3 * b});
}

// Two batches, both down to the input and both with a tangent.
double paired_step_roofline(const Case& c) {
  const int64_t rows = 2 * c.batch;
  return roofline_seconds(
      c.networks.critic,
      {.forward = rows, .adjoint = rows, .lowest = rows, .tangent = rows, .weights = rows});
}

// Five critic steps with their fakes, and one of the generator.
double iteration_roofline(const Case& c) {
  const int64_t b = c.batch;
  const double fakes = roofline_seconds(c.networks.generator, {.forward = b});
  const double generator =
      roofline_seconds(c.networks.generator, {.forward = b, .adjoint = b, .weights = b});
  const double judged =
      roofline_seconds(c.networks.critic, {.forward = b, .adjoint = b, .lowest = b});
  return 5 * (critic_step_roofline(c) + fakes) + generator + judged;
}

void time_roofline(benchmark::State& state, const Case& c, double (*seconds)(const Case&)) {
  for (auto _ : state) state.SetIterationTime(seconds(c));
}

void register_all() {
  const auto add = [](const std::string& name, auto&& run) {
    return benchmark::RegisterBenchmark(name.c_str(), run)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  };
  const auto add_once = [](const std::string& name, auto&& run) {
    benchmark::RegisterBenchmark(name.c_str(), run)
        ->Unit(benchmark::kMillisecond)
        ->UseManualTime()
        ->Iterations(1);
  };
  for (const Case& c : cases()) {
    const auto with = [&](auto function, auto... more) {
      return [=](benchmark::State& state) { function(state, c, more...); };
    };
    for (const auto& [name, objective] :
         {std::pair("critic_step", interpolated(c)), std::pair("paired_step", paired(c))}) {
      const auto add_step = [&](const char* kind, CriticObjective changed) {
        add(std::string(name) + kind + "/" + c.name, with(time_critic_step, changed));
      };
      CriticObjective o = objective;
      add_step("", o);
      o.precision = Precision::kTf32;
      add_step("_tf32", o);
      o.precision = Precision::kBf16;
      add_step("_bf16", o);
      o.precision = Precision::kFloat32, o.route = Route::kAutograd;
      add_step("_autograd", o);
    }
    add("generator_step/" + c.name, with(time_generator_step, Route::kAuto));
    add("generator_step_autograd/" + c.name, with(time_generator_step, Route::kAutograd));
    add("fakes/" + c.name, with(time_fakes));
    add("optimizer/" + c.name, with(time_optimizer));
    add("iteration/" + c.name, with(time_iteration, Precision::kFloat32));
    add("iteration_tf32/" + c.name, with(time_iteration, Precision::kTf32));
    add("iteration_bf16/" + c.name, with(time_iteration, Precision::kBf16));
    add("loader/" + c.name, with(time_loader));
    add_once("critic_step_roofline/" + c.name, with(time_roofline, critic_step_roofline));
    add_once("paired_step_roofline/" + c.name, with(time_roofline, paired_step_roofline));
    add_once("iteration_roofline/" + c.name, with(time_roofline, iteration_roofline));
  }
}

// The value of NAME=VALUE, taken out of the arguments that Google Benchmark sees; empty where there
// is none.
std::string take_argument(int& argc, char** argv, const std::string& name) {
  std::string value;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with(name + "=")) {
      value = argument.substr(name.size() + 1);
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
  return value;
}

}  // namespace
}  // namespace wgan::bench

int main(int argc, char** argv) {
  wgan::ensure_fast_arithmetic(argc, argv);
  using wgan::bench::take_argument;
  const std::string threads = take_argument(argc, argv, "--threads");
  const std::string device = take_argument(argc, argv, "--device");
  if (!device.empty()) wgan::bench::chosen_device = device;
  benchmark::AddCustomContext(
      "threads", std::to_string(wgan::use_threads(threads.empty() ? 0 : std::stoll(threads))));
  benchmark::AddCustomContext("device", wgan::bench::chosen_device);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  wgan::bench::register_all();
  benchmark::RunSpecifiedBenchmarks();
}
