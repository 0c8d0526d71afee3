"""Builds the wheel, installs it in a clean environment without development tools, and uses it once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any, NoReturn

TOP = Path(__file__).resolve().parent.parent
#: Run with the clean environment's Python: the data files the wheel brought, and the tools that must not be there.
INSIDE = """
import importlib.metadata, importlib.util, json
from importlib import resources
data = resources.files("wrkq_files") / "_data"
print(json.dumps({
    "version": importlib.metadata.version("wrkq-files"),
    "place": str(resources.files("wrkq_files")),
    "data": {kind.name: sorted(file.name for file in kind.iterdir()) for kind in data.iterdir()},
    "tools": [m for m in ("pytest", "hypothesis", "mypy", "ruff") if importlib.util.find_spec(m)],
}))
"""


def fail(message: str) -> NoReturn:
    sys.exit(f"built wheel: {message}")


def run(argv: list[str], cwd: Path, env: dict[str, str] | None = None) -> str:
    """The command's stdout; a failure ends the smoke run with both its streams."""
    done = subprocess.run(argv, cwd=cwd, env=env, check=False, capture_output=True, encoding="utf-8")
    if done.returncode:
        fail(f"{' '.join(argv)} exited {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def install(folder: Path) -> Path:
    """A new environment with the wheel and its own requirements; returns its folder of programs."""
    pip = ["-m", "pip", "--disable-pip-version-check", "-qq"]
    run([sys.executable, *pip, "wheel", "--no-deps", "--wheel-dir", str(folder / "dist"), "."], TOP)
    wheels = list((folder / "dist").glob("*.whl"))
    if len(wheels) != 1:
        fail(f"expected one wheel, found {[wheel.name for wheel in wheels]}")
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    run([str(programs / "python"), *pip, "install", str(wheels[0])], folder)
    print(f"built and installed {wheels[0].name}")
    return programs


def inspect(programs: Path, folder: Path) -> str:
    """Checks what is installed, and returns its version."""
    facts: dict[str, Any] = json.loads(run([str(programs / "python"), "-c", INSIDE], folder))
    if not Path(facts["place"]).is_relative_to(folder):
        fail(f"wrkq_files came from {facts['place']}")
    if facts["tools"]:
        fail(f"the clean environment has development tools: {facts['tools']}")
    for kind in (folder for folder in (TOP / "schema", TOP / "hooks") if folder.is_dir()):
        if missing := {path.name for path in kind.iterdir()} - set(facts["data"].get(kind.name, ())):
            fail(f"the wheel lacks {kind.name}/: {sorted(missing)}")
    if not facts["data"].get("schema"):
        fail("the wheel holds no schema")
    return str(facts["version"])


def clean_environment(folder: Path, programs: Path) -> dict[str, str]:
    """Nothing of this machine's git and tracker settings; an identity, and a home to write to."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "WRKQ_", "PYTHON"))}
    (folder / "home").mkdir()
    (folder / "home" / ".gitconfig").write_text("[user]\n\tname = Robin\n\temail = robin@example.com\n")
    path = f"{programs}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return kept | {"HOME": str(folder / "home"), "XDG_CONFIG_HOME": str(folder / "home" / ".config"), "PATH": path}


def use(programs: Path, folder: Path, version: str) -> None:
    """One short life of a tracker, with the installed commands."""
    env = clean_environment(folder, programs)
    repository = folder / "repository"
    run(["git", "init", "--quiet", "--initial-branch=main", str(repository)], folder, env)

    def command(*words: str) -> str:
        out = run([str(programs / words[0]), *words[1:]], repository, env)
        print("  " + " ".join(words))
        return out

    command("wrkqadm", "init")
    command("wrkq", "add", "Hello")
    rows = json.loads(command("wrkq", "ls", "inbox", "--json"))
    if [row.get("title") for row in rows] != ["Hello"]:
        fail(f"wrkq ls inbox --json gave {rows}")
    command("wrkq", "check")
    command("wrkq", "hooks", "install")
    told = json.loads(command("wrkq", "version", "--json"))
    if told.get("version") != version or "machine_interface_version" not in told:
        fail(f"wrkq version --json gave {told}, but {version} is installed")
    if leftovers := [path.name for path in (folder / "home").iterdir() if path.name != ".gitconfig"]:
        fail(f"the commands wrote to the home folder: {leftovers}")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="wrkq-wheel-") as name:
        folder = Path(name).resolve()
        programs = install(folder)
        use(programs, folder, inspect(programs, folder))
    print("built wheel: it installs and works without development tools")
    return 0


if __name__ == "__main__":
    sys.exit(main())
