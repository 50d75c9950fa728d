#!/usr/bin/python3
"""Times the exact transport of POT between two samples, for bench/compare_transport; prints one line of JSON.

    bench/peers/transport.py X.npy Y.npy
"""
import json
import sys
import time

import numpy as np
import ot


def main():
    x, y = (np.load(path) for path in sys.argv[1:3])
    start = time.process_time()
    costs = ot.dist(x, y, metric="euclidean")
    between = time.process_time()
    value = ot.emd2(np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y)), costs, numItermax=10 ** 9)
    print(json.dumps({"costs_s": between - start, "solve_s": time.process_time() - between, "value": float(value),
                      "version": ot.__version__}))


main()
