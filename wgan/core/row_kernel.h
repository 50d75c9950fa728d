// Loops over numbers that are compiled for each kind of processor.
#pragma once

#include <cstdint>  // and with it the name of the C library

// Stands before the definition of a function, not a template, that loops over rows of numbers: it
// is compiled for AVX-512, for AVX2 and for any x86-64, and the processor's own is chosen when the
// program starts. What it calls is inlined into it, or it would be compiled for any processor. So
// it is called within a parallel loop, and holds none: the body of that is a function of its own.
//
// Its results are the same on all of them: products are rounded before they are added
// (-ffp-contract=off), and sums of floats are taken in the order in which they are written.
//
// ThreadSanitizer is not ready when the choice is made.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_THREAD__)
#if __GNUC__ >= 12
#define WGAN_ROW_KERNEL \
  [[gnu::flatten, gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#endif
#endif
#ifndef WGAN_ROW_KERNEL
#define WGAN_ROW_KERNEL
#endif
