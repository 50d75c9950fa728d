// A network as a table for people.
#pragma once

#include <string>
#include <vector>

#include "wgan/net/layer.h"

namespace wgan {

struct LayerDescription {
  std::string text;        // "conv2d 1 -> 64, kernel 5, stride 2"
  Shape output;            // of one sample
  int64_t parameters = 0;  // trained numbers
  int64_t flops = 0;       // forward, one sample; a multiply and an add are two; 0 for reshaping
};

// One entry a layer. Throws as output_shape does.
std::vector<LayerDescription> describe(const Network& network);

// The entries as an aligned table with a line of totals. title: printed first.
std::string describe_table(const Network& network, const std::string& title);

}  // namespace wgan
