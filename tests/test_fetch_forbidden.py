"""What leads inward is refused before anybody is asked: a canary stands at every address but one, and hears nothing."""

import pytest
from made_server import PUBLIC, leading_to, saying, serving

from retrieval.errors import ForbiddenAddress, SourceError
from retrieval.sources.fetch import fetch
from retrieval.sources.http_connection import Network

PAGE = saying("200 OK", "Content-Type: text/html", body=b"<p>A page.</p>")
NAMES = {
    "localhost": ["127.0.0.1"],
    "news.localhost": ["127.0.0.1"],
    "loopback.example": ["127.0.0.1"],
    "inward.example": ["10.1.2.3"],
    "half.example": [PUBLIC, "192.168.1.1"],
    "other-half.example": ["::1", PUBLIC],
    "metadata.google.internal": ["169.254.169.254"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "zone.example": ["fe80::1%lo"],
    "nat64.example": ["64:ff9b::a00:1"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
}
FORMS = [
    # in all spellings
    "http://127.0.0.1/",
    "https://127.0.0.1/",
    "http://127.0.0.1:8080/",
    "http://127.8.9.10/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0127.0.0.1/",
    "http://127.0.0.1./",
    "http://127.000.000.001/",
    "http://１２７.0.0.1/",
    "http://⑫⑦.0.0.1/",
    "http://127。0。0。1/",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1%00.news.example/",
    "http://127.0.0.1%2f@news.example/",
    "http://0/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::FFFF:7F00:1]/",
    "http://[::127.0.0.1]/",
    "http://[::1%25lo]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[v1.127.0.0.1]/",
    # other networks
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    # names
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://news.localhost/",
    "http://news.example./",
    *(f"http://{name}/" for name in NAMES),
    # two readings of one address
    "http://a@127.0.0.1/",
    "http://news.example@127.0.0.1/",
    "http://news.example:80@127.0.0.1/",
    "http://127.0.0.1\\@news.example/",
    "http://127.0.0.1\\.news.example/",
    "http:\\\\127.0.0.1\\",
    "http:/\\127.0.0.1/",
    "http:///127.0.0.1/",
    "http:127.0.0.1",
    "http://127.0.0.1\t/",
    "http://127.0.0.1\r\nHost: news.example/",
    "\x01http://127.0.0.1/",
    " http://127.0.0.1/",
    "http://127.0.0.1:80:80/",
    "http://127.0.0.1:/",
    "http://news.example：80@127.0.0.1/",
    "http://127.0.0.1＃.news.example/",
    "http://[::1].news.example/",
    "http://[news.example]127.0.0.1/",
    # ports and schemes
    f"http://{PUBLIC}:22/",
    f"http://{PUBLIC}:25/",
    f"http://{PUBLIC}:0/",
    "gopher://127.0.0.1/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "unix:///var/run/docker.sock",
    "data:text/html,x",
    "ws://127.0.0.1/",
    "//127.0.0.1/",
    "127.0.0.1",
    "",
]


@pytest.fixture
def canary():
    with serving(PAGE) as server:
        yield server


@pytest.mark.parametrize("url", FORMS)
def test_nothing_inward_is_asked(url, canary, tmp_path):
    with pytest.raises(ForbiddenAddress):
        fetch(url, tmp_path, network=leading_to(canary, canary, NAMES))
    assert canary.connections == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", [url for url in FORMS if "\n" not in url])  # a header cannot hold a line's end
def test_no_server_can_send_inward(url, canary, tmp_path):
    with serving(saying("302 Found", f"Location: {url}")) as server:
        with pytest.raises(SourceError) as refused:  # what is relative leads on to the same server, five times
            fetch("http://news.example/", tmp_path, network=leading_to(server, canary, NAMES))
        assert canary.connections == 0
        assert isinstance(refused.value, ForbiddenAddress) or server.connections == 6


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://inward.example/", "//127.0.0.1/", "/\\127.0.0.1/"])
def test_no_kind_of_redirect_leads_inward(status, url, canary, tmp_path):
    with serving(saying(status, f"Location: {url}")) as server:
        with pytest.raises(ForbiddenAddress):
            fetch("http://news.example/", tmp_path, network=leading_to(server, canary, NAMES))
        assert server.connections == 1
    assert canary.connections == 0


@pytest.mark.parametrize(
    "header", ["Refresh: 0; url=http://127.0.0.1/", "Content-Location: http://127.0.0.1/", "Link: <http://127.0.0.1/>"]
)
def test_no_other_header_is_followed(header, canary, tmp_path):
    answer = saying("200 OK", "Content-Type: text/html", "Location: http://127.0.0.1/", header, body=b"here")
    with serving(answer) as server:
        assert fetch("http://news.example/", tmp_path, network=leading_to(server, canary)).path.read_bytes() == b"here"
    assert canary.connections == 0


def changing(answers, net):
    """A net where a name leads elsewhere each time that it is asked for."""
    return Network(lambda host, port: [answers.pop(0)], net.dial)


def test_a_name_that_leads_inward_the_second_time_is_resolved_once(canary, tmp_path):
    answers = [PUBLIC, "127.0.0.1", "127.0.0.1"]
    with serving(PAGE) as server:
        fetch("http://news.example/", tmp_path, network=changing(answers, leading_to(server, canary)))
    assert answers == ["127.0.0.1", "127.0.0.1"]
    assert canary.connections == 0


def test_a_name_that_leads_inward_after_a_redirect_is_refused(canary, tmp_path):
    with serving(saying("302 Found", "Location: /onward")) as server, pytest.raises(ForbiddenAddress):
        fetch("http://news.example/", tmp_path, network=changing([PUBLIC, "127.0.0.1"], leading_to(server, canary)))
    assert canary.connections == 0


def test_a_proxy_of_the_environment_is_not_asked(canary, tmp_path, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    with serving(PAGE) as server:
        fetch("http://news.example/", tmp_path, network=leading_to(server, canary))
        assert server.connections == 1
    assert canary.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_canary_hears_what_is_allowed_and_nothing_else(host, canary, tmp_path):
    url = f"http://{host}:{canary.port}/"
    with pytest.raises(ForbiddenAddress, match="not a public address"):
        fetch(url, tmp_path)
    assert canary.connections == 0
    fetch(url, tmp_path, allow_private=True)
    assert canary.connections == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/",
        "http://100.100.100.200/",
        "http://[fd00:ec2::254]/",
        "http://0.0.0.0/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "http://2130706433/",
        "http://127.1/",
        "http://a@127.0.0.1/",
        "http://127.0.0.1:22/",
        "http://metadata.google.internal/",
        "file:///etc/passwd",
    ],
)
def test_where_private_addresses_are_allowed_metadata_and_odd_forms_are_not(url, canary, tmp_path):
    with pytest.raises(ForbiddenAddress):
        fetch(url, tmp_path, allow_private=True, network=leading_to(canary, canary, NAMES))
    assert canary.connections == 0


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.1.1", "172.20.0.1", "fd12::1", "::1"])
def test_where_private_addresses_are_allowed_an_intranet_is_asked(address, canary, tmp_path):
    fetch(
        "http://wiki.example/",
        tmp_path,
        allow_private=True,
        network=leading_to(canary, None, {"wiki.example": [address]}),
    )
    assert canary.connections == 1


def test_where_private_addresses_are_allowed_a_public_server_does_not_send_there(canary, tmp_path):
    with serving(saying("302 Found", "Location: http://inward.example/")) as server:
        with pytest.raises(ForbiddenAddress):
            fetch("http://news.example/", tmp_path, allow_private=True, network=leading_to(server, canary, NAMES))
        with pytest.raises(ForbiddenAddress):
            fetch("http://half.example/", tmp_path, allow_private=True, network=leading_to(server, canary, NAMES))
    assert canary.connections == 0


def test_where_private_addresses_are_allowed_an_intranet_sends_on_within_itself(tmp_path):
    def answer(stream, head):
        onward = saying("302 Found", "Location: http://127.0.0.1/there")
        (PAGE if b"/there" in head else onward)(stream, head)

    with serving(answer) as server:
        net = leading_to(server, server, NAMES)
        assert (
            fetch("http://inward.example/", tmp_path, allow_private=True, network=net).url == "http://127.0.0.1/there"
        )
