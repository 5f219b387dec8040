"""The launcher reads on any Python, finds a good one or says in two lines what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import BASE

OLD = sorted(map(str, Path.home().glob(".pyenv/versions/[23].[67]*/bin/python")))


def launch(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run a copy of the launcher, alone in its folder, with nothing on PATH and nobody at home."""
    command = [sys.executable, folder / "run.py", *arguments]
    surroundings = {"PATH": str(folder), "HOME": str(folder), "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""), **environment}
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "requirements.txt").touch()
    shutil.copy(BASE / "run.py", tmp_path)
    return tmp_path


def demand(folder: Path, version: tuple[int, int]) -> None:
    """Make the copy ask for another Python."""
    text = (BASE / "run.py").read_text()
    assert "OLDEST = (3, 12)" in text
    (folder / "run.py").write_text(text.replace("OLDEST = (3, 12)", f"OLDEST = {version}"))


def test_without_a_good_python_it_says_so_in_two_lines(folder):
    demand(folder, (4, 0))
    done = launch(folder)
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Tallyboard needs Python 4.0 or newer")
    assert "PYTHON=/path/to/python3" in lines[1]


def test_a_shim_that_leads_nowhere_is_passed_over(folder):
    demand(folder, (4, 0))
    shim = folder / "python3.15"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert launch(folder, PYTHON=str(shim)).returncode == 1


def test_packages_that_do_not_fit_their_hashes_are_refused(folder):
    (folder / "requirements.txt").write_text(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")
    done = launch(folder, "help", PIP_INDEX_URL="http://127.0.0.1:1/", PIP_RETRIES="0")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Installing the packages failed")
    assert not list(folder.glob(".venv/.installed*"))


def test_requirements_are_all_hashed_and_name_no_index():
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [line for line in (BASE / name).read_text().splitlines() if line and not line.lstrip().startswith("#")]
        packages = [line for line in lines if not line.startswith(" ")]
        assert packages
        assert all("==" in line and line.endswith("\\") for line in packages)
        assert "://" not in "".join(lines)


@pytest.mark.skipif(not OLD, reason="no old Python on this machine")
@pytest.mark.parametrize("python", OLD)
def test_old_pythons_can_read_it(python):
    done = subprocess.run([python, str(BASE / "run.py"), "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Tallyboard")
