"""
Where BERT computes: on a GPU where there is one, and in bfloat16 where that is quicker than float32.
"""

import torch


def best_device() -> torch.device:
    """The first CUDA GPU, or the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_fast_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is computed in hardware; emulated, it is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def autocast(device: torch.device) -> torch.autocast:
    """A context in which matrix products run in bfloat16, where the device is good at that."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_fast_bf16(device))
