"""What the author newly wrote, told from history and signature."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.gmail.newest_text import newest_text

QUOTE = "> We can do 900.\n> \n> Maria\n"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, 23 Nov 2026 at 10:00, Maria Costa <maria@northwind.example> wrote:",
        "On Mon, 23 Nov 2026 at 10:00, Maria Costa\n<maria@northwind.example> wrote:",
        "On Mon, 23 Nov 2026\nat 10:00, Maria Costa\n<maria@northwind.example> wrote:",
        "Am 23.11.2026 um 10:00 schrieb Maria Costa:",
        "Am Mo., 23. Nov. 2026 um 10:00 Uhr schrieb Maria Costa <maria@northwind.example>:",
        "Le lun. 23 nov. 2026 à 10:00, Maria Costa a écrit :",
        "El lun, 23 nov 2026 a las 10:00, Maria Costa escribió:",
        "Il giorno lun 23 nov 2026 alle 10:00 Maria Costa ha scritto:",
        "Em seg., 23 de nov. de 2026, Maria Costa escreveu:",
        "Op ma 23 nov. 2026 om 10:00 schreef Maria Costa:",
        "Den mån 23 nov. 2026 kl 10:00 skrev Maria Costa:",
        "-----Original Message-----\nFrom: Maria Costa\nSent: Monday\nTo: Ana\nSubject: Prices",
        "-------- Forwarded Message --------\nSubject: Prices\nDate: Monday\nFrom: Maria",
        "________________________________\nFrom: Maria Costa\nSent: Monday\nTo: Ana",
        "From: Maria Costa <maria@northwind.example>\nSent: Monday, 23 November 2026 10:00\nTo: Ana\nSubject: Prices\n",
        "Von: Maria Costa\nGesendet: Montag, 23. November 2026\nAn: Ana\nBetreff: Preise\n",
        "*From:* Maria Costa\n*Sent:* Monday\n*To:* Ana\n",
        "De : Maria Costa\nEnvoyé : lundi\nÀ : Ana\nObjet : Prix\n",
    ],
)
def test_history_is_cut_off_where_a_client_announces_it(attribution):
    assert newest_text(f"That works.\n\n{attribution}\n\n{QUOTE}") == "That works."


def test_quoted_lines_without_an_announcement_are_left_out():
    assert newest_text(f"{QUOTE}\nThat works.\n") == "That works."


def test_answers_written_between_the_quoted_lines_are_kept():
    mail = "On Mon, 23 Nov 2026, Maria wrote:\n> How many guests?\n400\n> Which month?\nMay\n"
    assert [line for line in newest_text(mail).split("\n") if not line.startswith("On")] == ["400", "May"]


@pytest.mark.parametrize("signature", ["--\nAna Silva\nBrightleaf", "-- \nAna Silva", "Sent from my iPhone", "Get Outlook for iOS"])
def test_the_signature_is_cut_off(signature):
    assert newest_text(f"That works.\n\nBest,\nAna\n\n{signature}\n") == "That works.\n\nBest,\nAna"


@pytest.mark.parametrize(
    "mail",
    [
        "On Monday I wrote to your colleague.\nHe has not answered.",
        "To: the point\nWe need 400 seats.",
        "From: Lisbon\nTo: Porto",
        "Please look at this:\n- one\n- two",
        "Subject: matter expert needed",
    ],
)
def test_words_that_only_look_like_history_stay(mail):
    assert newest_text(mail) == mail


def test_runs_of_empty_lines_and_trailing_blanks_go():
    assert newest_text("One  \r\n\r\n\r\n\r\nTwo\r\n\r\n") == "One\n\nTwo"


@given(st.text(max_size=400))
def test_nothing_is_ever_added_and_a_second_look_changes_nothing(mail):
    once = newest_text(mail)
    assert set(once.split()) <= set(mail.replace("\r", "\n").split())
    assert newest_text(once) == once


HOSTILE = [
    "on " * 20_000,
    "On a\n" * 5_000,
    "From:\n" * 5_000,
    ">" * 50_000,
    "_" * 50_000,
    "\n" * 50_000,
    "On Monday he wrote" + " " * 50_000 + "x",
    "am Montag " + "schrieb " * 8_000,
    "--original" + "-" * 50_000 + "x",
    "On Monday he wrote:\n> a\nb\n" * 8_000,
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: text[:12].strip() or "empty lines")
def test_hostile_mail_costs_a_moment_and_no_more(hostile):
    started = time.process_time()
    assert len(newest_text(hostile)) <= len(hostile)
    assert time.process_time() - started < 2
