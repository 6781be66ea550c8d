"""`python -m bench`: print the tables and write the page; exit code 1 when a line has FAILED.

With SMOKE in the environment everything is done once, in small, and nothing is written.
"""

import os
import sys
import time

from bench import page
from bench.sizes import SMOKE, WHOLE
from bench.stages import names, stages
from bench.table import Line, Table, has_failed


def main() -> int:
    """Measure everything, one after the other; progress goes to stderr."""
    began = time.monotonic()
    sizes = SMOKE if os.environ.get("SMOKE") else WHOLE
    found = list(stages(sizes))
    results: dict[Table, list[Line]] = {table: [] for table in names(found)}
    for stage in found:
        for table, line in stage.results():
            results[table].append(line)
            told = f"{line.what}: {' | '.join(line.figures)} {line.verdict}"
            print(f"{time.monotonic() - began:4.0f} s  {told}", file=sys.stderr, flush=True)
    figures = page.report(results)
    print(figures)
    if not sizes.is_smoke:
        page.write(figures)
    return 1 if has_failed(line for lines in results.values() for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
