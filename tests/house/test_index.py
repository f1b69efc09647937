"""The index agrees with what areas declare, and what is declared is complete: parts, differences, what is loaded."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.each import for_each
from tests.support.floors import DOOR, MODULES, area, imports, ours, room
from voipbin_mock import areas, catalog
from voipbin_mock.api.area import Area
from voipbin_mock.schema import files
from voipbin_mock.world.part import Part
from voipbin_mock.world.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CATALOG, INDEX = catalog.default(), catalog.INDEX
AREAS = {one.name: one for one in CATALOG.areas()}
SERVICE = {name: AREAS[name] for name in areas.WORDS}
# Words of the control API that no area claims lead here.
CATCH_ALL = "control"

each_area = pytest.mark.parametrize("one", AREAS.values(), ids=str)
each_area_of_the_service = pytest.mark.parametrize("one", SERVICE.values(), ids=str)


# --- what leads where ----------------------------------------------------------------------------


def test_an_area_has_one_name_in_every_tree() -> None:
    folders = {area(module) for module in MODULES} - {""}
    assert folders == set(areas.WORDS)
    with_records = {name for name, one in AREAS.items() if one.resources and name in folders}
    assert {path.name for path in (files.root() / "schemas").iterdir() if path.is_dir()} == with_records
    assert {area for seed in files.seeds() for area in files.seed_areas(seed)} <= folders
    assert {path.stem for path in Path(__file__).parents[1].joinpath("areas").iterdir() if path.is_dir()} <= {
        *folders, "__pycache__"
    }  # fmt: skip


def test_the_index_names_every_area_by_its_own_name() -> None:
    assert set(INDEX.modules) == set(AREAS)
    assert all(import_module(module).AREA is AREAS[name] for name, module in INDEX.modules.items())


@each_area_of_the_service
def test_the_index_has_the_words_that_an_area_of_the_service_declares(one: Area) -> None:
    assert set(areas.WORDS[one.name]) == one.words()


@each_area
def test_every_word_of_an_area_leads_to_it_and_to_no_other(one: Area) -> None:
    for word in one.words():
        found = INDEX.areas.get(word) or INDEX.areas.get(word.partition("/")[0])
        assert one.name in (found, *INDEX.more.get(word, ())), word
        if word in {resource.name for resource in one.resources}:
            assert found == one.name, "the records of that name are there"


def test_no_word_leads_to_an_area_that_does_not_know_it() -> None:
    strangers = {word for word, name in INDEX.areas.items() if word not in AREAS[name].words()}
    assert strangers <= {"__mock__"}
    assert INDEX.areas["__mock__"] == CATCH_ALL


def test_the_index_has_the_events_that_areas_follow() -> None:
    declared: dict[str, list[str]] = {}
    for one in AREAS.values():
        for event in one.follows:
            declared.setdefault(event, []).append(one.name)
    assert {event: sorted(names) for event, names in INDEX.follows.items()} == declared
    assert INDEX.follows == {event: tuple(names) for event, names in areas.FOLLOWS.items()}


def test_the_index_has_the_areas_that_listen() -> None:
    assert sorted(INDEX.listens) == sorted(one.name for one in AREAS.values() if one.listens)


def test_the_index_has_the_settings_that_ask_for_a_part() -> None:
    assert INDEX.started == {setting: one.name for one in AREAS.values() for setting in one.started}
    assert set(INDEX.started) <= {*Settings.__dataclass_fields__}


@each_area
def test_what_an_area_names_is_its_own(one: Area) -> None:
    names = {resource.name for resource in one.resources}
    assert set(one.placed) <= names
    assert set(one.unlocked) <= set(one.controls.values())
    others = [other for other in AREAS.values() if other is not one]
    for several in ("timers", "lints", "narrows", "controls"):
        assert not [name for name in getattr(one, several) for other in others if name in getattr(other, several)]
    if one.records:
        assert set(import_module(one.records).TYPES) == {resource.name for resource in one.resources if resource.stored}


@each_area
def test_every_difference_and_reason_is_declared_once(one: Area) -> None:
    elsewhere = [difference.name for other in AREAS.values() if other is not one for difference in other.differences]
    assert not {difference.name for difference in one.differences} & set(elsewhere)


# --- parts of a world ------------------------------------------------------------------------------


def kinds(of: type[Part] = Part) -> Iterator[type[Part]]:
    for kind in of.__subclasses__():
        if kind.__module__.startswith("voipbin_mock."):
            yield kind
        yield from kinds(kind)


@cache
def every_kind() -> list[type[Part]]:
    for module in MODULES:
        if module not in (DOOR, "__main__"):
            import_module(f"voipbin_mock.{module}")
    return list(dict.fromkeys(kinds()))


def dumped() -> list[type[Part]]:
    return [kind for kind in CATALOG.parts() if kind.name and kind.dumped]


def test_every_part_that_a_state_should_hold_is_declared_by_an_area() -> None:
    whole = [kind for kind in every_kind() if kind.name or not kind.__subclasses__()]  # others are made of these
    dumping = {kind for kind in whole if kind.dump is not Part.dump or (kind.name and kind.dumped)}
    assert all(kind.name and kind.dumped for kind in dumping)
    assert dumping == set(dumped())


def test_what_is_dumped_is_kept_in_snapshots_and_counts_as_a_change_of_state() -> None:
    for kind in dumped():
        for member in ("load", "keep", "bring_back"):
            assert getattr(kind, member) is not getattr(Part, member), f"{kind.__name__}.{member}"
        assert kind.revision is not Part.revision, kind.__name__


def test_no_two_parts_have_one_name() -> None:
    names = [kind.name for kind in every_kind() if kind.name]
    assert len(set(names)) == len(names)


# --- differences of the profiles -------------------------------------------------------------------


def marked(path: Path) -> Iterator[tuple[str, str]]:
    """The points that the tests of a file say they are about: `@pytest.mark.differs("D7")`."""
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)) if "differs(" in text else ():
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.differs":
                    for name in mark.args:
                        yield ast.literal_eval(name), node.name


@cache
def points_tested() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, test in marked(path):
            found.setdefault(name, []).append(test)
    return found


@for_each("name", CATALOG.differences)
def test_every_difference_of_the_profiles_has_a_test_of_its_own(name: str) -> None:
    assert points_tested().get(name), f"mark a test in both profiles with @pytest.mark.differs({name!r})"


def test_no_test_is_about_a_difference_that_there_is_not() -> None:
    assert points_tested().keys() <= CATALOG.differences.keys()


# --- what is loaded when ---------------------------------------------------------------------------

ASK = """
import json, sys
import voipbin_mock
steps = [sorted(sys.modules)]
with voipbin_mock.Mock() as mock:
    steps.append(sorted(sys.modules))
    assert mock.client.get("/v1.0/outplans").status_code == 200
    steps.append(sorted(sys.modules))
with voipbin_mock.Mock(seed="tutorial", coverage=True) as mock:  # as `serve` makes it
    assert mock.client.get("/v1.0/outplans").status_code == 200
    assert mock.client.post("/v1.0/outplans", json={}).status_code == 400
    steps.append(sorted(sys.modules))
print(json.dumps(steps))
"""
# Whatever these are for is not needed to answer a request.
NOT_NEEDED = {
    "flask", "jsonschema", "referencing", "waitress", "pytest", "requests", "httpx", "aiohttp", "urllib3", "asyncio",
    "simple_websocket", "wsproto", "redis", "sqlite3",
}  # fmt: skip
OTHER_ROOMS = {"openapi", "contract", "control", "command", "server", "factory", "pytest_plugin", "pytest_coverage"}


@cache
def loaded() -> tuple[set[str], ...]:
    """Everything that is loaded: with the package, with a mock, and with the first request for outplans."""
    said = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )  # fmt: skip
    return tuple(map(set, json.loads(said.stdout)))


def ours_of(modules: set[str]) -> set[str]:
    return {name.partition(".")[2] for name in modules if name.startswith("voipbin_mock.")}


def needed(*start: str) -> set[str]:
    """What modules import where they stand, and what that imports in turn."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        module = waiting.pop()
        if module and module not in found:
            found.add(module)
            waiting.append(module.rpartition(".")[0])
            waiting += [ours(i.target) or "" for i in imports(module) if not (i.lazy or i.typing)]
    return found - {DOOR}


def declared(modules: set[str]) -> set[str]:
    return {name for name, module in INDEX.modules.items() if module in modules}


def test_naming_the_package_loads_nothing_of_it() -> None:
    assert ours_of(loaded()[0]) == {"_version"}


def test_a_mock_loads_the_accounts_alone_of_all_declarations() -> None:
    assert declared(loaded()[1]) == {"accounts"}


def test_a_request_loads_the_declaration_of_its_own_area_and_no_other() -> None:
    assert declared(loaded()[2]) == {"accounts", "campaigns"}


def test_to_count_what_is_exercised_loads_no_other() -> None:
    assert declared(loaded()[3]) == declared(loaded()[2])


def test_a_request_loads_no_area_and_no_trouble_and_no_delivery_but_what_is_needed() -> None:
    wanted = needed("mock", *(INDEX.modules[name].partition(".")[2] for name in ("accounts", "campaigns")))
    found = {module for module in ours_of(loaded()[2]) if room(module) in ("areas", "trouble", "delivery")}
    assert not found - wanted


def test_a_request_loads_no_room_and_no_library_that_it_has_no_use_for() -> None:
    assert not {room(module) for module in ours_of(loaded()[2])} & OTHER_ROOMS
    assert not loaded()[2] & NOT_NEEDED
