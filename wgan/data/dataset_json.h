// The classes that StyleGAN's dataset tool writes beside images.
#pragma once

#include <cstddef>

#include "wgan/data/image_folder.h"

namespace wgan {

// dataset.json, in the folder's root or in one of the first `levels` folders that hold all of its
// images: {"labels": [["00000/img00000000.png", 6], ...]}, the paths relative to it, or
// {"labels": null} where there are no classes. Gives the folder's files these labels, classes "0",
// "1", ... Returns false where there is no such file, or one of another program. Labels that are no
// whole numbers from 0 to 65535 are not read, which a note says. Throws Error(kData) where an image
// has no label.
bool read_dataset_json(ImageFolder& folder, size_t levels);

}  // namespace wgan
