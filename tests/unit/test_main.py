"""The root module: a target is found by its folder's name; bundles test that functions-framework serves it from there."""

import pytest

import main


@pytest.mark.parametrize("name", ["no_such_function", "__wrapped__", "_private"])
def test_a_target_without_a_folder_is_an_attribute_that_does_not_exist(name: str) -> None:
    with pytest.raises(AttributeError, match=f"functions/{name}/main.py does not exist"):
        getattr(main, name)
