// Random numbers as a function of (seed, stream, step, index): nothing carries generator state.
//
// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) is a
// counter-based generator: the key is the seed, the counter is the place of the number. Hence a run
// can be resumed exactly without saving any generator, and the result does not depend on the number
// of threads that ask.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace wgan {

// Who asks. Two streams never share a number. The values are part of the file formats: do not
// renumber.
enum class Stream : uint8_t {
  kInit = 0,             // initial weights; index = parameter slot
  kShuffle = 1,          // order of the rows; step = epoch
  kMirror = 2,           // horizontal flips; index = row of the batch
  kCriticLatent = 3,     // z of the critic's fakes; step = critic step
  kGeneratorLatent = 4,  // z of the generator step; step = generator step
  kEpsilon = 5,          // interpolation weight of the gradient penalty
  kSampleLatent = 6,     // z of a picture the user asks for: seed = the user's seed
  kSynthetic = 7,        // synthetic data; index = row
  kSplit = 8,            // which rows are held out
  kClasses = 9,          // classes the generator step is asked for; step = generator step
  kTransport = 10,       // directions of sliced distances, points of coarser problems
  kKernelSubsets = 12,   // rows of the subsets of a kernel distance; step = draw
  kImagePairs = 13,      // pairs of images compared with one another; index = pair
  kHalves = 14,          // rows of the random halves of samples; step = round
  kReference = 15,       // z of the reference batch of virtual batch normalisation
  kInstanceNoise = 16,   // noise on what the critic sees; step = critic step, index 0 real, 1 fake,
                         // 2 labelled rows, 3 held-out rows
  kGeneratorNoise = 17,  // the same in the generator step; step = generator step
  kDequantize = 18,      // noise that fills the gaps between pixel values; step = critic step
  kStudy = 19,           // networks drawn for a study; step = draw, index = choice
  kLabelled = 20,        // rows whose labels a semi-supervised run may see
  kAugment = 21,         // changes of what the critic sees; step = critic step, index = set and row
  kGeneratorAugment = 22,  // the same in the generator step; step = generator step
  kTest = 255,
};

// The place of a sequence of random numbers.
struct RandomAddress {
  uint64_t seed = 0;
  Stream stream = Stream::kTest;
  uint64_t step = 0;   // below 2^44
  uint64_t index = 0;  // below 2^44
};

// One Philox 4x32-10 block. counter and key as in the reference implementation (Random123).
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// The numbers at one address, in order. A small value, made where it is used and thrown away.
class Draws {
 public:
  explicit Draws(const RandomAddress& address);

  uint32_t bits();
  float uniform();  // [0, 1), 24 bits
  float uniform(float low, float high);
  float normal();              // N(0, 1), Box-Muller
  uint32_t below(uint32_t n);  // 0 .. n-1, without bias; n > 0

 private:
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> counter_;
  std::array<uint32_t, 4> block_{};
  int used_ = 4;
  float spare_normal_ = 0;
  bool has_spare_ = false;
};

// out: the first numbers at the address. Equal to calling Draws in order.
void fill_uniform(const RandomAddress& address, std::span<float> out);  // [0, 1)
void fill_normal(const RandomAddress& address, std::span<float> out);   // N(0, 1)

// The image of `index` (0 <= index < n) under the pseudo-random permutation of 0..n-1 that belongs
// to (seed, stream, step): a Feistel network with cycle walking, so that no table is kept.
uint64_t permuted_index(uint64_t seed, Stream stream, uint64_t step, uint64_t index, uint64_t n);

}  // namespace wgan
