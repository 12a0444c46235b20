"""A generated year: facts per second, and memory that stays flat from 40 to 400 thousand facts.

    python bench/generate.py [--counties 1 10] [--units 290] [--large 0] [--jobs 1]

Each size is a process of its own, so that each has a peak of its own: the largest resident memory
of any one of its processes. The store is a file of SQLite that is removed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Generate each size, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--counties", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--units", type=int, default=290, help="of each county")
    parser.add_argument("--large", type=int, default=0, help="payments of the first unit")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    results = [_one(given, counties) for counties in given.counties]
    if given.json:
        json.dump(results, sys.stdout, indent=2)
        print()
        return
    for one in results:
        print("  ".join(f"{name} {value}" for name, value in one.items()))
    print(f"peak, last against first: {results[-1]['peak MB'] / results[0]['peak MB']:.2f}")


def _one(given: argparse.Namespace, counties: int) -> dict[str, float]:
    line = ["generate", "--json", "--counties", str(counties), "--units", str(given.units)]
    line += ["--large", str(given.large), "--jobs", str(given.jobs)]
    program = (
        "import resource, sys\n"
        "from api.cli import app\n"
        "code = app(sys.argv[1:], standalone_mode=False)\n"
        "who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)\n"
        "peak = max(resource.getrusage(one).ru_maxrss for one in who)\n"
        "print(peak, file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", program, *line],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env=os.environ | {"LIUHEN_DATA_DIR": folder, "PYTHONPATH": str(ROOT)},
        )
    return {**json.loads(done.stdout), "peak MB": int(done.stderr.split()[-1]) // 1024}


if __name__ == "__main__":
    main()
