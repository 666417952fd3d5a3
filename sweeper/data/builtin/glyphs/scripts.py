"""The scripts of ``glyphs``: their characters, and Debian packages with fonts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """A writing system.

    Attributes:
        characters: its letters in alphabetical order; each is a class.
        packages: Debian packages that together have enough font families for it.
        home: the name of the family of scripts that share fonts with it; data sets of the same home
            are not independent.
    """

    characters: str
    packages: str
    home: str


_EUROPEAN = "fonts-dejavu fonts-liberation fonts-freefont-ttf"
_KANA = (
    "fonts-aoyagi-kouzan-t fonts-aoyagi-soseki fonts-dejima-mincho fonts-dotgothic16 fonts-mona "
    "fonts-motoya-l-cedar fonts-motoya-l-maruberi fonts-oradano-mincho-gsrr fonts-reggae "
    "fonts-rocknroll fonts-sawarabi-gothic fonts-sawarabi-mincho fonts-stick fonts-train "
    "fonts-yusei-magic"
)

#: The scripts by name. Latin and Cyrillic: the capital and the small letters of English and of
#: Russian. Greek: the same without accents, and the final sigma. Hebrew: with the final forms.
#: Arabic: the 28 letters, drawn in their isolated forms. Thai, Khmer: the consonants. Devanagari:
#: the independent vowels and the consonants of Hindi; Bengali, Gujarati, Telugu, Malayalam: the
#: same of these languages. Georgian: the modern letters. Ethiopic: the first form of each letter.
#: Hiragana, katakana: the basic ones, without ``ゐ`` and ``ゑ``. Hangul: each of the 14 plain
#: consonants with each of the vowels a, eo, o, u and i.
SCRIPTS = {
    "latin": Script("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", _EUROPEAN, "european"),
    "greek": Script("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψω", _EUROPEAN, "european"),
    "cyrillic": Script(
        "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя", _EUROPEAN, "european"
    ),
    "hebrew": Script("אבגדהוזחטיךכלםמןנסעףפץצקרשת", "culmus fonts-ldco fonts-sil-ezra", "hebrew"),
    "arabic": Script(
        "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
        "fonts-kacst fonts-arabeyes fonts-farsiweb fonts-hosny-amiri fonts-hosny-thabit "
        "fonts-nafees fonts-sil-scheherazade",
        "arabic",
    ),
    "thai": Script(
        "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ", "fonts-thai-tlwg fonts-arundina", "thai"
    ),
    "devanagari": Script(
        "अआइईउऊऋएऐओऔकखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह",
        "fonts-deva fonts-deva-extra fonts-aksharyogini2 fonts-noto-core",
        "devanagari",
    ),
    "bengali": Script(
        "অআইঈউঊঋএঐওঔকখগঘঙচছজঝঞটঠডঢণতথদধনপফবভমযরলশষসহ",
        "fonts-beng fonts-beng-extra fonts-noto-core",
        "bengali",
    ),
    "gujarati": Script(
        "અઆઇઈઉઊઋએઐઓઔકખગઘઙચછજઝઞટઠડઢણતથદધનપફબભમયરલવશષસહળ",
        "fonts-gujr fonts-gujr-extra fonts-kalapi fonts-yrsa-rasa fonts-noto-core",
        "gujarati",
    ),
    "telugu": Script(
        "అఆఇఈఉఊఋఎఏఐఒఓఔకఖగఘఙచఛజఝఞటఠడఢణతథదధనపఫబభమయరఱలళవశషసహ",
        "fonts-teluguvijayam fonts-telu-extra fonts-lohit-telu",
        "telugu",
    ),
    "malayalam": Script(
        "അആഇഈഉഊഋഎഏഐഒഓഔകഖഗഘങചഛജഝഞടഠഡഢണതഥദധനപഫബഭമയരലവശഷസഹളഴറ",
        "fonts-smc fonts-mlym",
        "malayalam",
    ),
    "khmer": Script(
        "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ",
        "fonts-khmeros fonts-sil-mondulkiri fonts-sil-mondulkiri-extra",
        "khmer",
    ),
    "georgian": Script("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ", "fonts-bpg-georgian", "georgian"),
    "ethiopic": Script(
        "ሀለሐመሠረሰሸቀበተቸኀነኘአከኸወዐዘዠየደጀገጠጨጰጸፀፈፐ",
        "fonts-senamirmir-washra fonts-sil-abyssinica",
        "ethiopic",
    ),
    "hiragana": Script(
        "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん",
        _KANA,
        "kana",
    ),
    "katakana": Script(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
        _KANA,
        "kana",
    ),
    "hangul": Script(
        "가거고구기나너노누니다더도두디라러로루리마머모무미바버보부비사서소수시"
        "아어오우이자저조주지차처초추치카커코쿠키타터토투티파퍼포푸피하허호후히",
        "fonts-alee fonts-baekmuk fonts-lexi-gulim fonts-unfonts-core fonts-woowa-bm",
        "hangul",
    ),
}

#: The default script.
DEFAULT = "latin"
