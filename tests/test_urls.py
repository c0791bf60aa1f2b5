import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import ForbiddenAddress
from retrieval.sources.ip_ranges import AddressKind, classify_address
from retrieval.sources.urls import parse_url, resolve_redirect

PUBLIC = """
    1.1.1.1  8.8.8.8  9.255.255.255  11.0.0.0  100.63.255.255  100.128.0.0  126.255.255.255  128.0.0.0  169.253.255.255
    169.255.0.0  172.15.255.255  172.32.0.0  192.0.1.0  192.167.255.255  192.169.0.0  198.17.255.255  198.20.0.0
    223.255.255.255  2606:4700::1111  2a00:1450:4001:82a::200e  2001:200::1  3ffe::1  64:ff9b::8.8.8.8
    2606:4700::5efe:8.8.8.8
"""
INSIDE = """
    10.0.0.0  10.255.255.255  127.0.0.1  127.255.255.255  172.16.0.1  172.31.255.255  192.168.0.1  192.168.255.255
    ::1  0:0:0:0:0:0:0:1  fc00::1  fd12:3456:789a::1  fdff::1
"""
NEVER = """
    0.0.0.0  0.255.255.255  100.64.0.0  100.100.100.200  100.127.255.255  168.63.129.16  169.254.0.1  169.254.169.254
    169.254.170.2  192.0.0.1  192.0.0.192  192.0.2.1  192.88.99.1  198.18.0.1  198.19.255.255  198.51.100.1  203.0.113.1
    224.0.0.1  239.255.255.255  240.0.0.1  255.255.255.255
    ::  fe80::1  febf::1  fec0::1  ff02::1  fd00:ec2::254  fd20:ce::254  fd00:42::42  100::1  2001:db8::1  3fff::1
    ::ffff:127.0.0.1  ::ffff:8.8.8.8  ::127.0.0.1  ::8.8.8.8  ::ffff:0:127.0.0.1  ::ffff:7f00:1
    2002:7f00:1::  2002:808:808::1  2001:0:4136:e378:8000:63bf:3fff:fdd2  2001:2::1  2001:20::1  5f00::1  4000::1
    64:ff9b::127.0.0.1  64:ff9b::10.0.0.1  64:ff9b::169.254.169.254  64:ff9b:1::8.8.8.8
    2606:4700::5efe:10.0.0.1  2606:4700::200:5efe:127.0.0.1  fe80::1%eth0  ::1%lo
    127.1  2130706433  0177.0.0.1  0x7f.0.0.1  127.0.0.1.  localhost  1.1.1.1/32
"""


@pytest.mark.parametrize(
    ("address", "expected"),
    [(address, AddressKind.PUBLIC) for address in PUBLIC.split()]
    + [(address, AddressKind.PRIVATE) for address in INSIDE.split()]
    + [(address, AddressKind.FORBIDDEN) for address in [*NEVER.split(), "", " 1.1.1.1", "１.1.1.1", "1.1.1.1\n"]],
)
def test_who_can_be_behind_an_address(address, expected):
    assert classify_address(address) == expected


@given(st.ip_addresses())
def test_python_agrees_about_what_is_public(address):
    if classify_address(str(address)) == AddressKind.PUBLIC and not str(address).startswith("64:ff9b:"):
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://news.example", "http://news.example/"),
        ("HTTPS://News.Example:443/a/b?c=d#e", "https://news.example/a/b?c=d"),
        ("http://news.example:8080/", "http://news.example:8080/"),
        ("https://news.example:80/", "https://news.example:80/"),
        ("http://news.example:/", "http://news.example/"),
        ("http://news.example/ä%20b", "http://news.example/%C3%A4%20b"),
        ("http://news.example/%2e%2F?q=ü&r=[1]", "http://news.example/%2e%2F?q=%C3%BC&r=[1]"),
        ("http://news.example/@someone/'x'<y>", "http://news.example/@someone/'x'%3Cy%3E"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://straße.example/", "http://xn--strae-oqa.example/"),
        ("http://новости.example/", "http://xn--b1amnebsh.example/"),
        ("http://192.0.2.7/", "http://192.0.2.7/"),
        ("http://[2606:4700:0::1111]:8080/", "http://[2606:4700::1111]:8080/"),
        ("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("http://a_b.example/", "http://a_b.example/"),
        ("http://7news.example/", "http://7news.example/"),
    ],
)
def test_there_is_one_spelling_of_what_is_asked(url, asked):
    location = parse_url(url)
    assert location.url == asked
    assert parse_url(location.url) == location


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://news.example/", "Only http:// and https:// addresses can be read."),
        ("file:///etc/passwd", "Only http:// and https:// addresses can be read."),
        ("gopher://127.0.0.1:6379/_x", "Only http:// and https:// addresses can be read."),
        ("//news.example/", "Only http:// and https:// addresses can be read."),
        ("news.example", "Only http:// and https:// addresses can be read."),
        ("http:news.example", "host name is missing"),
        ("http:///news.example", "host name is missing"),
        ("http://:80/", "host name is missing"),
        ("http://news.example:22/", "Port 22 is not allowed; use 80, 443, or 1024 and above."),
        ("http://news.example:0/", "Port 0"),
        ("http://news.example:65536/", "Port 65536"),
        ("http://news.example:８０/", "host"),
        ("http://news.example:-80/", "host"),
        ("http://news..example/", "not valid"),
        ("http://-news.example/", "not valid"),
        (f"http://{'a' * 64}.example/", "not valid"),
        (f"http://{'a.' * 130}example/", "not valid"),
        ("http://news.example./", "not valid"),
        ("http://[::1/", "not a valid URL"),
        ("http://[::g]/", ""),
        ("http://\u2100.example/", ""),
        ("http://news.example/\r\nHost: other.example", "white space"),
        ("http://news.example/a b", "white space"),
        ("http://news.example/\u200b", "invisible"),
        ("http://news.example/\ud800", "invisible"),
        ("http://1.2.3.4.5/", "number"),
        ("http://256.1.1.1/", "number"),
        ("http://news.0x7f/", "number"),
        ("http://news.example/" + "a" * 5000, "longer than"),
    ],
)
def test_what_is_no_ordinary_url_is_refused_with_a_reason(url, reason):
    with pytest.raises(ForbiddenAddress) as refused:
        parse_url(url)
    assert reason in str(refused.value)
    assert len(str(refused.value)) < 400
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "url", ["http://me:secret@news.example/", "http:\\\\me:secret@news.example", "ftp://me:secret@news.example/"]
)
def test_a_refusal_does_not_repeat_a_password(url):
    with pytest.raises(ForbiddenAddress) as refused:
        parse_url(url)
    assert "secret" not in str(refused.value)


@given(st.text(max_size=40))
def test_whatever_is_written_is_read_in_one_spelling_or_refused(text):
    for url in (text, f"http://{text}", f"http://news.example/{text}"):
        try:
            location = parse_url(url)
        except ForbiddenAddress:
            continue
        assert location.url.isascii()
        assert location.url.isprintable()
        assert " " not in location.url
        assert parse_url(location.url) == location


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("/b", "https://news.example/b"),
        ("c?d", "https://news.example/a/c?d"),
        ("//other.example/x", "https://other.example/x"),
        ("https://other.example", "https://other.example/"),
        ("", "https://news.example/a/b"),
        ("http://other.example/", None),
        ("//me@other.example/", None),
        ("\\\\other.example", None),
        ("javascript:alert(1)", None),
        ("https://[", None),
    ],
)
def test_where_a_server_sends_on_to_is_read_like_any_url(given, asked):
    location = parse_url("https://news.example/a/b")
    if asked is None:
        with pytest.raises(ForbiddenAddress):
            resolve_redirect(location, given)
    else:
        assert resolve_redirect(location, given).url == asked


def test_from_http_to_https_is_followed():
    assert resolve_redirect(parse_url("http://news.example/"), "https://news.example/").scheme == "https"
