"""Times the commands as whole processes and holds them against their targets.

Every number is a ratio to a floor measured in the same run, the two in turns: T is the time of a one-command typer
app (bench/tiny.py), and a cold index is held against reading, parsing and inserting the same files
(bench/floor_index.py). Medians of wall clock; the ratio of processor times stands beside. Exits 1 when a target is
missed or a command fails.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench import flight_rows, history_rows, merge_rows, peers, queue_rows, report
from bench.rows import GROUPS, LARGE, MIDDLE, PROGRAMS, SMALL, Bench


def main() -> int:
    options = _options()
    if not (PROGRAMS / "wrkq").exists():
        print(f"make bench: there is no {PROGRAMS / 'wrkq'}; run `make venv` first", file=sys.stderr)
        return 2
    bench = Bench(options.sizes, options.rounds, options.slow_rounds)
    facts = report.machine()
    rows: list[report.Row] = []
    branches = (*history_rows.GROUPS, *merge_rows.GROUPS, *flight_rows.GROUPS, *queue_rows.GROUPS)
    groups = [] if options.only_peers else [*GROUPS, *branches]
    if not options.no_peers:
        groups.append(peers.group(options.peer_size))
    for group in groups:
        for row in group(bench):
            rows.append(row)
            print(f"  {row.what}: {row.verdict}", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(", ".join(f"{name} {value}" if name != "system" else value for name, value in facts.items()) + "\n")
    print(report.markdown_table(rows) if options.markdown else report.text_table(rows))
    if options.json:
        found = {"machine": facts, "rounds": options.rounds, "rows": [row.as_json() for row in rows]}
        options.json.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n" + report.summary(rows), flush=True)
    return int(any(row.verdict in report.BAD for row in rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the tracker of 1,000 tasks")
    parser.add_argument("--sizes", type=_sizes, default=None, help="default: 1000,10000,50000")
    parser.add_argument("--rounds", type=int, default=7, help="runs of each command (default: 7)")
    parser.add_argument("--slow-rounds", type=int, default=3, help="runs of cold index and check (default: 3)")
    parser.add_argument("--peer-size", type=int, default=SMALL, help="tasks for the peers (default: 1000)")
    parser.add_argument("--no-peers", action="store_true", help="leave Taskwarrior and Backlog.md out")
    parser.add_argument("--only-peers", action="store_true", help="nothing but them")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
    options = parser.parse_args()
    options.sizes = [SMALL] if options.quick else options.sizes or [SMALL, MIDDLE, LARGE]
    return options


def _sizes(text: str) -> list[int]:
    return sorted({int(part) for part in text.split(",")})


if __name__ == "__main__":
    sys.exit(main())
