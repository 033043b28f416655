"""Results as they are kept, one JSON object a line, and the table made from them."""

import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import zlib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTING = ("commit", "processor", "source", "corpus_file")  # runs that differ here are not beside one another
LONGEST_REPEATED = 120  # seconds; a longer run is not repeated for its spread


def output(*command: str) -> str:
    """Return what a program prints; nothing where it is missing or fails."""
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def commit() -> str:
    """Last commit that changed the package, and a checksum of what was changed since; empty without git."""
    changed = "".join(output("git", *command, "--", "tfw2v_gensim") for command in (["status", "-s"], ["diff", "HEAD"]))
    last = output("git", "log", "-1", "--format=%h", "--", "tfw2v_gensim")
    return f"{last}+{zlib.crc32(changed.encode()):08x}" if changed else last


def processor() -> str:
    """Name of the processor, how many cores this process may use, and the GPUs that it sees."""
    name = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), name)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "all") not in ("", "-1")
    gpus = output("nvidia-smi", "--query-gpu=name", "--format=csv,noheader").splitlines() if visible else []
    return ", ".join([name, f"{cores} core{'s' if cores != 1 else ''}", *gpus])


def versions() -> dict[str, str]:
    """Versions of what decides the figures."""
    packages = {name: importlib.metadata.version(name) for name in ("gensim", "numpy", "tensorflow")}
    return {"python": platform.python_version(), **packages}


def load(file: Path) -> list[dict]:
    """Return the results that a file holds; none where there is no file."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def append(file: Path, result: dict) -> None:
    """Add a result to a file, at once: whoever stops the benchmark keeps what was measured."""
    with open(file, "a") as lines:
        lines.write(json.dumps(result) + "\n")


def setting(result: dict) -> tuple:
    """Return what must be equal in two results for them to stand beside one another."""
    return tuple(result[key] for key in SETTING)


def too_long(runs: list[dict]) -> bool:
    """Whether any of a workload's runs took too long to be repeated."""
    return any(run["wall_seconds"] > LONGEST_REPEATED for run in runs)


def latest(results: list[dict]) -> dict[str, dict[str, list[dict]]]:
    """Return each workload's results of the setting measured last, by trainer; a run measured twice counts once."""
    last = {result["workload"]: setting(result) for result in results}
    found: dict[str, dict[str, dict]] = {name: {} for name in last}
    for result in results:
        if setting(result) == last[result["workload"]]:
            found[result["workload"]].setdefault(result["trainer"], {})[result["seed"]] = result
    return {name: {trainer: list(runs.values()) for trainer, runs in by.items()} for name, by in found.items()}


def present(runs: list[dict], figure: str) -> list[float]:
    """Values of a figure in the runs that have it."""
    return [run[figure] for run in runs if figure in run]


def ratios(theirs: list[dict], ours: list[dict], figure: str) -> list[float]:
    """Ratios of a figure between runs of the same seed, which ran one after the other."""
    of_seed = {run["seed"]: run[figure] for run in theirs}
    return [run[figure] / of_seed[run["seed"]] for run in ours if run["seed"] in of_seed]


def spread(figures: list[float], places: int) -> str:
    """Show the mean, with half of the range where there are several figures."""
    if not figures:
        return "–"
    half_range = f" ± {(max(figures) - min(figures)) / 2:.{places}f}" if len(figures) > 1 else ""
    return f"{statistics.mean(figures):.{places}f}{half_range}"


def quality(runs: list[dict]) -> str:
    """Show every score."""
    return " / ".join(spread([run["scores"][measure] for run in runs], 1) for measure in runs[0]["scores"])


def mean_score(runs: list[dict]) -> float:
    """Mean of all scores of all runs."""
    return statistics.mean(score for run in runs for score in run["scores"].values() if score == score)


def markdown(rows: list[list[str]]) -> str:
    """Return a markdown table, of which the first row is the head."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [rows[0], ["---"] * len(rows[0]), *rows[1:]])


def table(results: list[dict], trainer: str = "tfw2v_gensim") -> str:
    """Return a markdown table of one trainer beside gensim, or nothing where no workload has both."""
    rows, shown, behind = [], [], []
    for name, runs in latest(results).items():
        theirs, ours = runs.get("gensim", []), runs.get(trainer, [])
        time = ratios(theirs, ours, "wall_seconds")
        if not time:
            continue
        rows.append([name, *(spread(present(each, "wall_seconds"), 1) for each in (theirs, ours)), spread(time, 2),
                     spread(present(ours, "first_words_seconds"), 1),
                     spread(ratios(theirs, ours, "peak_memory_mb"), 2),
                     " / ".join(ours[0]["scores"]), quality(theirs), quality(ours)])  # fmt: skip
        shown.append(ours[-1])
        if statistics.median(time) > 1 and mean_score(ours) <= mean_score(theirs):
            behind.append(name)
    if not rows:
        return ""
    header = ["workload", "gensim, s", f"{trainer}, s", "ratio", "s to first words", "memory, ratio",
              "quality", "gensim", trainer]  # fmt: skip
    behind_are = f"{len(behind)} of {len(rows)}{': ' if behind else ''}{', '.join(behind)}"
    notes = [f"Slower and not better than gensim (mean of the scores): {behind_are}.", *described(shown)]
    return "\n".join([markdown([header, *rows]), "", *notes])


def described(shown: list[dict]) -> list[str]:
    """Say where, with what and on which texts results were measured, a line for each commit and machine."""
    texts: dict[str, list[str]] = {}
    for result in shown:
        packages = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
        line = f"Commit {result['commit']}, {result['processor']}, {result['date']}, {packages}"
        texts.setdefault(line, [])
        if result["source"] and result["source"] not in texts[line]:
            texts[line].append(result["source"])
    return [f"{line}{'; texts: ' if names else ''}{', '.join(names)}." for line, names in texts.items()]


def trainers_of(results: list[dict]) -> list[str]:
    """All trainers but gensim, in the order in which they first come."""
    return [trainer for trainer in dict.fromkeys(result["trainer"] for result in results) if trainer != "gensim"]
