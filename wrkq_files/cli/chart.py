"""Charts as SVG: one file that asks nothing of anybody, with the same bytes for the same figures."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import pygal
from pygal.etree import etree
from pygal.style import Style

from wrkq_files.cli import text
from wrkq_files.model.fields import STATES

if TYPE_CHECKING:
    from wrkq_files.service.statistics import Statistics

# For plugins that nobody here has, it is asked about every module that is not found, and Python 3.11 warns each time.
sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, pygal.PluginImportFixer)]

#: The palette of Okabe and Ito, which the colour-blind can tell apart, with two greys for what is not worked on.
_COLOURS: Final = {
    "idea": "#c8c8c8",
    "draft": "#f0e442",
    "open": "#56b4e9",
    "in_progress": "#0072b2",
    "in_review": "#cc79a7",
    "blocked": "#d55e00",
    "completed": "#009e73",
    "cancelled": "#707070",
}
_SCOPE: Final = "#0072b2"
#: What a chart needs no script for is left out: these hold it, and what tooltips would say.
_SCRIPTED: Final = frozenset({"script", "desc"})
_MOST_LABELS: Final = 7
_SIZE: Final = (900, 500)


def flow(found: Statistics, where: str) -> str:
    """How many tasks were in each state: the first state on top, as in the legend."""
    shown = [state for state in STATES if any(level.get(state) for level in found.levels)]
    chart = _chart(
        pygal.StackedLine,
        found,
        f"Tasks by state{where}",
        [_COLOURS[state] for state in shown],
        most=max(sum(level.values()) for level in found.levels),
        fill=True,
        stack_from_top=True,
    )
    for state in shown:
        chart.add(state.replace("_", " "), [level.get(state, 0) for level in found.levels])
    return _written(chart)


def burnup(found: Statistics, where: str) -> str:
    """How many tasks there were to do, those that are done with them, and how many were done."""
    done = [level.get("completed", 0) for level in found.levels]
    scope = [sum(level.values()) - level.get("cancelled", 0) for level in found.levels]
    colours = [_SCOPE, _COLOURS["completed"]]
    chart = _chart(pygal.Line, found, f"Scope and completed tasks{where}", colours, most=max(scope))
    chart.add("scope", scope)
    chart.add("completed", done, fill=True)
    return _written(chart)


def _chart(kind: Any, found: Statistics, title: str, colours: list[str], *, most: int, **more: Any) -> Any:
    dates = [f"{each.astimezone():%Y-%m-%d}" for each in found.moments]
    if dates[-1] == dates[-2]:  # the last period began today
        dates[-1] = f"{found.until.astimezone():%H:%M}"
    chart = kind(
        title=text.one_line(title),
        x_title="Date",
        y_title="Tasks",
        x_labels=dates,
        x_labels_major=dates[:: -(-len(dates) // _MOST_LABELS)],
        truncate_label=-1,
        margin_right=50,
        show_minor_x_labels=False,
        y_labels=_ticks(most),
        range=(0, _ticks(most)[-1]),
        value_formatter=lambda value: f"{value:.0f}",
        width=_SIZE[0],
        height=_SIZE[1],
        explicit_size=True,
        show_dots=False,
        js=(),
        disable_xml_declaration=True,
        style=_style(colours),
        **more,
    )
    chart.uuid = "wrkq"  # else it is another one each time
    return chart


def _style(colours: list[str]) -> Any:
    sizes = {f"{name}_font_size": 14 for name in ("label", "major_label", "legend")}
    return Style(
        font_family="sans-serif",
        background="#ffffff",
        plot_background="#ffffff",
        title_font_size=18,
        opacity="1",
        opacity_hover="1",
        stroke_opacity="1",
        stroke_width="2",
        major_guide_stroke_color="#d0d0d0",
        guide_stroke_color="#d0d0d0",
        colors=tuple(colours),
        transition="0s",
        **sizes,
    )


def _ticks(most: int) -> list[int]:
    """Whole numbers from 0 up to what is no less than the greatest value, about five of them."""
    step = 1
    while step * 5 < most:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return list(range(0, max(most, 1) + step, step))


def _written(chart: Any) -> str:
    """The chart's text, without what it would do in a browser, and when and with what it was made."""
    etree.to_etree()  # with lxml, where that is installed, the bytes would be others
    root = chart.render_tree()
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag in _SCRIPTED:
                parent.remove(child)
    written: str = etree.tostring(root, encoding="unicode")
    return f"{written}\n"
