"""What the browser gets: names that change with their content, and what is not ours exactly as published."""

import hashlib

import pytest

from functions.console.assets.folder import FOLDER
from functions.console.delivery import ASSETS, asset_address, assets
from functions.console.keys import SHORTCUTS

PUBLISHED = {
    "htmx.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    "inter.woff2": "3100e775e8616cd2611beecfa23a4263d7037586789b43f035236a2e6fbd4c62",
}


@pytest.mark.parametrize("file", sorted(PUBLISHED))
def test_what_is_not_ours_is_as_it_was_published(file: str):
    assert hashlib.sha256((FOLDER / file).read_bytes()).hexdigest() == PUBLISHED[file]
    assert (FOLDER / f"{file.partition('.')[0]}.LICENSE.txt").is_file()
    assert f"`{file}`" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_asset_is_served_under_a_name_of_its_content():
    assert {one.path for one in ASSETS} == {f"assets/{one.name}" for one in assets().values()}
    for one in assets().values():
        assert hashlib.sha256(one.body).hexdigest()[:16] in one.name


def test_the_style_sheet_names_the_font_as_it_is_served():
    assert assets()["inter.woff2"].name in assets()["console.css"].body.decode()
    assert asset_address("inter.woff2").startswith("/console/assets/inter.")


def test_no_style_or_script_of_ours_names_another_host():
    assert not [file for file in ("console.css", "console.js") if "://" in (FOLDER / file).read_text(encoding="utf-8")]


def test_every_key_has_one_meaning_and_every_meaning_a_handler():
    keys = [key for one in SHORTCUTS for key in (one.key, *one.aliases)]
    assert len(keys) == len(set(keys))
    script = (FOLDER / "console.js").read_text(encoding="utf-8")
    handlers = script.partition("const actions = {")[2].partition("\n  };")[0]
    assert not [one.action for one in SHORTCUTS if f"\n    {one.action}:" not in handlers]
