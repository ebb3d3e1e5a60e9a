"""Truncated SVD of the same matrix by a peer, as exact as asked for; prints milliseconds and the residual of each time."""

import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import svds
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_info

routine, folder, rank, oversampling, target = (
    sys.argv[1],
    Path(sys.argv[2]),
    int(sys.argv[3]),
    int(sys.argv[4]),
    float(sys.argv[5]),
)


def load():
    indptr = np.fromfile(folder / "indptr", dtype=np.uint32).astype(np.int32)
    indices = np.fromfile(folder / "indices", dtype=np.uint32).astype(np.int32)
    values = np.fromfile(folder / "values", dtype=np.float32)
    shape = tuple(np.fromfile(folder / "shape", dtype=np.uint32))
    return sp.csr_matrix((values, indices, indptr), shape)


def by_arpack(x, tolerance):
    _, sigma, vt = svds(x, k=rank, tol=tolerance, return_singular_vectors="vh", random_state=1)
    order = np.argsort(-sigma)
    return sigma[order], vt[order]


def by_randomized(x, iterations):
    _, sigma, vt = randomized_svd(
        x, rank, n_oversamples=oversampling, n_iter=iterations, power_iteration_normalizer="QR", random_state=1
    )
    return sigma, vt


ROUTINES = {
    "scipySvds": (by_arpack, [10.0**-power for power in range(1, 9)]),
    "sklearnRandomized": (by_randomized, [2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128]),
}


def worst_residual(x, sigma, vt):
    v = vt.T.astype(np.float64)
    squares = sigma.astype(np.float64) ** 2
    off = x.T @ (x @ v) - v * squares
    return float(np.linalg.norm(off, axis=0).max() / squares.max())


def least_effort(x, decompose, efforts):
    """The first setting that is exact enough, or the last one."""
    for effort in efforts:
        if worst_residual(x, *decompose(x, effort)) <= target:
            return effort
    return efforts[-1]


matrix = load()
decompose, efforts = ROUTINES[routine]
print(", ".join(sorted({f"{pool['internal_api']} {pool.get('architecture', '')}" for pool in threadpool_info()})), flush=True)

effort = None
for _ in sys.stdin:
    if effort is None:
        effort = least_effort(matrix, decompose, efforts)
    started = time.perf_counter()
    sigma, vt = decompose(matrix, effort)
    elapsed = (time.perf_counter() - started) * 1000
    print(elapsed, worst_residual(matrix, sigma, vt), effort, float(sigma[-1]), flush=True)
