#!/usr/bin/python3
"""Writes keyboard_layout_table.cc: which XKB layout is which Windows keyboard layout id.

    lib/display/keyboard_layout_table.py >lib/display/keyboard_layout_table.cc

The output is committed, so that a build needs none of the sources below; tests/cli/keyboard_layouts.bats runs this
again and compares. The table is not typed, it comes from

  - libfreerdp2: the ids and English names of Windows' keyboard layouts;
  - ICU: the locale of each Windows language id (an id's low word);
  - xkb-data: XKB's layouts and variants with their languages, countries and English names (rules/evdev.xml), and
    what else its rules add to them (rules/evdev);
  - libxkbcommon: whether a layout has Latin letters. Each one is compiled: a name that XKB lacks ends this.

A layout is chosen by language, then country, then the words that Windows' and XKB's names share. What these cannot
say, because the two mean different things by a name, is in EXCEPTIONS.
"""
import ctypes
import ctypes.util
import re
import sys
import textwrap
import unicodedata
import xml.etree.ElementTree

XKB = "/usr/share/X11/xkb/rules/evdev"

# Windows id: XKB's (layout, variant), None where XKB has no such script; in the order of languages (the low word).
EXCEPTIONS = {
    0x00010402: ("us", ""),  # Bulgarian (Latin)
    0x00020402: ("bg", "bas_phonetic"),  # XKB's "new phonetic"
    0x00020405: ("us", ""),  # Czech Programmers: the US keyboard (and Czech letters with AltGr, which XKB lacks)
    0x00030408: ("us", ""),  # Greek keyboards in their Latin state
    0x00040408: ("us", ""),
    0x00050408: ("us", ""),
    0x00020409: ("us", "intl"),
    0x0001040E: ("hu", "101_qwerty_comma_dead"),
    0x00010410: ("it", "ibm"),
    0x00010415: ("pl", "qwertz"),  # Polish (214)
    0x00020419: ("ru", "phonetic_winkeys"),  # Russian - Mnemonic
    0x0000041F: ("tr", ""),  # XKB's "Alt-Q" is another
    0x00000426: ("lv", "ergonomic"),
    0x00010426: ("lv", "apostrophe"),  # QWERTY
    0x00000427: ("lt", "ibm"),
    0x0000042E: ("de", "dsb_qwertz"),  # XKB has Lower Sorbian for Upper
    0x0001042E: ("de", "dsb_qwertz"),
    0x0002042E: ("de", "dsb_qwertz"),
    0x00030437: ("ge", "mess"),
    0x00010439: ("in", ""),  # Hindi Traditional; XKB's variants for Hindi are phonetic ones
    0x0000043A: ("mt", "us"),  # 47 keys are the US keyboard's
    0x0000043B: ("no", "winkeys"),  # "with Sami": the country's own, Sami letters with AltGr
    0x0000044F: ("in", ""),
    0x00000452: ("gb", "extd"),  # United Kingdom Extended, though the language is Welsh
    0x00000463: ("af", "ps"),
    0x0000046E: ("ch", "fr"),  # Luxembourgish
    0x0000046F: ("dk", "winkeys"),  # Greenlandic
    0x00000492: ("iq", "ku_ara"),
    0x0000083B: ("se", ""),
    0x0001083B: ("fi", "winkeys"),
    0x00000850: ("cn", "mon_trad"),
    0x00020850: ("cn", "mon_trad"),
    0x0000085D: ("ca", "eng"),  # Inuktitut in Latin letters
    0x00000C50: ("cn", "mon_trad"),
    0x00001009: ("ca", ""),  # Canadian French, though the language is English
    0x00011009: ("ca", "multix"),
    0x0000105F: ("ma", "tifinagh"),
    0x00011809: ("gb", "gla"),
    0x0000201A: ("rs", ""),  # Bosnian (Cyrillic)
    0x00002C1A: ("me", ""),  # its Latin variants are special ones
    0x00007C92: ("iq", "ku_ara"),
    # Scripts without a language of their own.
    0x00010C00: ("mm", ""),
    0x00020C00: None,
    0x00030C00: None,
    0x00050C00: ("ma", "tifinagh"),
    0x00060C00: ("ma", "tifinagh-extended"),
    0x00070C00: None,
    0x00080C00: None,
    0x00090C00: ("gn", ""),
    0x000A0C00: None,
    0x000B0C00: None,
    0x000C0C00: None,
    0x000D0C00: ("in", "olck"),
    0x000E0C00: None,
    0x000F0C00: None,
    0x00100C00: None,
    0x00110C00: ("jv", ""),
    0x00120C00: None,
}
# Languages (ISO 639-3) that XKB has under a neighbour's name: Assamese is written with Bangla's letters.
LANGUAGES = {"asm": "ben", "ckb": "kur", "hsb": "dsb"}


def library(name):
    found = ctypes.util.find_library(name)
    if not found:
        sys.exit(f"keyboard_layout_table.py: no library '{name}': run 'make deps', which installs it")
    return ctypes.CDLL(found)


# Windows ------------------------------------------------------------------------------------------------------------


def windows_layouts():
    """{id: English name}, the first of those that the list has twice."""

    class Layout(ctypes.Structure):
        _fields_ = [("code", ctypes.c_uint32), ("name", ctypes.c_char_p)]

    freerdp = library("freerdp2")
    freerdp.freerdp_keyboard_get_layouts.restype = ctypes.POINTER(Layout)
    out = {}
    for kind in (1, 2, 4):  # standard, variants, input methods; each list ends with an empty entry
        layouts = freerdp.freerdp_keyboard_get_layouts(kind)
        for layout in iter_until_zero(layouts):
            out.setdefault(layout.code, layout.name.decode())
    return out


def iter_until_zero(layouts):
    i = 0
    while layouts[i].code:
        yield layouts[i]
        i += 1


def locales():
    """{language id: (ISO 639-3 language, script or "", ISO 3166 country or "", country where most speak it)}"""
    icu = library("icuuc")
    version = re.search(r"so\.(\d+)", ctypes.util.find_library("icuuc"))[1]  # part of ICU's symbols
    name_of = getattr(icu, "uloc_getLocaleForLCID_" + version)
    id_of = getattr(icu, "uloc_getLCID_" + version)
    iso3 = getattr(icu, "uloc_getISO3Language_" + version)
    likely = getattr(icu, "uloc_addLikelySubtags_" + version)
    id_of.restype = ctypes.c_uint32
    iso3.restype = ctypes.c_char_p
    out = {}
    for number in range(0x400, 0x10000):
        name, error = ctypes.create_string_buffer(100), ctypes.c_int(0)
        name_of(number, name, 100, ctypes.byref(error))
        # Of an unknown sublanguage ICU gives the language; only what comes back the same is known.
        if error.value > 0 or id_of(name.value) != number:
            continue
        parts = name.value.decode().split("@")[0].split("_")
        script = next((part for part in parts[1:] if len(part) == 4), "")
        language = iso3(name.value).decode()
        country = next((part for part in parts[1:] if len(part) == 2), "")
        likely(name.value.split(b"_")[0], name, 100, ctypes.byref(error))
        home = name.value.decode().rsplit("_", 1)[-1]
        out[number] = (language, script, country, home)
    return out


# XKB ----------------------------------------------------------------------------------------------------------------


class Candidate:
    def __init__(self, layout, variant, description, base, languages, countries, foreign):
        self.layout, self.variant, self.languages, self.countries = layout, variant, languages, countries
        self.extra = words(description) - base if variant else set()  # what sets it apart from its layout
        self.foreign = foreign  # for another language than its layout

    @property
    def name(self):
        return self.layout, self.variant


def words(text):
    plain = unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").decode()  # "Bépo", "BEPO"
    return set(re.findall(r"[a-z0-9]+", plain))


def candidates():
    root = xml.etree.ElementTree.parse(XKB + ".xml").getroot()

    def item(element):
        config = element.find("configItem")
        texts = lambda tag: [found.text for found in config.iter(tag)]
        return config.findtext("name"), config.findtext("description"), texts("iso639Id"), texts("iso3166Id")

    out = []
    for element in root.find("layoutList"):
        layout, description, languages, countries = item(element)
        out.append(Candidate(layout, "", description, set(), languages, countries, False))
        for sub in element.iter("variant"):
            variant, text, own_languages, own_countries = item(sub)
            out.append(Candidate(layout, variant, text, words(description), own_languages or languages,
                                 own_countries or countries, bool(own_languages)))
    return out


def aliases():
    """{layout: "azerty" or "qwertz"}: rules/evdev names the layouts that are not "qwerty"."""
    text = open(XKB, encoding="utf-8").read()
    return {layout: kind for kind in ("azerty", "qwertz")
            for layout in re.search(rf"^! \${kind} = (.*)$", text, re.M)[1].split()}


def compat_of(layout, variant):
    """What the rules give for the part of a keymap that is called so."""
    sections = re.split(r"^! *", open(XKB, encoding="utf-8").read(), flags=re.M)

    def rule(section, first, second):
        body = next(text for text in sections if text.split("\n")[0].split() == section)
        rows = (line.split() for line in body.split("\n")[1:])
        return next((row[3] for row in rows if row[:3] == [first, second, "="]), "")

    return (rule(["model", "layout", "=", "compat"], "*", layout) or "complete") + rule(
        ["layout", "variant", "=", "compat"], layout, variant)


class Xkbcommon:
    class Names(ctypes.Structure):
        _fields_ = [(field, ctypes.c_char_p) for field in ("rules", "model", "layout", "variant", "options")]

    def __init__(self):
        self.lib = library("xkbcommon")
        for function in ("xkb_context_new", "xkb_keymap_new_from_names"):
            getattr(self.lib, function).restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.lib.xkb_context_new(0))

    def has_latin_letters(self, layout, variant):
        names = self.Names(b"evdev", b"pc105", layout.encode(), variant.encode(), b"")
        keymap = ctypes.c_void_p(self.lib.xkb_keymap_new_from_names(self.context, ctypes.byref(names), 0))
        if not keymap:
            sys.exit(f"keyboard_layout_table.py: XKB has no layout '{layout}' with variant '{variant}'")
        letters = set()
        for key in range(9, 256):
            symbols = ctypes.POINTER(ctypes.c_uint32)()
            if self.lib.xkb_keymap_key_get_syms_by_level(keymap, key, 0, 0, ctypes.byref(symbols)) == 1:
                letters.add(symbols[0])
        self.lib.xkb_keymap_unref(keymap)
        return len(letters & set(range(ord("a"), ord("z") + 1))) > 13


# Choosing -----------------------------------------------------------------------------------------------------------


def choose(number, name, locale, all_candidates):
    if number in EXCEPTIONS:
        return EXCEPTIONS[number]
    if not locale:
        return None
    language, script, country, home = locale
    language = LANGUAGES.get(language, language)
    wanted = words(name) | {"Cyrl": {"cyrillic"}, "Latn": {"latin"}}.get(script, set())

    def score(candidate):
        own = candidate.extra
        points = 4 * len(own & wanted) - 2 * len(own - wanted)
        # XKB's copies of what Windows has are called so; Windows' keyboards for India are InScript.
        points += 4 * ("windows" in own) + 3 * ("inscript" in own)
        return points + 40 * (country in candidate.countries) + 20 * (home in candidate.countries)

    # Else what is used in the country: keyboards sold there have it printed on them.
    fitting = [c for c in all_candidates if language in c.languages] or [
        c for c in all_candidates if country in c.countries and not c.foreign]
    return max(fitting, key=score).name if fitting else None


# Writing ------------------------------------------------------------------------------------------------------------

HEADER = """\
// Written by keyboard_layout_table.py, which says from what. Not to be edited.
#include "lib/display/keyboard_layout_table.h"

namespace ts::display {
namespace {

// clang-format off
constexpr bool kLatin = false, kOther = true;  // whether "us" has to join for its letters

constexpr KeyboardLayoutIds kTable[] = {
"""
FOOTER = """\
};
// clang-format on

}  // namespace

std::span<const KeyboardLayoutIds> keyboard_layout_table() {
  return kTable;
}

}  // namespace ts::display
"""


def main():
    all_candidates, alias_of, xkb = candidates(), aliases(), Xkbcommon()
    languages, named = locales(), windows_layouts()
    ids_of = {}
    for number in set(languages) | set(named) | set(EXCEPTIONS):
        chosen = choose(number, named.get(number, ""), languages.get(number & 0xffff), all_candidates)
        if chosen:
            ids_of.setdefault(chosen, []).append(number)
    sys.stdout.write(HEADER)
    for (layout, variant), numbers in sorted(ids_of.items()):
        latin = "kLatin" if xkb.has_latin_letters(layout, variant) else "kOther"
        ids = ", ".join(f"{number:#x}" for number in sorted(numbers, key=lambda n: (n & 0xffff, n)))
        names = ", ".join(f'"{name}"' for name in
                          (layout, variant, alias_of.get(layout, "qwerty"), compat_of(layout, variant)))
        lines = textwrap.wrap(f"{{{{{names}, {latin}}}, {{{ids}}}}},", 110, initial_indent="    ",
                              subsequent_indent="        ", break_on_hyphens=False)
        sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.write(FOOTER)


if __name__ == "__main__":
    main()
