"""The Milvus server that the tests start: on 127.0.0.1 only, and killed and started again with what it had confirmed."""

import socket

import pytest
from milvus_server import milvus_server


def make_collection(client, name):
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("terms", DataType.SPARSE_FLOAT_VECTOR)
    index = client.prepare_index_params()
    index.add_index("terms", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")


def found(client, name, query):
    hits = client.search(name, [query], anns_field="terms", limit=10, output_fields=["id"], timeout=20)[0]
    return [(hit["id"], hit["distance"]) for hit in hits]


def test_what_was_confirmed_is_there_after_a_kill_and_a_start(tmp_path):
    with milvus_server(tmp_path) as server:
        client = server.client()
        make_collection(client, "sentences")
        client.insert("sentences", [{"id": 1, "terms": {7: 2.0}}, {"id": 2, "terms": {7: 0.5, 2**32 - 2: 1.0}}])
        server.kill()
        assert server.process.returncode == -9
        server.start()
        again = server.client()
        again.load_collection("sentences")
        assert found(again, "sentences", {7: 2.0}) == [(1, 4.0), (2, 1.0)]
        assert found(client, "sentences", {2**32 - 2: 3.0}) == [(2, 3.0)]  # the connection from before the kill


def test_it_keeps_its_port_while_it_is_down(tmp_path):
    with milvus_server(tmp_path) as server:
        server.kill()
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", server.port))
        server.start()
        assert server.client().list_collections() == []


def test_it_says_why_it_has_not_started(tmp_path):
    holds_the_lock = pytest.raises(RuntimeError, match="another process holds the lock")
    with milvus_server(tmp_path), holds_the_lock, milvus_server(tmp_path):
        pass


def test_it_listens_on_127_0_0_1_only(milvus):
    socket.create_connection(("127.0.0.1", milvus.port), timeout=20).close()
    for other in ("127.0.0.2", "::1"):
        with pytest.raises(OSError):  # noqa: PT011 - refused, or no such address on this machine
            socket.create_connection((other, milvus.port), timeout=20).close()


def test_one_server_serves_the_tests_of_a_session(milvus):
    client = milvus.client()
    make_collection(client, "shared")
    assert "shared" in milvus.client().list_collections()
    client.drop_collection("shared")
