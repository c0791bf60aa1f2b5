"""The certificate has to be valid for the name that was asked for, whatever address the connection was opened to."""

import shutil
import socket
import ssl
import subprocess

import pytest
from made_server import PUBLIC, leading_to, saying, serving

from retrieval.errors import ForbiddenAddress, UnreadableSource
from retrieval.sources.fetch import fetch
from retrieval.sources.http_connection import Network

PAGE = saying("200 OK", "Content-Type: text/html", body=b"<p>A page.</p>")
NAMES = ["DNS:news.example", f"IP:{PUBLIC}"]


def made_certificate(folder, names, days=2):
    """Make a certificate that signs itself, in one file with its key."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl command to make a certificate with")
    path = folder / f"{len(list(folder.iterdir()))}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-keyout", path, "-out", f"{path}.crt", "-subj", "/CN=a test", "-days", str(days)]
    command += ["-addext", f"subjectAltName={','.join(names)}", "-addext", "keyUsage=digitalSignature,keyCertSign"]
    subprocess.run(command, check=True, capture_output=True)
    with path.open("a") as file:
        file.write((folder / f"{path.name}.crt").read_text())
    return path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return made_certificate(tmp_path_factory.mktemp("certificate"), NAMES)


def protected(certificate, asked_for=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if asked_for is not None:
        context.sni_callback = lambda _stream, name, _context: asked_for.append(name)
    return context


@pytest.mark.parametrize("url", ["https://news.example/", "https://news.example:8443/", f"https://{PUBLIC}/"])
def test_a_server_that_is_who_it_says_is_read(url, certificate, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # the system trusts it
    names = []
    with serving(PAGE, protected(certificate, names)) as server:
        fetched = fetch(url, tmp_path, network=leading_to(server))
        assert b"Host: " + url.split("/")[2].encode() + b"\r\n" in server.heads[0]
    assert fetched.path.read_bytes() == b"<p>A page.</p>"
    assert names == [None if PUBLIC in url else "news.example"]


@pytest.mark.parametrize("host", ["other.example", "news.example.other.example", "sub.news.example", "1.1.1.1"])
def test_a_server_with_another_name_is_not_read(host, certificate, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(PAGE, protected(certificate)) as server:
        with pytest.raises(UnreadableSource, match=r"certificate .* cannot be trusted: (Hostname|IP address) mismatch"):
            fetch(f"https://{host}/", tmp_path, network=leading_to(server))
        assert server.heads == []


def test_a_server_that_nobody_vouches_for_is_not_read(certificate, tmp_path):
    with serving(PAGE, protected(certificate)) as server:
        with pytest.raises(UnreadableSource, match="cannot be trusted: self-signed certificate"):
            fetch("https://news.example/", tmp_path, network=leading_to(server))
        with pytest.raises(UnreadableSource, match="cannot be trusted"):
            fetch(f"https://127.0.0.1:{server.port}/", tmp_path, allow_private=True)
        assert server.heads == []


def test_a_server_that_speaks_no_tls_is_told_in_words(tmp_path):
    here, there = socket.socketpair()
    with there:
        there.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        net = Network(lambda host, port: [PUBLIC], lambda address, port, seconds: here)
        with pytest.raises(UnreadableSource, match=r"cannot be reached over https \(WRONG_VERSION_NUMBER\)"):
            fetch("https://news.example/", tmp_path, network=net)


def test_nobody_is_sent_from_a_protected_page_to_one_that_is_not(certificate, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(saying("302 Found", "Location: http://news.example/"), protected(certificate)) as server:
        with pytest.raises(ForbiddenAddress, match="not encrypted"):
            fetch("https://news.example/", tmp_path, network=leading_to(server))
        assert server.connections == 1


def test_a_page_that_sends_on_to_a_protected_one_is_followed(certificate, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    onward = saying("301 Moved", "Location: https://news.example/")
    with serving(PAGE, protected(certificate)) as there, serving(onward) as here:
        net = leading_to(here)

        def dial(address, port, seconds):
            return leading_to(there if port == 443 else here).dial(address, port, seconds)

        assert (
            fetch("http://news.example/", tmp_path, network=Network(net.resolve, dial)).url == "https://news.example/"
        )
