#!/usr/bin/env python3
"""Tallyboard, ready to use: needs Python 3.12 or newer, makes the rest.

    python3 run.py [--port N] [--host H] [--empty]   serve, until Ctrl-C
    python3 run.py test [pytest arguments]           run the tests
    python3 run.py COMMAND ...                       run a management command (help lists them)

This file makes the environment in .venv and hands over to it. Any Python from 2.7 on can read it, to find a newer one.
"""

import glob
import hashlib
import os
import subprocess
import sys

OLDEST = (3, 12)
NEWEST = 15
BASE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(BASE, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
PROBE = "import sys, ensurepip, venv; sys.exit(sys.version_info[:2] < (%d, %d))" % OLDEST


def main(words):
    """Prepare what the words need, then become the program that they ask for."""
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return
    testing = words[:1] == ["test"]
    prepare("requirements-dev.txt" if testing else "requirements.txt")
    if testing:
        os.chdir(BASE)
        become("-m", "pytest", *words[1:])
    elif words and not words[0].startswith("-"):
        become(os.path.join(BASE, "manage.py"), *words)
    else:
        os.environ["PYTHONPATH"] = BASE
        become("-P", "-m", "dashboard.supervisor", *words)


def become(*arguments):
    """Replace this process, so that signals reach the program itself."""
    sys.stdout.flush()
    os.execv(PYTHON, [PYTHON] + list(arguments))


def prepare(requirements):
    """Have .venv with exactly the required packages; nothing to do when its stamp fits the file."""
    with open(os.path.join(BASE, requirements), "rb") as file:
        lock(file)
        digest = hashlib.sha256(file.read()).hexdigest()
        stamp = os.path.join(VENV, ".installed-" + requirements)
        if os.access(PYTHON, os.X_OK) and read(stamp) == digest:
            return
        if not works(PYTHON, "-c", "import pip; " + PROBE):
            make_environment()
        say("Installing packages, once; this takes about half a minute ...")
        pip = [PYTHON, "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check", "--require-hashes"]
        if subprocess.call(pip + ["--requirement", file.name]):
            sys.exit("Installing the packages failed; the lines above say why. Run the same command again to retry.")
        with open(stamp, "w") as out:
            out.write(digest)


def lock(file):
    """Let two first starts at once take turns; the lock ends with this process's turn."""
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX)


def make_environment():
    """Make .venv with the first Python that is new enough."""
    for python in candidates():
        if works(python, "-c", PROBE):
            say("Making the environment in .venv with %s ..." % python)
            if subprocess.call([python, "-m", "venv", "--clear", VENV]) == 0:
                return
    sys.exit(
        "Tallyboard needs Python %d.%d or newer, with venv; this is Python %d.%d and no newer one was found.\n"
        "Install one (Debian: apt install python3.13 python3.13-venv; macOS: brew install python), or name it: PYTHON=/path/to/python3 %s"
        % (OLDEST + tuple(sys.version_info[:2]) + ("python3 run.py",))
    )


def candidates():
    """Where a Python may be, best first; a name on PATH may be a shim that leads nowhere, so each is tried before use."""
    if os.environ.get("PYTHON"):
        yield os.environ["PYTHON"]
    if sys.version_info[:2] >= OLDEST:
        yield sys.executable
    for minor in range(NEWEST, OLDEST[1] - 1, -1):
        yield "python3.%d" % minor
    home = os.path.expanduser("~")
    for pattern in (
        os.path.join(os.environ.get("PYENV_ROOT", os.path.join(home, ".pyenv")), "versions", "3.*", "bin", "python3"),
        os.path.join(os.environ.get("UV_PYTHON_INSTALL_DIR", os.path.join(home, ".local/share/uv/python")), "*", "bin", "python3"),
        "/opt/homebrew/bin/python3.*",
        "/usr/local/bin/python3.*",
    ):
        for path in sorted(glob.glob(pattern), reverse=True):
            yield path


def works(python, *arguments):
    """Tell whether this Python runs."""
    try:
        with open(os.devnull, "r+b") as nowhere:
            return subprocess.call([python] + list(arguments or ["-c", ""]), stdin=nowhere, stdout=nowhere, stderr=nowhere) == 0
    except OSError:
        return False


def read(path):
    """Return what a small file says, or nothing."""
    try:
        with open(path) as file:
            return file.read()
    except (IOError, OSError):
        return ""


def say(sentence):
    """Tell a person who waits; standard output belongs to the program."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
