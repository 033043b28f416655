"""Packages of PyPI that train gensim's Word2Vec, on gensim and on this project in its place.

    python tests/clients/run.py [--folder FOLDER] [--only PACKAGE ...] [--again]

makes an environment for each package of ``clients.toml`` in FOLDER, installs the package and this project there, runs
``use_PACKAGE.py`` and the tests of the package's source distribution, both on gensim and through ``tfw2v run``, and
prints a table. What is installed, and what has a result, is not done again; the exit status is 1 if anything works on
gensim and fails here. Needs Python 3.11, some 3 GB of disk a package, and an hour on a busy core for all.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree
from pathlib import Path

import tomllib

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
SIDES = {"gensim": [], "tfw2v_gensim": ["-m", "tfw2v_gensim", "run"]}
LIMIT = 1200  # seconds for one run


def main() -> None:
    """Run what is asked for, and print the table of all results that there are."""
    clients = tomllib.loads((HERE / "clients.toml").read_text())
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--folder", type=Path, default=Path("clients"), help="environments and results")
    arguments.add_argument("--only", nargs="+", choices=clients, default=list(clients), metavar="PACKAGE")
    arguments.add_argument("--again", action="store_true", help="run again what has a result")
    flags = arguments.parse_args()
    for name in flags.only:
        folder = flags.folder.resolve() / name
        result = folder / "result.json"
        if result.exists() and not flags.again:
            continue
        print(f"{name} ...", file=sys.stderr)
        found = outcome(name, clients[name], folder)
        result.write_text(json.dumps(found, indent=2))
    print("| package | field | on gensim | on this project | its tests that pass: on gensim, here | fail here only |")
    print("|---|---|---|---|---|---|")
    worse = False
    for name, client in clients.items():
        result = flags.folder.resolve() / name / "result.json"
        if result.exists():
            found = json.loads(result.read_text())
            print(row(name, client, found))
            worse = worse or bool(fails_here_only(found))
    sys.exit(worse)


def outcome(name: str, client: dict, folder: Path) -> dict:
    """Install and run one package; what is printed goes to ``log.txt`` in its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    python = str(folder / "environment" / "bin" / "python")
    with open(folder / "log.txt", "w") as log:

        def run(*command: str, **options) -> tuple[int, str]:
            print("$", *command, file=log, flush=True)
            path = os.pathsep.join([os.path.dirname(python), os.environ["PATH"]])  # tests call their package's commands
            environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": "", "PATH": path}
            try:
                done = subprocess.run(
                    command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT,
                    env=environment, errors="replace", **options,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                return 124, f"more than {LIMIT} seconds"
            print(done.stdout, file=log, flush=True)
            return done.returncode, (done.stdout.strip().splitlines() or ["nothing printed"])[-1]

        found: dict = {"installed": installed(client, folder, python, run)}
        if found["installed"]:
            return found
        for side, through in SIDES.items():
            status, line = run(python, *through, str(HERE / "use.py"), name)
            found[side] = line if status == 0 and line.startswith(f"{side}: ") else f"fails: {line[:100]}"
        if "tests" in client:
            source = source_of(client, folder)
            for side, through in SIDES.items():
                report = folder / f"{side}.xml"
                report.unlink(missing_ok=True)
                run(python, *through, "-m", "pytest", "-q", f"--junitxml={report}", *client["tests"], cwd=source)
                found[f"tests on {side}"] = outcomes(report)
    return found


def installed(client: dict, folder: Path, python: str, run) -> str | None:
    """Make the environment, unless it is there with these very requirements; return what went wrong, if anything."""
    bare, source, sources = client.get("bare", []), client.get("source"), folder / "source"
    wanted, mark = json.dumps([client["install"], bare]), folder / "installed.json"
    install = [python, "-m", "pip", "install", "-q"]
    steps: list[list[str]] = []
    if mark.exists() and mark.read_text() == wanted:
        steps.append([*install, "--no-deps", "--force-reinstall", str(PROJECT)])
    else:
        steps.append([sys.executable, "-m", "venv", "--clear", str(folder / "environment")])
        steps.append([*install, str(PROJECT), "pytest", *client["install"]])
        steps += [[*install, "--no-deps", "--ignore-requires-python", *bare]] if bare else []
    if source:
        shutil.rmtree(sources, ignore_errors=True)
        download = [python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
        steps.append([*download, "-d", str(sources), source])
    for step in steps:
        status, line = run(*step)
        if status:
            return line
    mark.write_text(wanted)
    if source:
        (archive,) = sources.glob("*.tar.gz")
        with tarfile.open(archive) as files:
            files.extractall(sources, filter="data")
        steps = [[python, "-c", client.get("before", "")]]
        steps += [[*install, "--no-deps", "--no-build-isolation", "."]] if client.get("build") else []
        for step in steps:
            status, line = run(*step, cwd=source_of(client, folder))
            if status:
                return line
    return None


def source_of(client: dict, folder: Path) -> Path:
    """Return where a package's source distribution is unpacked."""
    return folder / "source" / client["source"].replace("==", "-")


def outcomes(report: Path) -> dict[str, bool]:
    """Whether each test passed, by its name. Tests that were skipped are left out."""
    if not report.exists():
        return {}
    cases = xml.etree.ElementTree.parse(report).iter("testcase")
    return {
        f"{case.get('classname')}.{case.get('name')}": case.find("failure") is None and case.find("error") is None
        for case in cases
        if case.find("skipped") is None
    }


def fails_here_only(found: dict) -> list[str]:
    """Return the names of the uses and tests that pass on gensim and not through this project."""
    passed = [
        {"use": found.get(side, "").startswith(f"{side}: "), **found.get(f"tests on {side}", {})} for side in SIDES
    ]
    return [name for name, works in passed[0].items() if works and not passed[1].get(name, False)]


def row(name: str, client: dict, found: dict) -> str:
    """One line of the table."""
    cells = [name, client["field"]]
    if found["installed"]:
        return f"| {' | '.join(cells)} | not installed: {found['installed']} | | | |"
    cells += [found[side].removeprefix(f"{side}: ") for side in SIDES]
    tests = [found.get(f"tests on {side}", {}) for side in SIDES]
    cells.append(", ".join(f"{sum(each.values())}" for each in tests) + f" of {len(tests[0])}" if tests[0] else "")
    cells.append(str(len(fails_here_only(found))))
    return f"| {' | '.join(cells)} |".replace("\n", " ")


if __name__ == "__main__":
    main()
