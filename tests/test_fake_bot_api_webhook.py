import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest
from fake_bot_api.client import FakeTelegram, group

URL = "https://bot.example.org/hook?x=1"


class Proxy(ThreadingHTTPServer):
    """Takes posts, `seconds` each; answers with the statuses in `ahead`, then 200."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.seconds, self.ahead = 0.0, []
        self.taken, self.heads, self.at_once, self.most_at_once = [], [], 0, 0
        self.lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        server = self.server
        with server.lock:
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
            server.heads.append((self.path, self.headers.get("X-Telegram-Bot-Api-Secret-Token")))
            server.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            status = server.ahead.pop(0) if server.ahead else 200
        time.sleep(server.seconds)
        with server.lock:
            server.at_once -= 1
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def listening():
    proxy = Proxy()
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


@pytest.fixture
def proxy():
    with listening() as one:
        yield one


@pytest.fixture
def hooked():
    """A server of its own: a webhook is its whole state."""
    server = FakeTelegram()
    try:
        yield server
    finally:
        server.close()


def texts(proxy):
    return [update["message"]["text"] for update in proxy.taken]


def test_updates_are_posted_with_the_secret_to_the_path_of_the_webhook(hooked, proxy):
    hooked.write("before")
    assert hooked.call("setWebhook", url=URL, secret_token="s_e-cret1")["result"] is True
    hooked.webhook_target(proxy.url)
    hooked.write("after")
    posts = hooked.posts(count=2, wait=5)
    assert [post["code"] for post in posts] == [200, 200]
    assert [post["parameters"]["update"] for post in posts] == proxy.taken
    assert texts(proxy) == ["before", "after"]
    assert proxy.heads == [("/hook?x=1", "s_e-cret1")] * 2
    info = hooked.call("getWebhookInfo")["result"]
    assert (info["url"], info["max_connections"], info["pending_update_count"]) == (URL, 40, 0)


def test_without_a_secret_no_header_is_sent(hooked, proxy):
    hooked.call("setWebhook", url=URL)
    hooked.webhook_target(proxy.url + "/")
    hooked.write("x")
    hooked.posts(count=1, wait=5)
    assert proxy.heads == [("/hook?x=1", None)]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"url": "http://bot.example.org/hook"}, "An HTTPS URL must be provided"),
        ({"url": "bot.example.org"}, "An HTTPS URL must be provided"),
        ({"url": "https://bot.example.org:8080/"}, "only on ports 80, 88, 443 or 8443"),
        ({"url": URL, "secret_token": "with space"}, "unallowed characters"),
        ({"url": URL, "secret_token": ""}, "unallowed characters"),
        ({"url": URL, "secret_token": "x" * 257}, "longer than 256"),
        ({"url": URL, "max_connections": 101}, "1 to 100"),
        ({"url": URL, "max_connections": 0}, "1 to 100"),
        ({"url": URL, "secret": "x"}, "no field secret"),
        ({}, "url: Field required"),
    ],
)
def test_a_wrong_webhook_is_refused_and_recorded(telegram, fields, problem):
    assert problem in telegram.call("setWebhook", **fields)["description"]
    assert problem in telegram.violations()[-1]
    assert telegram.call("getWebhookInfo")["result"]["url"] == ""


def test_there_is_no_polling_while_a_webhook_is_set(hooked):
    with ThreadPoolExecutor() as executor:
        waiting = executor.submit(hooked.call, "getUpdates", timeout=20)
        time.sleep(0.3)  # the poll waits by then
        hooked.call("setWebhook", url=URL)
        assert waiting.result()["error_code"] == 409
    assert "webhook is active" in hooked.call("getUpdates")["description"]
    hooked.write("kept")
    assert hooked.call("getWebhookInfo")["result"]["pending_update_count"] == 1
    assert hooked.call("deleteWebhook")["ok"]
    assert [update["message"]["text"] for update in hooked.call("getUpdates")["result"]] == ["kept"]


@pytest.mark.parametrize(("method", "fields"), [("setWebhook", {"url": ""}), ("deleteWebhook", {})])
def test_a_webhook_that_is_deleted_gets_nothing_more(hooked, proxy, method, fields):
    hooked.webhook_target(proxy.url)
    hooked.call("setWebhook", url=URL)
    hooked.call(method, **fields, drop_pending_updates=True)
    hooked.write("x")
    assert [update["message"]["text"] for update in hooked.call("getUpdates")["result"]] == ["x"]
    assert hooked.call("getWebhookInfo")["result"]["url"] == ""
    assert hooked.posts() == []
    hooked.call("deleteWebhook", drop_pending_updates=True)
    assert hooked.call("getUpdates")["result"] == []


def test_what_is_not_taken_is_posted_again_before_the_next_of_its_chat(hooked, proxy):
    proxy.ahead = [503, 302, 500]
    hooked.call("setWebhook", url=URL)
    hooked.write("one")
    hooked.write("two")
    hooked.webhook_target(proxy.url)
    posts = hooked.posts(count=5, wait=5)
    assert texts(proxy) == ["one"] * 4 + ["two"]
    assert [post["code"] for post in posts] == [503, 302, 500, 200, 200]
    assert all(later["at"] >= former["answered"] > 0 for former, later in pairwise(posts))
    assert posts[3]["at"] - posts[0]["at"] >= 0.6
    assert hooked.call("getWebhookInfo")["result"]["last_error_message"] == "Wrong response from the webhook: 500"


def test_updates_wait_for_a_target_that_is_down(hooked, proxy):
    with listening() as gone:
        nobody = gone.url
    hooked.call("setWebhook", url=URL)
    hooked.webhook_target(nobody)
    hooked.write("x")
    hooked.write("y", user=8)
    hooked.posts(count=2, wait=5)
    hooked.webhook_target(proxy.url)
    while len(proxy.taken) < 2:
        hooked.posts(count=len(hooked.posts()) + 1, wait=0.5)
    assert sorted(texts(proxy)) == ["x", "y"]
    assert {post["code"] for post in hooked.posts()} == {444, 200}


def test_chats_are_posted_side_by_side_up_to_max_connections_and_in_order_in_each(hooked, proxy):
    proxy.seconds = 0.15
    hooked.call("setWebhook", url=URL, max_connections=3)
    for number in range(3):
        for user in range(5):
            hooked.write(f"{user}.{number}", user=900 + user)
    message = hooked.write("group", chat=group(-60))
    hooked.press_data("button", message, user=900)
    hooked.webhook_target(proxy.url)
    assert len(hooked.posts(count=17, wait=10)) == 17
    assert proxy.most_at_once == 3
    said = [update["message"]["text"] for update in proxy.taken if "message" in update]
    assert all(
        [text for text in said if text.startswith(f"{user}.")] == [f"{user}.{n}" for n in range(3)] for user in range(5)
    )
    assert "callback_query" in proxy.taken[-1]  # it waited for the message of its chat


def test_an_update_is_posted_again_although_it_was_taken_and_junk_is_posted_too(hooked, proxy):
    hooked.call("setWebhook", url=URL)
    hooked.fault("duplicate", "webhook")
    hooked.webhook_target(proxy.url)
    hooked.write("x")
    hooked.posts(count=2, wait=5)
    assert texts(proxy) == ["x", "x"]
    for junk in ({"update_id": "none"}, [5], "text", {"message": {"chat": []}}):
        hooked.put(junk, numbered=False)
    hooked.posts(count=6, wait=5)
    assert len(proxy.taken) == 6
    assert hooked.call("getWebhookInfo")["result"]["pending_update_count"] == 0


def test_kinds_of_updates_that_the_webhook_does_not_want_are_not_posted(hooked, proxy):
    hooked.call("setWebhook", url=URL, allowed_updates=["callback_query"])
    hooked.webhook_target(proxy.url)
    message = hooked.write("x")
    hooked.press_data("button", message, user=7)
    hooked.posts(count=1, wait=5)
    assert ["callback_query" in update for update in proxy.taken] == [True]
