"""An installation that has no service account for delegation."""

from collections.abc import Mapping


class NobodySigns:
    account = ""
    client_id = ""

    def signed(self, *, claims: Mapping[str, str | int]) -> str:
        raise AssertionError(f"nobody should have been asked to sign for {claims['sub']}")
