"""The scripts of ``glyphs``: their characters, and where Debian has fonts for them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """A writing system.

    Attributes:
        characters: its letters in alphabetical order; each is a class.
        packages: Debian packages that together have enough families of fonts for it.
    """

    characters: str
    packages: str


#: Each script by its name. Latin and Cyrillic: the capital and the small letters of English and of
#: Russian. Greek: the same without accents, and the final sigma. Hebrew: with the final forms.
#: Arabic: the 28 letters, drawn in their isolated forms. Thai: the consonants. Devanagari: the
#: independent vowels and the consonants of Hindi.
SCRIPTS = {
    "latin": Script(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "fonts-dejavu fonts-liberation fonts-freefont-ttf",
    ),
    "greek": Script(
        "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψω",
        "fonts-dejavu fonts-liberation fonts-freefont-ttf",
    ),
    "cyrillic": Script(
        "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "fonts-dejavu fonts-liberation fonts-freefont-ttf",
    ),
    "hebrew": Script("אבגדהוזחטיךכלםמןנסעףפץצקרשת", "culmus fonts-dejavu fonts-freefont-ttf"),
    "arabic": Script("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "fonts-kacst fonts-hosny-amiri fonts-dejavu"),
    "thai": Script(
        "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ", "fonts-thai-tlwg fonts-arundina"
    ),
    "devanagari": Script(
        "अआइईउऊऋएऐओऔकखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह", "fonts-deva fonts-deva-extra"
    ),
}

#: The script of a spec that names none.
DEFAULT = "latin"
