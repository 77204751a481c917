"""
Limits matrix products to one thread where the matrices are small.

The fits of calibration and doubt make thousands of products of small matrices. With several BLAS threads each product
ends with threads that wait for each other, which multiplies the processor time while another process computes.
"""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
T = TypeVar("T")


def one_blas_thread(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function so that its matrix products use one thread; the previous number is restored afterwards."""

    @functools.wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> T:
        with threadpool_limits(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited
