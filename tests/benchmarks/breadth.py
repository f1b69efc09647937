"""A copy of this checkout with 60 resources more, six operations each: an API as broad as the service's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("voipbin_mock", "schemas", "fixtures", "tests")
AREAS, RESOURCES = 10, 6  # resources in each area
MODEL = "outplans"  # whose schema they have

AREA = """
from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.world.resource import Resource

AREA = Area(
    {area!r},
    *(operations(Resource(name, events=True), facets=("dial_info",)) for name in {names!r}),
)
"""


def broadened(folder: Path) -> Path:
    """Make it there. Areas are added as people add them: a folder, schemas, and a line in the index."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (model,) = (folder / "schemas").glob(f"*/{MODEL}.json")
    schema = json.loads(model.read_text(encoding="utf-8"))
    lines = ""
    for number in range(AREAS):
        area = f"toys{number:02d}"
        names = tuple(f"{area}_{letter}s" for letter in "abcdef"[:RESOURCES])
        home, schemas = folder / "voipbin_mock" / "areas" / area, folder / "schemas" / area
        home.mkdir()
        schemas.mkdir()
        (home / "__init__.py").touch()
        (home / "area.py").write_text(AREA.format(area=area, names=names).lstrip(), encoding="utf-8")
        for name in names:
            document = {**schema, "$id": schema["$id"].replace(MODEL, name)}
            (schemas / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        lines += f"    {area!r}: {names!r},\n"
    index = folder / "voipbin_mock" / "areas" / "__init__.py"
    begin = "WORDS: Mapping[str, tuple[str, ...]] = {\n"
    text = index.read_text(encoding="utf-8")
    if begin not in text:
        raise RuntimeError(f"{index} has no line {begin!r}")
    index.write_text(text.replace(begin, begin + lines), encoding="utf-8")
    return folder
