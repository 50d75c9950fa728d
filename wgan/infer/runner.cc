// Samples go in chunks whose pictures stay in the cache. Where there are fewer chunks than threads,
// the threads share each operation's work, and wait for one another before the next.
#include "wgan/infer/runner.h"

#include <algorithm>
#include <atomic>
#include <memory>
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

void run_plan(const Plan& plan, std::span<const float> inputs, std::span<float> outputs,
              int32_t threads, Team& team) {
  const RunOperation run = best_kernels();
  const int64_t count = static_cast<int64_t>(inputs.size()) / std::max(1, plan.inputs);
  const int64_t most = std::min(samples_at_once(plan), std::max<int64_t>(1, count));
  const int64_t chunks = (count + most - 1) / most;
  const auto chunk = [&](int64_t i) {
    const int64_t first = count * i / chunks;
    return Chunk{plan, first, count * (i + 1) / chunks - first};
  };
  if (chunks >= threads) {
    std::vector<AlignedNumbers> workspaces;
    for (int32_t i = 0; i < threads; ++i) workspaces.emplace_back(index(most * plan.workspace));
    std::atomic<int64_t> next = 0;
    team.run(threads, [&](int32_t part) {
      float* const workspace = workspaces[index(part)].data();
      for (int64_t i = next++; i < chunks; i = next++) {
        const Chunk c = chunk(i);
        c.take(inputs, workspace);
        for (int32_t o = 0; o < plan.operation_count; ++o) {
          run(plan, o, static_cast<int32_t>(c.samples), workspace, 0, 1);
        }
        c.give(workspace, outputs);
      }
    });
    return;
  }
  AlignedNumbers workspace(index(most * plan.workspace));
  Meeting meeting(threads);
  for (int64_t i = 0; i < chunks; ++i) {
    const Chunk c = chunk(i);
    c.take(inputs, workspace.data());
    team.run(threads, [&](int32_t part) {
      for (int32_t o = 0; o < plan.operation_count; ++o) {
        run(plan, o, static_cast<int32_t>(c.samples), workspace.data(), part, threads);
        meeting.arrive_and_wait();
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
    Team alone;
    run_plan(built.plan(), graph.reference, rows, 1, alone);
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

Runner::Runner(Graph graph)
    : plan_(build_plan(fitted(std::move(graph)))), team_(std::make_unique<Team>()) {}

void Runner::run(std::span<const float> inputs, std::span<float> outputs, int threads) const {
  run_plan(plan_.plan(), inputs, outputs, std::max(1, threads), *team_);
}

}  // namespace wgan::infer
