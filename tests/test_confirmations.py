import sqlite3
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.state.offers import LONGEST, Offers
from bot.telegram.handlers.buttons import Action, button

ADMIN = 5


def test_an_offer_is_taken_once_by_its_owner_however_many_try(tmp_path):
    offers, everybody = Offers(tmp_path / "state.db"), Barrier(8)

    def take(token):
        everybody.wait()
        return offers.take(token, ADMIN)

    with ThreadPoolExecutor(8) as executor:
        for _ in range(50):
            taken = list(executor.map(take, [offers.make("document", ADMIN, name="x")] * 8))
            (offer,) = [one for one in taken if one is not None]
            assert (offer.kind, offer.owner, offer.details) == ("document", ADMIN, {"name": "x"})


def test_somebody_else_takes_nothing_and_spoils_nothing(tmp_path):
    offers = Offers(tmp_path / "state.db")
    token = offers.make("document", ADMIN)
    assert offers.take(token, 6) is None
    assert offers.take(token, ADMIN) is not None


@pytest.mark.parametrize("token", ["", "../offers/x", "0" * 24, "\x00", "\ud83d"])
def test_what_is_no_token_finds_nothing(tmp_path, token):
    assert Offers(tmp_path / "state.db").take(token, ADMIN) is None


def test_an_offer_ends_after_a_day(tmp_path):
    now = [1_700_000_000.0]
    offers = Offers(tmp_path / "state.db", clock=lambda: now[0])
    token = offers.make("document", ADMIN)
    now[0] += LONGEST - 1
    assert offers.take(token, ADMIN) is not None
    token = offers.make("document", ADMIN)
    now[0] += LONGEST
    assert offers.take(token, ADMIN) is None


def test_old_offers_are_forgotten_by_the_next(tmp_path):
    now = [1_700_000_000.0]
    offers = Offers(tmp_path / "state.db", clock=lambda: now[0])
    for _ in range(3):
        offers.make("document", ADMIN, name="a secret")
    now[0] += LONGEST
    offers.make("document", ADMIN)
    connection = sqlite3.connect(tmp_path / "state.db")
    assert connection.execute("SELECT count(*) FROM offers").fetchone() == (1,)
    connection.close()
    assert b"a secret" not in (tmp_path / "state.db").read_bytes()


def test_an_offer_survives_a_restart(tmp_path):
    token = Offers(tmp_path / "state.db").make("post", ADMIN, article={"text": "half a pair: \ud83d"})
    offer = Offers(tmp_path / "state.db").take(token, ADMIN)
    assert (offer.kind, offer.details) == ("post", {"article": {"text": "half a pair: \ud83d"}})


def test_the_data_of_a_button_never_have_more_than_64_bytes():
    longest = button("x", Action.ARTICLE, 2**52 - 1, "0" * 11 + ":999999:" + "x" * 30)
    assert len(longest.callback_data) == 64
    with pytest.raises(ValueError, match="64 bytes"):
        button("x", Action.ARTICLE, 2**52 - 1, "0" * 11 + ":999999:" + "x" * 31)
