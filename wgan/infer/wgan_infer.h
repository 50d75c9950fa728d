/* Samples of a trained generator, for programs in C and every language that calls C.
 *
 *   wgan_generator* generator = wgan_open("runs/00000-cats");
 *   if (generator == NULL) puts(wgan_last_error());
 *   int64_t shape[8];
 *   wgan_shape(generator, shape, 8);                       // height, width, channels
 *   uint64_t seeds[2] = {0, 1};
 *   uint8_t* pictures = malloc(2 * wgan_size(generator));
 *   wgan_sample_pictures(generator, seeds, 2, NULL, pictures);
 *   wgan_close(generator);
 *
 * Functions that can fail return 0, or -1 and leave the reason in wgan_last_error. None of them
 * throws or ends the program. Several threads may draw from one generator. */
#ifndef WGAN_INFER_H
#define WGAN_INFER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wgan_generator wgan_generator;

/* What samples are to be. All zero: as if it were not given. */
typedef struct wgan_wanted {
  double truncation; /* in (0, 1]: less variety; 0: 1 */
  int32_t has_class; /* not 0: all samples are of class_number, else each of its seed's */
  int32_t threads;   /* 0: one a processor */
  int64_t class_number;
  const double* conditions; /* wgan_condition_count numbers in the data's units; NULL: the data's */
} wgan_wanted;

/* A run folder, a checkpoint, or a file of wgan export --to wgan. NULL: it cannot be read. */
wgan_generator* wgan_open(const char* path);
void wgan_close(wgan_generator* generator); /* NULL: nothing happens */

/* Why the last call of this thread that failed did so; never NULL. */
const char* wgan_last_error(void);

/* Not 0: samples are pictures [height, width, channels] of bytes, RGBA with straight alpha; 0: rows
 * of numbers in the data's units. */
int wgan_makes_pictures(const wgan_generator* generator);
/* The extents of one sample, at most `most` of them into shape; returns how many there are. */
int wgan_shape(const wgan_generator* generator, int64_t* shape, int most);
size_t wgan_size(const wgan_generator* generator);        /* numbers of one sample: their product */
size_t wgan_latent_size(const wgan_generator* generator); /* numbers of z, class and conditions */
size_t wgan_class_count(const wgan_generator* generator); /* 0: it knows no classes */
size_t wgan_condition_count(const wgan_generator* generator);
const char* wgan_class_name(const wgan_generator* generator, size_t number); /* NULL: none such */

/* One sample a seed into [count, wgan_size] numbers. wanted may be NULL. The first is for
 * generators of pictures, the second for those of rows. */
int wgan_sample_pictures(const wgan_generator* generator, const uint64_t* seeds, size_t count,
                         const wgan_wanted* wanted, uint8_t* pictures);
int wgan_sample_rows(const wgan_generator* generator, const uint64_t* seeds, size_t count,
                     const wgan_wanted* wanted, double* rows);

/* What the seeds stand for, [count, wgan_latent_size], and samples of such numbers. */
int wgan_latents(const wgan_generator* generator, const uint64_t* seeds, size_t count,
                 const wgan_wanted* wanted, float* latents);
int wgan_pictures_of_latents(const wgan_generator* generator, const float* latents, size_t count,
                             int threads, uint8_t* pictures);
int wgan_rows_of_latents(const wgan_generator* generator, const float* latents, size_t count,
                         int threads, double* rows);

#ifdef __cplusplus
}
#endif

#endif
