"""The outside judges of what formengine makes, each as a small Python module.

ajv: JSON Schema in Node · browser: Chromium and axe · node: JavaScript modules · nu: HTML ·
verapdf: PDF/UA and PDF/A · yamlls: what an editor says of a definition.
A tool that is missing raises; nothing is skipped.
"""

from pathlib import Path

TOOLS = Path(__file__).parent
NODE_MODULES = TOOLS / "node_modules"
BUILD = TOOLS.parent.parent / "build"


class ToolError(Exception):
    """A tool could not do its work: it is missing, broke off or said what cannot be read."""
