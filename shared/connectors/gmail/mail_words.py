"""What mail clients say around mail in the languages they speak: headers, "wrote", "original message", "sent from". Used by the reader."""

# ruff: noqa: RUF001 - the letters of other alphabets are meant

HEADER_NAMES = {
    "from": """
        from, von, de, da, van, från, fra, lähettäjä, od, от, від, kimden, feladó, odesílatel, expéditeur, remitente, mittente, afzender,
        dari, από, 发件人, 寄件者, 差出人, author
    """,
    "sent": """
        sent, gesendet, envoyé, envoyée, enviado, enviada, inviato, verzonden, skickat, sendt, lähetetty, wysłano, wysłane, отправлено,
        надіслано, gönderildi, elküldve, odesláno, trimis, dikirim, 发送时间, 寄件日期, 送信日時, message du, data wysłania
    """,
    "date": "date, datum, fecha, data, dato, päivämäärä, päiväys, дата, tarih, dátum, ημερομηνία, 日期, 日付",
    "to": "to, an, à, para, a, aan, till, til, vastaanottaja, do, кому, kime, címzett, komu, către, kepada, προς, 收件人, 收件者, 宛先",
    "copy": "cc, bcc, kopie, kopia, kopi, copie, copia, копия, copie à",
    "subject": """
        subject, betreff, objet, sujet, asunto, assunto, oggetto, onderwerp, ämne, emne, aihe, temat, тема, konu, tárgy, předmět, subiect,
        θέμα, 主题, 主旨, 件名
    """,
    "more": """
        importance, reply-to, organization, attachments, attachment, wichtigkeit, anlagen, priorité, sent by, reply to, antwort an,
        please respond to
    """,
}
WROTE = """
    wrote, writes, schrieb, geschrieben, a écrit, escribió, escribio, ha scritto, escreveu, schreef, geschreven, skrev, skreiv, kirjoitti,
    napisał, napisała, napisał(a), написал, написала, написав, пише, пишет, írta, napsal, napísal, a scris, έγραψε, yazdı, 写道, 寫道,
    menulis, đã viết, va escriure, kirjutas, rašė, je napisao
"""
DIVIDERS = """
    original message, original appointment, reply message, reply separator, inline attachment follows, forwarded message, forwarded by,
    ursprüngliche nachricht, originalnachricht, original-nachricht, antwort nachricht, weitergeleitete nachricht, oprindelig, videresendt,
    message d'origine, message d’origine, message original, mail original, message transféré, message transmis, mensaje original,
    mensaje reenviado, mensagem original, mensagem encaminhada, messaggio originale, messaggio inoltrato, oorspronkelijk bericht,
    doorgestuurd bericht, ursprungligt meddelande, vidarebefordrat, opprinnelig melding, alkuperäinen viesti, välitetty viesti,
    wiadomość oryginalna, oryginalna wiadomość, исходное сообщение, пересылаемое сообщение, пересланное сообщение, оригінальне повідомлення,
    původní zpráva, eredeti üzenet, továbbított, orijinal mesaj, 原始邮件, 原始郵件, 转发的邮件, 元のメッセージ
"""
FORWARDS_BEGIN = """
    begin forwarded message:, anfang der weitergeleiteten nachricht:, début du message réexpédié, début du message transféré,
    inizio messaggio inoltrato:, inicio del mensaje reenviado:, início da mensagem reencaminhada:, begin doorgestuurd bericht:,
    vidarebefordrat brev:, start på videresendt besked:
"""
ATTRIBUTION_OPENS = "on|at|in|le|am|el|il|em|op|den|w dniu|dne|dana|på|ma|vào|в|у"
ATTRIBUTION_OPENS_ANEW = "on|le|am|el|il|em|op|den|w dniu|dne"
FOOTERS = (
    "sent from (?!the |our )|sent via |get outlook for|gesendet (?:von|mit|über)|von meinem? .{2,30} gesendet|diese nachricht wurde von"
    "|outlook für .{2,20} (?:beziehen|herunterladen)|envoyé (?:de(?:puis)?|à partir) |télécharger outlook|obtenir outlook"
    "|enviado (?:desde|do|de|a partir) |obtener outlook|obter o outlook|inviato da|scarica outlook|ottieni outlook"
    "|verzonden (?:vanaf|met|via)|outlook voor .{2,20} downloaden|skickat från|hämta outlook|sendt fra|hent outlook|få outlook|lähetetty "
    "|hanki outlook|wysłane z|pobierz outlook|отправлено (?:с|из) |надіслано з|odesláno z|iphone'umdan|从我的|发自我的|iphoneから送信"
)
COLONS = (":", "：", ":*", ": >")
WIDE_COLON = "："
RULES = "-_=*~—–>"
ORNAMENTS = r"[-_=*#~+.ᐧ—–\s]{2,200}|ᐧ"


def listed(words: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in words.split(","))
