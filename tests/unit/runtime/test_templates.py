"""Templates: what comes from outside is escaped, and a name nobody knows is an error."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from shared.runtime.templates import Templates


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    (tmp_path / "page.html").write_text('<p title="{{ told }}">{{ told | loud }} {{ house }}</p>', encoding="utf-8")
    return Templates(tmp_path, filters={"loud": str.upper}, known={"house": "ours"})


def test_what_is_given_is_text_and_never_markup(templates: Templates):
    assert templates.rendered("page.html", {"told": '"><b>'}) == '<p title="&#34;&gt;&lt;b&gt;">&#34;&gt;&lt;B&gt; ours</p>'


def test_a_name_that_nobody_gives_is_an_error(templates: Templates):
    with pytest.raises(UndefinedError):
        templates.rendered("page.html", {})
