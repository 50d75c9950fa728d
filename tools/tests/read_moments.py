"""Reads a file of moments as pytorch-fid's compute_statistics_of_path does.

    python3 read_moments.py FILE

Prints the shapes, types and sums of mu and sigma.
"""
import sys

import numpy

with numpy.load(sys.argv[1]) as file:
    mu, sigma = file["mu"][:], file["sigma"][:]
for array in (mu, sigma):
    print(array.shape, array.dtype, array.sum())
