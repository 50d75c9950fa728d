// Samples go in chunks whose pictures stay in the cache. Where there are fewer chunks than threads,
// the threads share each operation's work, and wait for one another before the next.
#include "wgan/infer/runner.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <thread>
#include <utility>
#include <vector>

#include "wgan/infer/simplify.h"

namespace wgan::infer {
namespace {

RunOperation best_kernels() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) {
    return run_operation_avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return run_operation_avx2;
#endif
  return run_operation_plain;
}

int64_t samples_at_once(const Plan& plan) {
  constexpr int64_t kNumbers = 1 << 19, kMost = 16;
  return std::clamp<int64_t>(kNumbers / std::max(1, plan.workspace), 1, kMost);
}

// The chunk's inputs into the workspace, or its outputs out of it.
struct Chunk {
  const Plan& plan;
  int64_t first, samples;

  void take(std::span<const float> inputs, float* workspace) const {
    const auto begin = inputs.begin() + first * plan.inputs;
    std::copy(begin, begin + samples * plan.inputs, workspace + int64_t{plan.input} * samples);
  }
  void give(const float* workspace, std::span<float> outputs) const {
    const float* from = workspace + int64_t{plan.output} * samples;
    std::copy(from, from + samples * plan.outputs, outputs.begin() + first * plan.outputs);
  }
};

// Calls work(number) in so many threads, of which this is one.
template <class Work>
void in_threads(int64_t count, const Work& work) {
  std::vector<std::jthread> others;
  for (int64_t i = 1; i < count; ++i)
    others.emplace_back([&work, i] { work(static_cast<int32_t>(i)); });
  work(0);
}

void run_plan(const Plan& plan, std::span<const float> inputs, std::span<float> outputs,
              int threads) {
  const RunOperation run = best_kernels();
  const int64_t count = static_cast<int64_t>(inputs.size()) / std::max(1, plan.inputs);
  const int64_t most = samples_at_once(plan);
  const int64_t chunks = (count + most - 1) / most;
  const auto chunk = [&](int64_t i) {
    const int64_t first = count * i / chunks;
    return Chunk{plan, first, count * (i + 1) / chunks - first};
  };
  if (chunks >= threads) {
    std::atomic<int64_t> next = 0;
    in_threads(threads, [&](int32_t) {
      AlignedNumbers workspace(index(most * plan.workspace));
      for (int64_t i = next++; i < chunks; i = next++) {
        const Chunk c = chunk(i);
        c.take(inputs, workspace.data());
        for (int32_t o = 0; o < plan.operation_count; ++o) {
          run(plan, o, static_cast<int32_t>(c.samples), workspace.data(), 0, 1);
        }
        c.give(workspace.data(), outputs);
      }
    });
    return;
  }
  AlignedNumbers workspace(index(most * plan.workspace));
  std::barrier wait(threads);
  for (int64_t i = 0; i < chunks; ++i) {
    const Chunk c = chunk(i);
    c.take(inputs, workspace.data());
    in_threads(threads, [&](int32_t part) {
      for (int32_t o = 0; o < plan.operation_count; ++o) {
        run(plan, o, static_cast<int32_t>(c.samples), workspace.data(), part, threads);
        wait.arrive_and_wait();
      }
    });
    c.give(workspace.data(), outputs);
  }
}

// Of [rows, pixels, channels]: means and mean squares of the channels.
void moments(std::span<const float> rows, int64_t channels, float* means, float* squares) {
  for (int64_t c = 0; c < channels; ++c) {
    double sum = 0, square = 0;
    int64_t count = 0;
    for (size_t i = static_cast<size_t>(c); i < rows.size();
         i += static_cast<size_t>(channels), ++count) {
      sum += double{rows[i]};
      square += double{rows[i]} * double{rows[i]};
    }
    means[c] = static_cast<float>(sum / static_cast<double>(count));
    squares[c] = static_cast<float>(square / static_cast<double>(count));
  }
}

// The reference batch is normalised by its own moments alone: those of each norm are found by
// running what comes before it.
void fit_virtual_norms(Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].kind != Kind::kVirtualNorm) continue;
    const auto input = static_cast<int64_t>(graph.nodes[i].input);
    Graph before{graph.input, {graph.nodes.begin(), graph.nodes.begin() + input + 1}, {}, 0};
    for (Node& node : before.nodes) node.share = 0;
    const BuiltPlan built = build_plan(before);
    std::vector<float> rows(
        static_cast<size_t>(int64_t{graph.reference_rows} * built.sizes.outputs));
    run_plan(built.plan(), graph.reference, rows, 1);
    const int64_t channels = graph.nodes[i].in.channels;
    float* const weights = graph.nodes[i].weights.data();
    moments(rows, channels, weights + channels, weights + 2 * channels);
  }
}

}  // namespace

Graph fitted(Graph graph) {
  simplify(graph);
  fit_virtual_norms(graph);
  return graph;
}

Runner::Runner(Graph graph) : plan_(build_plan(fitted(std::move(graph)))) {}

void Runner::run(std::span<const float> inputs, std::span<float> outputs, int threads) const {
  run_plan(plan_.plan(), inputs, outputs, std::max(1, threads));
}

}  // namespace wgan::infer
