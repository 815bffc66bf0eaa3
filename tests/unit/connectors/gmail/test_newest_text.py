"""What the author newly wrote, told from history and signature."""

# ruff: noqa: RUF001 - the letters of other alphabets are meant

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
        "Fra: Maria Costa\nSendt: 23. november 2026 10:00\nTil: Ana\nEmne: Priser\n",
        "Von: Maria\n\nGesendet: Montag\n\nAn: Ana\n\nBetreff: Preise\n",
        "От: Maria Costa\nОтправлено: ‎23‎ ноября\nКому: Ana\n",
        "发件人: Maria Costa <maria@northwind.example>\n发送时间: 2026年11月23日\n收件人: Ana\n主题: 价格\n",
        "差出人： Maria <maria@northwind.example>\n日付： 2026年11月23日\n件名： 価格\n",
        "From: Maria <maria@northwind.example>\nTo: Ana <ana@x.example>, Joe\n <joe@x.example>, Lea\n <lea@x.example>\nSubject: Prices",
        "> From: Maria <maria@northwind.example>\n> Sent: Monday\n> To: Ana\n> Subject: Prices",
        "Maria Costa@NORTHWIND\n11/23/2026 10:00 AM\nTo: Ana Silva/HF@HF\ncc:\nSubject: Prices\n",
        "Maria Costa <maria@northwind.example> wrote:",
        "Maria Costa <maria@northwind.example> schrieb am Mo., 23.\nNov. 2026 um 10:00 Uhr:",
        "2026-11-23 10:00 GMT+01:00 Maria Costa <\nmaria@northwind.example>:",
        '23.11.2026, 10:00, "Maria Costa" <maria@northwind.example>:',
        "Mon, 23 Nov 2026 10:00:51 +0100 от Maria Costa <maria@northwind.example>:",
        "At 11/23/2026 10:00 AM, you wrote:",
        "Op 23-nov.-2026, om 10:00 heeft Maria <maria@northwind.example> het volgende geschreven:",
        "W dniu 2026-11-23 10:00:39 użytkownik Maria <maria@northwind.example> napisał:",
        "ma 23. marraskuuta 2026 klo 10.00 Maria Costa\n<maria@northwind.example> kirjoitti:",
        "2026.11.23. 10:00 keltezéssel, Maria Costa írta:",
        "Dne 23. 11. 2026 v 10:00 Maria Costa napsal:",
        "23 Kas 2026 10:00 tarihinde Maria <maria@northwind.example> yazdı:",
        "În lun., 23 nov. 2026 la 10:00, Maria <maria@northwind.example> a scris:",
        "On Nov 23, 2026, at 10:00 AM, Maria Costa <\nmaria.costa.of.northwind.events@northwind.example>\nwrote:",
        "----- Original Message -----",
        "-------- Oprindelig besked --------",
        "-----Mensaje original-----",
        "---- Maria Costa wrote ----",
        "____________________Reply Separator____________________",
        "------On 11/23/2026 10:00 AM, Maria Costa wrote-----",
        "---------------------- Forwarded by Maria Costa/NW on 11/23/2026 10:00\nAM ---------------------------",
        "Begin forwarded message:",
        "Anfang der weitergeleiteten Nachricht:",
    ],
)
def test_history_is_cut_off_where_a_client_announces_it(attribution):
    assert newest_text(f"That works.\n\n{attribution}\n\n{QUOTE}") == "That works."


def test_quoted_lines_without_an_announcement_are_left_out():
    assert newest_text(f"{QUOTE}\nThat works.\n") == "That works."


def test_answers_written_between_the_quoted_lines_are_kept():
    mail = "On Mon, 23 Nov 2026, Maria wrote:\n> How many guests?\n400\n> Which month?\nMay\n"
    assert newest_text(mail) == "400\nMay"


def test_an_answer_under_the_quotation_is_kept_with_what_stands_above_it():
    mail = f"Hi Maria,\n\nOn Mon, 23 Nov 2026, Maria wrote:\n{QUOTE}\nThat works.\n\n-- \nAna\n"
    assert newest_text(mail) == "Hi Maria,\n\nThat works."


def test_an_answer_under_a_footer_and_a_quotation_is_not_lost():
    assert newest_text(f"Sent from my iPhone\n\n{QUOTE}\nThat works.") == "That works."


def test_an_answer_is_not_lost_because_nothing_below_its_announcement_is_marked():
    assert newest_text("On 23 Nov 2026, at 10:00, Maria <maria@northwind.example> wrote:\n\nThat works.") == "That works."


def test_a_line_shared_with_the_announcement_keeps_its_own_words():
    assert newest_text("That works. On Mon, 23 Nov 2026 at 10:00, maria@northwind.example wrote:\n> 900?") == "That works."


def test_quotations_in_quotations_are_history_too():
    mail = "Yes.\n\n> On Sun, 22 Nov 2026, Ana wrote:\n>> Could you?\n> We can do 900.\n"
    assert newest_text(mail) == "Yes."


def test_a_forwarded_mail_is_not_the_word_of_who_forwards_it():
    headers = "From: Maria <m@x.example>\nDate: Monday\nSubject: Two\nline subject\nTo: Ana"
    mail = f"FYI\n\n---------- Forwarded message ---------\n{headers}\n\nText"
    assert newest_text(mail) == "FYI"
    assert newest_text(mail.removeprefix("FYI")) == ""


def test_the_footer_of_a_mailing_list_is_nobodys_word():
    mail = f"Thanks.\n\nOn Mon, 23 Nov 2026, Maria wrote:\n{QUOTE}\n_______\nusers mailing list\nhttps://lists.example/users\n"
    assert newest_text(mail) == "Thanks."


def test_the_rest_of_a_link_that_was_wrapped_in_a_quotation_is_no_answer():
    mail = "Yes.\n\nOn Mon, 23 Nov 2026, Bob wrote:\n> View it (https://x.example/a\nnonce=3dd5)\n>\n"
    assert newest_text(mail) == "Yes."


SIGNATURES = [
    "--\nAna Silva\nBrightleaf",
    "-- \nAna Silva",
    "Sent from my iPhone",
    "Get Outlook for iOS",
    "Sent from Outlook Mobile<https://x.example>",
    "Gesendet von Mail für Windows",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPhone",
    "Envoyé à partir de Outlook pour iOS",
    "Enviado desde mi iPhone",
    "Enviado do meu iPhone",
    "Inviato da iPhone",
    "Verzonden vanaf mijn iPhone",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Отправлено с iPhone",
    "发自我的 iPhone",
    "----------------\nSent from my BlackBerry",
]


@pytest.mark.parametrize("signature", SIGNATURES)
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
        "From: Lisbon\nTo: Porto\nDate: 5 May",
        "On 5 May you wrote 900. Is that still so?\nWe could do 850.",
        "Visit us now\n>>> >>>  https://x.example <<<\nor call",
        "Sent from the warehouse: 40 pallets.",
        "We met on 5 May:\n- prices\n- dates",
        "The original message was better.\nForwarded by mistake, sorry.",
        "Our list:\n--\n" + "\n".join(f"item {number}" for number in range(20)),
        "Ana wrote: come at nine",
        "12.11.2026 10:00 works for me",
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


def test_our_own_footer_in_a_quotation_is_not_what_they_wrote():
    quoted = "> We can do 900.\n> \n> Northwind Events, S.L.\n> Unsubscribe: https://x.example/unsubscribe/n.1.abc\n"
    assert (
        newest_text(f"Yes please.\n\nOn Mon, 23 Nov 2026 at 10:00, Maria Costa <maria@northwind.example> wrote:\n{quoted}").strip()
        == "Yes please."
    )
