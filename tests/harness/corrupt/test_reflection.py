import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import dct

from harness.corrupt.reflection import convolution_matrix, reflect, transfer
from harness.streams import numpy_generator


@settings(max_examples=30, deadline=None, derandomize=True)
@given(side=st.integers(1, 12), pad=st.integers(0, 40))
def test_reflect_is_numpy_symmetric_padding(side, pad) -> None:
    x = np.arange(side)
    expected = np.pad(x, pad, mode="symmetric")
    assert np.array_equal(x[reflect(np.arange(-pad, side + pad), side)], expected)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(side=st.integers(1, 12), radius=st.integers(0, 30))
def test_the_dct_diagonalises_any_symmetric_kernel(side, radius) -> None:
    half = numpy_generator("test", radius, "kernel").normal(size=radius + 1)
    kernel = np.concatenate([half[:0:-1], half])
    basis = dct(np.eye(side), type=2, norm="ortho", axis=0)  # rows are modes
    diagonal = basis @ convolution_matrix(kernel, side) @ basis.T
    assert np.abs(diagonal - np.diag(transfer(kernel, side))).max() < 1e-12 * (1 + radius)
