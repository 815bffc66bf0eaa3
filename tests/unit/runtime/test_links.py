"""Links of our own in mails: sealed, bound to their use, and read back only by who made them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ids import DraftId, WorkspaceId
from shared.domain.links import Link, LinkKind, link_secret_of
from shared.ports.errors import NotFound, Permanent
from shared.runtime.links import SealedLinks
from shared.runtime.settings import Settings
from tests.fakes.secrets import MemorySecrets

WORKSPACE = WorkspaceId("northwind")
KEY = "k" * 40


def links(keys: str = f"1:{KEY}", workspace: WorkspaceId = WORKSPACE) -> SealedLinks:
    settings = Settings(public_url="https://run.example/")  # type: ignore[call-arg]
    return SealedLinks(settings=settings, secrets=MemorySecrets(**{link_secret_of(workspace): keys}))


def a_link(kind: LinkKind = LinkKind.OPT_OUT, **changes: str) -> Link:
    told = {"draft_id": "draft_1", "recipient": "ana@brightleaf.example", "url": ""} | changes
    return Link(kind=kind, workspace_id=WORKSPACE, draft_id=DraftId(told["draft_id"]), recipient=told["recipient"], url=told["url"])


def token_of(address: str) -> str:
    return address.rpartition("/")[2]


printable = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=80)


@given(kind=st.sampled_from(LinkKind), draft_id=printable, recipient=printable, url=printable)
def test_a_link_is_read_back_as_it_was_made(kind, draft_id, recipient, url):
    link = a_link(kind, draft_id=draft_id, recipient=recipient, url=url)
    address = links().address_of(link=link)
    assert address.startswith(f"https://run.example/{kind.function}/")
    assert links().read(kind=kind, token=token_of(address)) == link


def test_the_same_link_is_the_same_address():
    assert links().address_of(link=a_link()) == links().address_of(link=a_link())


def test_nobody_reads_the_recipient_from_an_address():
    assert "ana" not in links().address_of(link=a_link()).lower().partition("unsubscribe")[2]


@pytest.mark.parametrize("kind", [one for one in LinkKind if one is not LinkKind.OPT_OUT])
def test_a_link_is_no_good_for_another_use(kind):
    with pytest.raises(NotFound):
        links().read(kind=kind, token=token_of(links().address_of(link=a_link())))


@given(at=st.integers(0, 200), char=st.characters(codec="ascii"))
def test_an_address_somebody_has_changed_means_nothing(at, char):
    token = token_of(links().address_of(link=a_link()))
    at %= len(token)
    changed = token[:at] + char + token[at + 1 :]
    if changed == token:
        return
    try:
        read = links().read(kind=LinkKind.OPT_OUT, token=changed)
    except NotFound:
        return
    assert read == a_link()  # bits of the last character that carry nothing


@pytest.mark.parametrize(
    "token", ["", "a", "..", "northwind.1.", "northwind.2.abcd", "__x.1.abcd", "a/b.1.abcd", "northwind.1." + "a" * 5000]
)
def test_strange_tokens_mean_nothing(token):
    with pytest.raises(NotFound):
        links().read(kind=LinkKind.OPT_OUT, token=token)


def test_a_link_of_another_workspace_means_nothing_under_its_own_name():
    token = token_of(links().address_of(link=a_link())).replace("northwind", "southwind")
    with pytest.raises(NotFound):
        links(workspace=WorkspaceId("southwind")).read(kind=LinkKind.OPT_OUT, token=token)


def test_links_outlive_a_new_key_until_the_old_one_is_taken_away():
    token = token_of(links().address_of(link=a_link()))
    assert links(f"1:{KEY}\n2:{'n' * 40}").read(kind=LinkKind.OPT_OUT, token=token) == a_link()
    with pytest.raises(NotFound):
        links(f"2:{'n' * 40}").read(kind=LinkKind.OPT_OUT, token=token)


def test_a_workspace_without_keys_says_which_secret_is_missing():
    with pytest.raises(Permanent, match="link-keys-northwind"):
        links(workspace=WorkspaceId("other")).address_of(link=a_link())
