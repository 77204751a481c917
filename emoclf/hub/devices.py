"""
Chooses the device for BERT: a GPU if there is one, with bfloat16 if the hardware supports it.
"""

import torch


def best_device() -> torch.device:
    """Return the first CUDA GPU, or else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_fast_bf16(device: torch.device) -> bool:
    """Return whether the device computes bfloat16 in hardware; emulated bfloat16 is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def autocast(device: torch.device) -> torch.autocast:
    """Return a context in which matrix products use bfloat16 if the device computes it quickly."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_fast_bf16(device))
