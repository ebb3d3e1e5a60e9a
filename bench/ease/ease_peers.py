"""Inverts the same matrix by a peer's routine; prints the milliseconds of each time."""

import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack
from threadpoolctl import threadpool_info

routine, folder, regularization = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
STEP = 37


def ridged_gram(dtype):
    indptr = np.fromfile(folder / "indptr", dtype=np.uint32)
    indices = np.fromfile(folder / "indices", dtype=np.uint32)
    shape = (len(indptr) - 1, int(indices.max()) + 1)
    x = sp.csr_matrix((np.ones(len(indices), dtype=dtype), indices.astype(np.int32), indptr.astype(np.int32)), shape)
    gram = (x.T @ x).toarray(order="F")
    gram[np.diag_indices(shape[1])] += regularization
    return gram


def by_cholesky(a):
    factor, info = lapack.spotrf(a, lower=1, clean=0)
    assert info == 0
    inverse, info = lapack.spotri(factor, lower=1, overwrite_c=1)
    assert info == 0
    return inverse


ROUTINES = {
    "numpyFloat64": (np.float64, np.linalg.inv),
    "numpyFloat32": (np.float32, np.linalg.inv),
    "scipyPotri": (np.float32, by_cholesky),
}
dtype, invert = ROUTINES[routine]
matrix = ridged_gram(dtype)
blas = ", ".join(sorted({f"{pool['internal_api']} {pool.get('architecture', '')}" for pool in threadpool_info()}))
print(blas, flush=True)

is_first = True
for _ in sys.stdin:
    started = time.perf_counter()
    p = invert(matrix)
    elapsed = (time.perf_counter() - started) * 1000
    if is_first:
        p_rows = p[::STEP, :]
        (p_rows / -np.diag(p)).astype(np.float32).tofile(folder / f"B.{routine}")
        is_first = False
    del p
    print(elapsed, flush=True)
