# SPDX-License-Identifier: MIT
"""What the Python tests share: the program, a line for each thing that is not so, the closing line."""
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.realpath(os.environ.get("OOMREPORT_BUILD") or os.path.join(TOP, "build/dev"))
PROGRAM = os.path.join(BUILD, "oomreport")
checks = failures = 0


def check(holds, what, more=""):
    """more: what was seen instead. The condition comes first: what it did is seen in the words."""
    global checks, failures
    checks += 1
    if not holds:
        failures += 1
        print("NOT SO:", what, more)
    return bool(holds)


def skip(why):
    """Ends the test as skipped; as failed when something was wrong before."""
    print(f"skipped: {why}" + (f" ({checks} checks before, {failures} failed)" if checks else ""))
    sys.exit(1 if failures else 77)


def done():
    """The closing line and the exit status. A test that checked nothing has not passed."""
    print(f"{checks} checks, {failures} failed")
    sys.exit(1 if failures or not checks else 0)


if not os.access(PROGRAM, os.X_OK):
    skip(f"no program at {PROGRAM}")
