#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = ["formengine"]
#
# [tool.uv.sources]
# formengine = { path = ".", editable = true }
# ///
"""The command line of a checkout: `uv run cli.py check definitions/` on a fresh clone.

It holds no logic and is not part of the wheel; the commands live in `formengine.cli`.
"""

from formengine.cli import main

if __name__ == "__main__":
    main()
