"""Countries as people spell them in a CRM, and what a mail domain tells of one. Used by jurisdictions and by meeting_slot."""

import re
import unicodedata

SPELLINGS = {
    "AE": "uae|united arab emirates",
    "AT": "austria|österreich|oesterreich|autriche",
    "AU": "australia",
    "BE": "belgium|belgië|belgie|belgique|belgien",
    "BG": "bulgaria|българия",
    "BR": "brazil|brasil",
    "CA": "canada|kanada",
    "CH": "switzerland|schweiz|suisse|svizzera",
    "CY": "cyprus|κύπρος|kypros",
    "CZ": "czechia|czech republic|česko|česká republika",
    "DE": "germany|deutschland|allemagne|alemania|federal republic of germany|bundesrepublik deutschland",
    "DK": "denmark|danmark",
    "EE": "estonia|eesti",
    "ES": "spain|españa",
    "FI": "finland|suomi",
    "FR": "france|frankreich|francia",
    "GB": "uk|united kingdom|great britain|britain|england|scotland|wales|northern ireland|"
    "united kingdom of great britain and northern ireland",
    "GR": "greece|ελλάδα|hellas",
    "HR": "croatia|hrvatska",
    "HU": "hungary|magyarország",
    "IE": "ireland|éire|republic of ireland",
    "IS": "iceland|ísland",
    "IT": "italy|italia|italien",
    "KR": "korea|republic of korea|south korea",
    "LI": "liechtenstein",
    "LT": "lithuania|lietuva",
    "LU": "luxembourg|luxemburg|lëtzebuerg",
    "LV": "latvia|latvija",
    "MT": "malta",
    "MX": "mexico|méxico",
    "NL": "netherlands|the netherlands|nederland|holland|niederlande",
    "NO": "norway|norge|noreg",
    "PL": "poland|polska|polen",
    "PT": "portugal",
    "RO": "romania|românia",
    "SE": "sweden|sverige|schweden",
    "SI": "slovenia|slovenija",
    "SK": "slovakia|slovensko",
    "TR": "turkey|türkiye",
    "US": "us|usa|united states|united states of america|america|estados unidos|vereinigte staaten",
}
"""ISO 3166-1 alpha-2 → names in English, in the country's own languages, and in those of its neighbours."""
DOMAIN_OF = {"GB": "uk"}
"""Where the top-level domain is not the code (https://www.iana.org/domains/root/db)."""


def named_country(told: str) -> str:
    """ISO 3166-1 alpha-2 of a code or a name as people write it; empty for what is no spelling we know."""
    return _BY_NAME.get(_plain(told), "")


def country_of_domain(domain: str) -> str:
    """By the top-level domain; empty when that belongs to no country of the list."""
    return _BY_DOMAIN.get(domain.strip().lower().rstrip(".").rpartition(".")[2], "")


def _plain(told: str) -> str:
    """Without accents, dots, letter case and the way words are joined."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", told.casefold()) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[_\-]", " ", bare.replace(".", "")).split())


_BY_NAME = {_plain(name): code for code, names in SPELLINGS.items() for name in (code, *names.split("|"))}
_BY_DOMAIN = {DOMAIN_OF.get(code, code.lower()): code for code in SPELLINGS}
