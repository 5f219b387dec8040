"""A function of ours in a process of its own, so that its memory is its own: `call` from here, the rest of this file runs there."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def call(database: str, target: str, *words) -> dict:
    """What `module.function(*words)` of this package returns, run in a new process that uses a database."""
    surroundings = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.settings", "BENCHMARK_DATABASE": database}
    command = [sys.executable, "-m", "benchmarks.child", target, json.dumps(words)]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def memory(name: str) -> float:
    """A line of this process's status in MB: VmRSS now, VmHWM the most since the last `forget_peak`."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def forget_peak() -> None:
    """Let the peak begin anew from now."""
    CLEAR.write_text("5")


if __name__ == "__main__":
    import django

    django.setup(set_prefix=False)
    module, _, function = sys.argv[1].partition(".")
    found = getattr(importlib.import_module(f"benchmarks.{module}"), function)(*json.loads(sys.argv[2]))
    print(json.dumps(found))
