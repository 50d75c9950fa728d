/* Draws pictures of a trained generator into a PGM or PPM file, which every viewer of pictures opens.
 *   embed_small RUN_OR_FILE OUT.ppm [FIRST_SEED] */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "wgan/infer/wgan_infer.h"

enum { kAcross = 4, kDown = 4 };

static int fail(const char* what) {
  fprintf(stderr, "embed_small: %s\n", what);
  return 1;
}

int main(int argc, char** argv) {
  if (argc < 3) return fail("usage: embed_small RUN_OR_FILE OUT.ppm [FIRST_SEED]");
  wgan_generator* generator = wgan_open(argv[1]);
  if (generator == NULL) return fail(wgan_last_error());
  if (!wgan_makes_pictures(generator)) return fail("this generator makes rows of numbers");

  uint64_t seeds[kAcross * kDown];
  const uint64_t first = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
  for (int i = 0; i < kAcross * kDown; ++i) seeds[i] = first + (uint64_t)i;
  const size_t size = wgan_size(generator);
  uint8_t* pictures = malloc(size * kAcross * kDown);
  if (wgan_sample_pictures(generator, seeds, kAcross * kDown, NULL, pictures) != 0) {
    return fail(wgan_last_error());
  }

  int64_t shape[3]; /* height, width, channels */
  wgan_shape(generator, shape, 3);
  FILE* out = fopen(argv[2], "wb");
  if (out == NULL) return fail("the file cannot be written");
  const int colours = shape[2] < 3 ? 1 : 3;
  fprintf(out, "P%d\n%d %d\n255\n", colours == 1 ? 5 : 6, kAcross * (int)shape[1],
          kDown * (int)shape[0]);
  for (int64_t y = 0; y < kDown * shape[0]; ++y) {
    for (int64_t x = 0; x < kAcross * shape[1]; ++x) {
      const int64_t picture = y / shape[0] * kAcross + x / shape[1];
      const int64_t pixel = (y % shape[0] * shape[1] + x % shape[1]) * shape[2];
      fwrite(pictures + (size_t)picture * size + pixel, 1, (size_t)colours, out);
    }
  }
  fclose(out);
  free(pictures);
  wgan_close(generator);
  return 0;
}
