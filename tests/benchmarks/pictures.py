"""Two pictures of the results, each for a light and a dark page: quality against time, time by size of corpus."""

from collections import defaultdict
from pathlib import Path
from statistics import median

import matplotlib.pyplot as plt
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, NullLocator
from results import latest, ratios

# Okabe and Ito's colours, which no colour blindness confuses; a marker each says the same
TRAINERS = {
    "gensim": ("#E69F00", "o"),
    "tfw2v_gensim": ("#0072B2", "s"),
    "word2vec.c": ("#009E73", "^"),
    "fasttext": ("#CC79A7", "D"),
    "pword2vec": ("#D55E00", "v"),
}
NUMBERED = ("gensim", "tfw2v_gensim")  # whose points are numbered: all would overlap
LABELS = {"CBOW": (0, 6), "skip-gram": (10, -4)}  # where: above a point, or beside it
LOOKS = {"CBOW": {}, "skip-gram": {"fillstyle": "none", "linestyle": "--"}}
ARCHITECTURES = (("CBOW", "#0072B2", "s"), ("skip-gram", "#D55E00", "v"))
BRIGHTER = {"#0072B2": "#56B4E9"}  # on a dark page
PAGES = {"": ("#ffffff", "#1f2328", "#d1d9e0"), "-dark": ("#0d1117", "#e6edf3", "#3d444d")}  # page, ink, grid


def plain(number, _position=None) -> str:
    """Show a number without needless digits or powers of ten."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{unit}"
    return f"{number:g}"


def numbered(axis, ticks) -> None:
    """Put plain numbers at an axis with a logarithmic scale, at those of the ticks that lie in view."""
    low, high = axis.get_view_interval()
    axis.set_ticks([tick for tick in ticks if low <= tick <= high])
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(plain))


def million(words) -> str:
    """Show a number of words."""
    return f"{words / 1e6:.0f} million words" if words >= 1e6 else f"{round(words, -4):,.0f} words"


def architecture(result) -> str:
    """Name the architecture that a result was trained with."""
    return ("CBOW", "skip-gram")[result["arguments"].get("sg", 0)]


def lengths_of_training(found) -> dict[str, dict[tuple[str, str], list[tuple]]]:
    """Return for each text that was trained for several epochs, the smallest first: the lines of its panel.

    A line is a trainer with an architecture: its (epochs, seconds, analogies).
    """
    panels: dict = defaultdict(lambda: defaultdict(list))
    for by_trainer in found.values():
        for trainer, runs in by_trainer.items():
            if (
                runs[0]["source"]
                and "analogies" in runs[0]["scores"]
                and runs[0]["arguments"].keys() <= {"epochs", "sg"}
            ):
                scores = [run["scores"]["analogies"] for run in runs]
                seconds = median(run["wall_seconds"] for run in runs)
                point = runs[0]["arguments"].get("epochs", 5), seconds, sum(scores) / len(scores)
                panels[runs[0]["words"]][trainer, architecture(runs[0])].append(point)
    several = {words: lines for words, lines in sorted(panels.items()) if max(map(len, lines.values())) > 1}
    return {million(words): lines for words, lines in several.items()}


def quality_against_time(found, colour):
    """Draw a panel for each text, by size: a line for each trainer and architecture, a point for a number of epochs."""
    panels = lengths_of_training(found)
    if not panels:
        return None
    figure, grid = plt.subplots(
        1, len(panels), figsize=(0.6 + 2.8 * len(panels), 3.9), layout="constrained", squeeze=False
    )
    shown, halo = {}, withStroke(linewidth=2.5, foreground=plt.rcParams["axes.facecolor"])
    label = {"textcoords": "offset points", "ha": "center", "fontsize": 8, "zorder": 5}
    for axes, (title, lines) in zip(grid.flat, panels.items(), strict=True):
        for (trainer, kind), points in sorted(lines.items()):
            epochs, seconds, scores = zip(*sorted(points), strict=True)
            ink, marker = TRAINERS[trainer]
            look = {"color": colour(ink), "marker": marker, **LOOKS[kind]}
            (shown[f"{trainer}, {kind}"],) = axes.plot(seconds, scores, **look)
            for each, *place in zip(epochs, seconds, scores, strict=True):
                if trainer in NUMBERED:
                    axes.annotate(each, place, LABELS[kind], color=colour(ink), path_effects=[halo], **label)
        axes.set(title=title, xscale="log", xlabel="whole time, s")
        axes.margins(0.15, 0.16)
        axes.set_ylim(bottom=0)
        numbered(axes.xaxis, [step * 10**power for power in range(-1, 5) for step in (1, 2, 5)])
    grid[0, 0].set_ylabel("analogies, %")
    figure.legend(
        shown.values(), shown, loc="outside upper center", ncols=2, title="The numbers are epochs", frameon=False
    )
    return figure


def time_by_size(found, colour):
    """Draw our time over gensim's: texts by their size, and below one another everything else."""
    texts, others = defaultdict(list), []
    for name, runs in found.items():
        time = ratios(runs.get("gensim", []), runs.get("tfw2v_gensim", []), "wall_seconds")
        if time:
            first = runs["gensim"][0]
            plainly = first["source"] and first["arguments"].keys() <= {"epochs", "sg"} and name.startswith("text")
            if plainly and first["arguments"].get("epochs", 5) == 5:
                texts[architecture(first)].append((first["words"], sorted(time)))
            else:
                others.append((first["words"], name, architecture(first), sorted(time)))
    if not texts and not others:
        return None
    height = max(3.6, 1.4 + 0.24 * len(others))
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, height), layout="constrained", width_ratios=(1, 1))
    for architecture_name, ink, marker in ARCHITECTURES:
        look = {"color": colour(ink), "marker": marker, "capsize": 2, "label": architecture_name}
        points = sorted(texts[architecture_name])
        left.errorbar([words for words, _ in points], *middle_and_range([time for _, time in points]), **look)
        at = [row for row, other in enumerate(sorted(others)) if other[2] == architecture_name]
        middles, ranges = middle_and_range([sorted(others)[row][3] for row in at])
        right.errorbar(middles, at, xerr=ranges, **{**look, "linestyle": "none"})
    ticks = [step * 10**power for power in range(-2, 3) for step in (1, 2, 5)]
    left.set(xscale="log", yscale="log", xlabel="words of the text", ylabel="time over gensim's")
    left.set_title("Texts, 5 epochs")
    left.axhline(1, color=colour("ink"), linewidth=1)
    left.margins(0.1, 0.12)
    numbered(left.xaxis, [1e5, 5e5, 2e6, 4e6, 17e6])
    numbered(left.yaxis, ticks)
    right.set(xscale="log", xlabel="time over gensim's", title="Other shapes and data, the smallest first")
    right.axvline(1, color=colour("ink"), linewidth=1)
    right.set_yticks(range(len(others)), [name for _, name, *_ in sorted(others)], fontsize=8)
    right.invert_yaxis()
    right.margins(x=0.1)
    numbered(right.xaxis, ticks)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2, frameon=False)
    return figure


def middle_and_range(times):
    """Return the medians of sorted ratios, and how far the lowest and the highest are from them, ``[2, N]``."""
    middles = [time[len(time) // 2] for time in times]
    below = [middle - time[0] for time, middle in zip(times, middles, strict=True)]
    above = [time[-1] - middle for time, middle in zip(times, middles, strict=True)]
    return middles, [below, above]


def draw(results, folder: Path) -> list[Path]:
    """Write the pictures that the results are enough for; return their files."""
    found, files = latest(results), []
    for suffix, (page, ink, grid) in PAGES.items():
        style = {
            "figure.facecolor": page, "axes.facecolor": page, "savefig.facecolor": page, "text.color": ink,
            "axes.labelcolor": ink, "axes.edgecolor": grid, "xtick.color": ink, "ytick.color": ink,
            "axes.grid": True, "grid.color": grid, "grid.linewidth": 0.6, "axes.titlesize": 10, "font.size": 9,
            "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "tfw2v_gensim",
        }  # fmt: skip

        def colour(name, dark=bool(suffix), ink=ink):
            return ink if name == "ink" else BRIGHTER.get(name, name) if dark else name

        for picture in (quality_against_time, time_by_size):
            with plt.rc_context(style):
                figure = picture(found, colour)
                if figure is None:
                    continue
                files.append(folder / f"{picture.__name__}{suffix}.svg")
                figure.savefig(files[-1], metadata={"Date": None})  # the same figures give the same file
                plt.close(figure)
    return files
