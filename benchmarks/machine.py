"""
The name and the vector instructions of the processor, printed with every figure that depends on it.
"""

import os
import platform
import sys
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
MEASURED_ON = "Measured on "
BF16 = {"avx512_bf16", "amx_bf16", "bf16"}  # flags of processors that compute bfloat16 in hardware
VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2", "sve": "SVE", "asimd": "NEON"}  # the widest first


def measured_on() -> str:
    """Return the line that every benchmark prints: cores, processor, GPU if torch uses one, and the Python version."""
    gpu = f", {name}" if (name := _gpu()) else ""
    return f"{MEASURED_ON}{os.cpu_count()} cores ({processor()}){gpu}, Python {platform.python_version()}."


def processor(cpuinfo: str | None = None) -> str:
    """Return the processor's name, its vector instructions, and whether it computes bfloat16 in hardware.

    Parameters
    ----------
    cpuinfo : the text of Linux's /proc/cpuinfo; None reads this machine's

    >>> processor("model name : AMD EPYC\\nflags : fma avx2")
    'AMD EPYC, AVX2, no native bf16'
    >>> processor("model name : Xeon\\nflags : avx2 avx512f amx_bf16")
    'Xeon, AVX-512, native bf16'
    """
    if cpuinfo is None:
        cpuinfo = CPUINFO.read_text(encoding="utf-8") if CPUINFO.is_file() else ""
    pairs = [line.split(":", 1) for line in reversed(cpuinfo.splitlines()) if ":" in line]
    fields = {name.strip().lower(): value.strip() for name, value in pairs}
    name = fields.get("model name") or platform.processor() or platform.machine()
    flags = set((fields.get("flags") or fields.get("features") or "").split())
    if not flags:
        return f"{name}, instructions unknown"
    vectors = [words for flag, words in VECTORS.items() if flag in flags][:1]
    return ", ".join([name, *vectors, "native bf16" if flags & BF16 else "no native bf16"])


def _gpu() -> str | None:
    """Return the name of the GPU if torch is loaded and uses one."""
    torch = sys.modules.get("torch")
    return torch.cuda.get_device_name() if torch is not None and torch.cuda.is_available() else None
