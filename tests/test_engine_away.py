"""An engine that is away, slow or partial is said to be so, and asked again; it never looks like articles that say nothing."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from conftest import fill
from engine_proxy import engine_proxy
from milvus_server import milvus_server

from retrieval import EngineAway, open_engine
from retrieval.milvus import client
from retrieval.milvus.address import parse_address
from retrieval.milvus.connection import Connection

QUESTION = "Who built the stone bridge of Rivertown?"
SECRET = "hush-hush"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with milvus_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def filled(server, tmp_path_factory):
    """The server, with articles."""
    folder = fill(tmp_path_factory.mktemp("loader"))
    with open_engine(folder / "citebot.db", address=f"milvus+{server.address}") as engine:
        assert not engine.load([folder / "articles"]).failed
    return server


@pytest.fixture
def proxy(filled):
    with engine_proxy(filled.port) as between:
        yield between


@pytest.fixture
def reader(proxy, tmp_path, monkeypatch):
    """A reader behind the proxy that has answered once, and is not patient."""
    monkeypatch.setattr("retrieval.milvus.corpus.PATIENCE", 2.0)
    with open_engine(tmp_path / "copy.db", address=f"milvus+http://root:{SECRET}@127.0.0.1:{proxy.port}") as engine:
        assert_answers(engine)
        yield engine


def assert_answers(engine):
    answer = engine.ask(QUESTION)
    assert "Anna Stone" in answer.hits[0].text
    assert answer.answered


def assert_away(engine, told):
    with pytest.raises(EngineAway, match=told) as error:
        engine.ask(QUESTION)
    assert SECRET not in str(error.value)


def hang(proxy):
    proxy.is_silent = True


def hang_anew(proxy):
    proxy.is_silent = True
    proxy.drop()


def refuse(proxy):
    proxy.refuses = True
    proxy.drop()


def slow_down(proxy):
    proxy.delay = 0.9


def cut_at_once(proxy):
    proxy.cut_after = 0


def cut_in_the_middle(proxy):
    proxy.cut_after = 300


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (hang, "in time|too slowly"),
        (hang_anew, "in time|too slowly"),
        (refuse, "cannot be reached"),
        (slow_down, "in time|too slowly"),
        (cut_at_once, "cannot be reached"),
        (cut_in_the_middle, "cannot be reached"),
    ],
)
def test_an_engine_that_fails_is_said_to_and_the_next_question_after_it_is_answered(reader, proxy, harm, told):
    harm(proxy)
    assert_away(reader, told)
    assert_away(reader, told)
    proxy.pass_all()
    proxy.cut_after = None
    assert_answers(reader)


def test_answers_whose_bytes_come_in_another_order_are_no_answers(reader, proxy):
    proxy.swaps = True
    proxy.drop()
    try:
        assert_answers(reader)  # what was too short to be swapped
    except EngineAway:
        proxy.pass_all()
        assert_answers(reader)


def test_a_connection_that_was_dropped_is_opened_again_within_the_question(reader, proxy):
    proxy.drop()
    assert_answers(reader)


def test_a_server_that_was_killed_and_started_again_is_asked_within_the_question(reader, filled):
    filled.kill()
    assert_away(reader, "cannot be reached")
    filled.start()  # where no collection is loaded
    assert_answers(reader)
    filled.kill()
    filled.start()
    assert_answers(reader)


def test_threads_that_wait_for_one_engine_fail_together_and_go_on_together(reader, proxy):
    proxy.is_silent = True
    proxy.drop()
    with ThreadPoolExecutor(6) as pool:
        for asked in [pool.submit(assert_away, reader, "in time|too slowly|cannot be reached") for _ in range(6)]:
            asked.result(60)
        proxy.pass_all()
        for asked in [pool.submit(assert_answers, reader) for _ in range(6)]:
            asked.result(60)


def test_no_thread_breaks_off_what_another_is_asking(filled, tmp_path):
    with closing(Connection(parse_address(f"milvus+{filled.address}"))) as connection:
        begun, failed = threading.Event(), threading.Event()

        def slow(asked, seconds):
            begun.set()
            assert failed.wait(60)
            return asked.list_collections(timeout=seconds)

        with ThreadPoolExecutor(1) as pool:
            listed = pool.submit(connection._ask, slow)
            assert begun.wait(60)
            with pytest.raises(EngineAway):
                connection.count("no_such_collection")
            failed.set()
            assert client.BLOBS in listed.result(60)
        assert connection.openings > 1


@pytest.mark.parametrize("collection", [client.SENTENCES, client.ARTICLES, client.BLOBS])
def test_rows_that_are_lost_are_missed_before_anything_is_answered(tmp_path, collection):
    with milvus_server(tmp_path) as server:
        folder = fill(tmp_path)
        with open_engine(folder / "citebot.db", address=f"milvus+{server.address}") as engine:
            engine.load([folder / "articles"])
            assert_answers(engine)
            column = client.VERSION[collection]
            lost = server.client().query(collection, filter=f"{column} > 0", output_fields=["id"], limit=1)
            server.client().delete(collection, ids=[lost[0]["id"]])
            server.kill()
            server.start()
            assert_away(engine, f"has lost at least 1 of the [0-9]+ rows in {collection}")
        with open_engine(tmp_path / "copy.db", address=f"milvus+{server.address}") as engine:
            assert_away(engine, "has lost")
            with pytest.raises(EngineAway, match="has lost"):
                engine.articles()


def test_what_is_published_does_not_vanish(tmp_path):
    with milvus_server(tmp_path) as server:
        folder = fill(tmp_path)
        with open_engine(folder / "citebot.db", address=f"milvus+{server.address}") as engine:
            engine.load([folder / "articles"])
            assert_answers(engine)
            server.client().delete(client.BLOBS, ids=["current/0"])
            assert_away(engine, "has lost the name of what is published")


def test_a_database_that_is_not_there(filled, tmp_path):
    with open_engine(tmp_path / "copy.db", address=f"milvus+{filled.address}/elsewhere") as engine:
        assert_away(engine, "127.0.0.1:[0-9]+/elsewhere has no such database")


def test_a_refused_token(tmp_path):
    import grpc

    class Refusing(grpc.GenericRpcHandler):
        def service(self, _):
            def refuse(_, context):
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure")

            return grpc.unary_unary_rpc_method_handler(refuse)

    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        server.add_generic_rpc_handlers([Refusing()])
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        with open_engine(tmp_path / "copy.db", address=f"milvus+http://root:{SECRET}@{address}") as engine:
            assert_away(engine, f"{address} refuses the user or token in CITEBOT_ENGINE")
        server.stop(None).wait()


def test_pymilvus_that_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with open_engine(tmp_path / "copy.db", address="milvus+http://127.0.0.1:1") as engine:
        assert_away(engine, "Install it: pip install 'citebot")


def test_a_host_that_sounds_like_a_refusal_is_only_unreachable(tmp_path):
    with open_engine(tmp_path / "copy.db", address="milvus+http://auth.invalid:1") as engine:
        assert_away(engine, "cannot be reached")
