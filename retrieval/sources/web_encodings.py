"""What browsers mean by the name of an encoding (https://encoding.spec.whatwg.org), and text decoded by one."""

import codecs
import re

# What browsers call an encoding is often a larger one (https://encoding.spec.whatwg.org/#names-and-labels).
SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
    "utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8",  # a <meta> that could be read is not in UTF-16
}  # fmt: skip
LABELS = {  # of browsers, which Python does not know, without "x-" in front
    "cn-big5": "big5", "csbig5": "big5", "cseuckr": "euc-kr", "csksc56011987": "euc-kr", "iso-ir-149": "euc-kr",
    "ks_c_5601-1989": "euc-kr", "ksc_5601": "euc-kr", "csgb2312": "gbk", "gb_2312": "gbk", "gb_2312-80": "gbk",
    "csiso88596e": "iso-8859-6", "csiso88596i": "iso-8859-6", "sun_eu_greek": "iso-8859-7", "visual": "iso-8859-8",
    "logical": "iso-8859-8", "csiso88598e": "iso-8859-8", "csiso88598i": "iso-8859-8", "csisolatin9": "iso-8859-15",
    "koi": "koi8-r", "koi8": "koi8-r", "koi8-ru": "koi8-u", "mac": "mac-roman", "csmacintosh": "mac-roman",
    "mac-ukrainian": "mac-cyrillic", "windows-31j": "cp932", "dos-874": "cp874", "cseucpkdfmtjapanese": "euc-jp",
    "user-defined": "cp1252", "unicode": "utf-8", "csunicode": "utf-8", "ucs-2": "utf-8", "iso-10646-ucs-2": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "unicode11utf8": "utf-8", "unicodefffe": "utf-8", "unicodefeff": "utf-8",
    "unicode20utf8": "utf-8",
}  # fmt: skip
UNSUPPORTED = ("utf-7", "utf-32", "utf-8-sig", "unicode", "raw", "idna", "punycode", "cp037", "cp5", "cp10", "cp11")
SEVEN_BITS = ("iso2022", "hz")  # in ASCII bytes, which are valid UTF-8 too
ALLOWED_DAMAGE = 0.001  # share of characters; a page with a damaged advertisement is still read
MOST_NULS = 20  # one in so many bytes; in UTF-16 there are more
SUPPLEMENTS = {"euc_jp": "euc_jis_2004", "big5hkscs": "cp950"}  # codecs for what the first cannot decode


def decode_labelled(data: bytes, label: str) -> str:
    """Decode by the encoding that a page or its server names, unless it is valid UTF-8.

    Return nothing if the name is unknown, or too little of the page is valid in that encoding.
    """
    codec = browser_codec(label)
    if not codec.startswith(SEVEN_BITS) and data.count(0) * MOST_NULS < len(data):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    text = data.decode(codec, "as-browsers") if codec else ""
    return text if text.count("\ufffd") <= ALLOWED_DAMAGE * len(text) else ""


def browser_codec(label: str) -> str:
    """Return the codec by which a browser decodes an encoding of this name; empty if it knows none."""
    label = label.strip().lower().removeprefix("x-").removeprefix("x-")
    label = re.sub(r"^windows-(?=\d+$)", "cp", LABELS.get(label, label))
    label = re.sub(r"^(?:cs)?iso-?8859-?(\d+)(?:-[ei])?$", r"iso-8859-\1", label)
    try:
        codec = codecs.lookup(label)
    except (LookupError, ValueError):
        return ""
    if not codec._is_text_encoding or codec.name.startswith(UNSUPPORTED):  # noqa: SLF001 - "rot13", "zip"
        return ""
    return SUPERSETS.get(codec.name, codec.name)


def _as_browsers(error: UnicodeError) -> tuple[str, int]:
    """Decode what Python's codecs leave out of the encodings of the web; else replace it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.encoding == "gb18030" and error.object[error.start] == 0x80:  # noqa: PLR2004
        return "€", error.start + 1
    supplement, pair = SUPPLEMENTS.get(error.encoding), error.object[error.start : error.start + 2]
    try:
        return (pair.decode(supplement), error.start + 2) if supplement else ("\ufffd", error.end)
    except UnicodeDecodeError:
        return "\ufffd", error.end


codecs.register_error("as-browsers", _as_browsers)
