"""The names of the nine languages, and finding one in what a user wrote."""

from __future__ import annotations

from collections.abc import Mapping

from lumiera.intents import normalise

# Each language by its own name: whoever is lost in the wrong language can read at least this one.
OWN_NAMES: Mapping[str, str] = {
    "fr": "Français",
    "en": "English",
    "es": "Español",
    "pt": "Português",
    "de": "Deutsch",
    "it": "Italiano",
    "ro": "Română",
    "pl": "Polski",
    "ar": "العربية",
}

# What the nine languages call each, as `normalise` leaves it. Arabic joins article and preposition to the name.
NAMES: Mapping[str, str] = {
    "fr": (
        "francais francaise francai french frances francese franzosisch franzoesisch franceza "
        "frantuzeste francuski francusku fransawi "
        "فرنسي فرنسية فرنسيه الفرنسي الفرنسية الفرنسيه بالفرنسي بالفرنسية بالفرنسيه"
    ),
    "en": (
        "anglais anglaise anglai english inglish ingles inglese englisch engleza englezeste angielski "
        "angielsku "
        "انجليزي انجليزية انجليزيه الانجليزي الانجليزية الانجليزيه بالانجليزي بالانجليزية بالانجليزيه "
        "انكليزي انكليزية انكليزيه الانكليزي الانكليزية الانكليزيه بالانكليزي بالانكليزية بالانكليزيه "
        "انقليزي انقليزية انقليزيه الانقليزي الانقليزية الانقليزيه بالانقليزي بالانقليزية بالانقليزيه"
    ),
    "es": (
        "espagnol espagnole spanish espanol castellano espanhol spagnolo spanisch spaniola hiszpanski "
        "hiszpansku "
        "اسباني اسبانية اسبانيه الاسباني الاسبانية الاسبانيه بالاسباني بالاسبانية بالاسبانيه"
    ),
    "pt": (
        "portugais portugaise portugai portuguese portugues portoghese portugiesisch portugheza "
        "portugalski portugalsku "
        "برتغالي برتغالية برتغاليه البرتغالي البرتغالية البرتغاليه بالبرتغالي بالبرتغالية بالبرتغاليه"
    ),
    "de": (
        "allemand allemande german aleman alemao deutsch tedesco germana nemteste niemiecki niemiecku "
        "الماني المانية المانيه الالماني الالمانية الالمانيه بالالماني بالالمانية بالالمانيه"
    ),
    "it": (
        "italien italienne italian italiano italienisch italiana italieneste wloski wlosku "
        "ايطالي ايطالية ايطاليه الايطالي الايطالية الايطاليه بالايطالي بالايطالية بالايطاليه"
    ),
    "ro": (
        "roumain roumaine romanian rumano romeno rumeno rumanisch rumaenisch romana romaneste rumunski "
        "rumunsku "
        "روماني رومانية رومانيه الروماني الرومانية الرومانيه بالروماني بالرومانية بالرومانيه"
    ),
    "pl": (
        "polonais polonaise polish polaco polones polacco polnisch poloneza poloneste polski polsku "
        "بولندي بولندية بولنديه البولندي البولندية البولنديه بالبولندي بالبولندية بالبولنديه "
        "بولوني بولونية بولونيه البولوني البولونية البولونيه بالبولوني بالبولونية بالبولونيه"
    ),
    "ar": (
        "arabe arabic arabo arabisch araba arabeste arabski arabsku arbi 3arbi 3arabi 3arbiya l3arbiya "
        "عربي عربية عربيه العربي العربية العربيه بالعربي بالعربية بالعربيه"
    ),
}


def find_language(text: str) -> str:
    """Return the one language that a text names, empty if it names none or several."""
    words = set(normalise(text).split())
    found = [language for language, names in NAMES.items() if not words.isdisjoint(names.split())]
    return found[0] if len(found) == 1 else ""
