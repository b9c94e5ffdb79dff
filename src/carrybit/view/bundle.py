"""Bundle: the ES modules of the view as one script, for a file that is opened without a server.

A page opened from a disk may not import files beside it. Each module becomes a function that returns what it exports,
in an order in which everything is there before it is used; this knows the modules of this folder, and no others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files

IMPORT = re.compile(r'^import \{(?P<names>[\w, ]+)\} from "\./(?P<module>\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:function|const) (?P<name>\w+))", re.MULTILINE)


def source(name: str) -> str:
    """Return the text of a file of the view."""
    return files("carrybit.view").joinpath(name).read_text(encoding="utf-8")


def bundle() -> str:
    """Return ``page.js`` and all that it imports as one script."""
    return "\n".join(_wrapped(name, text) for name, text in _ordered("page", {}).items())


def _ordered(module: str, done: dict[str, str]) -> Mapping[str, str]:
    """Return the texts of a module and of all that it imports, each after those it imports."""
    text = source(f"{module}.js")
    for found in IMPORT.finditer(text):
        if found["module"] not in done:
            _ordered(found["module"], done)
    done[module] = text
    return done


def _wrapped(module: str, text: str) -> str:
    exported = ", ".join(found["name"] for found in EXPORT.finditer(text))
    inner = IMPORT.sub(lambda found: f"const {{{_renamed(found['names'])}}} = {found['module']}_js;\n", text)
    return f"const {module}_js = (() => {{\n{EXPORT.sub('', inner)}\nreturn {{{exported}}};\n}})();\n"


def _renamed(names: str) -> str:
    return names.replace(" as ", ": ")
