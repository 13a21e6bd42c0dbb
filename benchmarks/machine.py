"""The machine that numbers were measured on."""

import platform
from pathlib import Path


def machine() -> dict[str, str | int | None]:
    """Processor, cores, system and Python."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    family = [line.partition(":")[2].strip() for line in lines if line.startswith("cpu family")]
    return {
        "processor": names[0] if names else platform.processor(),
        "family": family[0] if family else None,
        "cores": len(names) or None,
        "system": platform.system(),
        "python": platform.python_version(),
    }
