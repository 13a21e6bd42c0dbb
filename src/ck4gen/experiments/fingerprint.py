"""What source code a result depends on: a hash of the syntax trees of the modules behind it.

Docstrings, comments and layout do not count, and neither does a module that the result does not
import. So a new method leaves the finished runs of every other method as they are.
"""

from __future__ import annotations

import ast
import hashlib
import sysconfig
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "ck4gen"
STANDARD = sysconfig.get_path("stdlib")
INSTALLED = {"site-packages", "dist-packages"}


def source_hash(roots: Iterable[str], alone: Iterable[str] = ()) -> str:
    """Twelve hex digits that hash some modules and all that they import.

    Only modules of this package, and of the packages of ``roots``, are followed, and from a user's
    own module, such as one with the base class of her method, all that is not installed: the
    versions of libraries stand in the report.

    Args:
        roots: Module names, such as ``ck4gen.methods.vae``.
        alone: Modules whose own source counts, but not what they import.
    """
    return _hash(tuple(roots), tuple(alone))


@cache
def _hash(roots: tuple[str, ...], alone: tuple[str, ...]) -> str:
    """See :func:`source_hash`; sources are read once in a process, as modules are."""
    packages = {PACKAGE, *(root.partition(".")[0] for root in roots)}
    modules = _closure(roots, frozenset(packages)) | set(alone)
    text = "\n".join(f"{name} {_tree(name)}" for name in sorted(modules))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def modules_within(package: str) -> list[str]:
    """Names of a package's modules, which are not imported."""
    source = _file(package)
    if source is None:
        raise ValueError(f"{package} is no package with source files")
    folder = source.parent
    files = (file.relative_to(folder).with_suffix("") for file in folder.rglob("*.py"))
    return sorted(".".join([package, *file.parts]).removesuffix(".__init__") for file in files)


def targets(node: object) -> Iterator[str]:
    """Modules of the classes that ``_target_`` keys of a configuration name."""
    if isinstance(node, Mapping):
        if isinstance(target := node.get("_target_"), str):
            yield target.rpartition(".")[0]
        for value in node.values():
            yield from targets(value)
    elif isinstance(node, list):
        for value in node:
            yield from targets(value)


def _closure(roots: Collection[str], packages: frozenset[str]) -> set[str]:
    modules: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in modules and _file(name):
            modules.add(name)
            waiting += [m for m in _imports(name) if _leads(name, m, packages)]
    return modules


def _leads(name: str, imported: str, packages: frozenset[str]) -> bool:
    """Whether what a module imports is followed."""
    if imported.partition(".")[0] in packages:
        return True
    return name.partition(".")[0] != PACKAGE and _is_of_a_user(imported)


def _is_of_a_user(name: str) -> bool:
    """Whether a module has source that no installer has put there."""
    file = _file(name)
    return file is not None and not (
        file.is_relative_to(STANDARD) or INSTALLED.intersection(file.parts)
    )


@cache
def _file(name: str) -> Path | None:
    """The source file of a module, None where ``name`` is no module.

    ``find_spec`` of a whole dotted name would import all that stands before its last dot.
    """
    top, *rest = name.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if not rest:
        return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
    candidates = [Path(folder, *rest) for folder in spec.submodule_search_locations or ()]
    files = [
        file
        for candidate in candidates
        for file in (candidate / "__init__.py", candidate.with_suffix(".py"))
    ]
    return next((file for file in files if file.is_file()), None)


@cache
def _parsed(name: str) -> ast.Module:
    file = _file(name)
    return ast.parse(file.read_bytes()) if file else ast.Module([], [])


@cache
def _imports(name: str) -> tuple[str, ...]:
    """Modules that a module imports when it runs: not those behind ``TYPE_CHECKING``."""
    modules = []
    for node in _statements(_parsed(name), running=True):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(name, node)
            modules += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return tuple(modules)


def _absolute(name: str, node: ast.ImportFrom) -> str:
    """The whole name of the module from which another one imports, also by leading dots."""
    if not node.level:
        return node.module or ""
    file = _file(name)
    above = node.level - (file is not None and file.name == "__init__.py")
    parents = name.split(".")[: -above or None]
    return ".".join([*parents, *filter(None, [node.module])])


def _statements(node: ast.AST, running: bool = False) -> Iterator[ast.AST]:
    """All that is no expression, which is most of a tree; or what of it runs outside a checker."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            continue
        if running and isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _statements(child, running)


@cache
def _tree(name: str) -> str:
    """The syntax tree of a module as text, without docstrings."""
    tree = _parsed(name)  # loses its docstrings, which nobody else reads
    for node in (tree, *_statements(tree)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
    return ast.dump(tree)
