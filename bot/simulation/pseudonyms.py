"""From the ids of people and chats to numbers that say nothing about them, the same for the same one as long as it lasts."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bot.settings.parsing import NOBODY_IN_PARTICULAR

BOT = 999_999_999  # the id of the bot itself
ADMINS, ALLOWED = 900_000_000, 800_000_000  # the first admin, the first one of CITEBOT_ALLOW, is the number after it
MOST = 99  # of either, that a simulation knows
_PRIVATE = -1_000_000_000_000  # before the number of a supergroup or channel, in its chat id


class People:
    """The numbers given so far: users 1, 2, …, groups -1, -2, …; supergroups and channels likewise, after -100."""

    def __init__(
        self,
        admins: Iterable[int] = (),
        allow: Iterable[int] | None = None,
        *,
        bot: int | None = None,
        username: str = "",
        given: int = 0,
    ) -> None:
        """Know the lists of the settings, and the bot by its id and its username.

        `given` is the highest number that another run gave, which stays somebody else's.
        """
        self.username = username.removeprefix("@").lower()
        self._bot = bot
        self._given = given
        self._numbers: dict[int, int] = {}
        for first, ids in ((ADMINS, admins), (ALLOWED, allow or ())):
            for number, one in enumerate(sorted(ids, key=lambda one: (abs(one), one)), first + 1):
                self._numbers.setdefault(one, number)

    @property
    def numbers(self) -> Mapping[int, int]:
        """The numbers, by id; not to be kept."""
        return MappingProxyType(self._numbers)

    def meet_bot(self, bot: int, username: str) -> None:
        """Learn who the bot is."""
        self._bot, self.username = bot, username.lower()

    def alias(self, one: int) -> int:
        """Give the number in place of the id of a user or a chat; ids that many share, and 0, stay what they are."""
        if one in NOBODY_IN_PARTICULAR or one == 0:
            return one
        if one == self._bot:
            return BOT
        if one not in self._numbers:
            self._given += 1
            self._numbers[one] = self._given
        number = self._numbers[one]
        if one > 0:
            return number
        return _PRIVATE - number if one < _PRIVATE else -number


def plain_number(alias: int) -> int:
    """Give the number in an alias, without what tells users, groups and channels apart."""
    return _PRIVATE - alias if alias < _PRIVATE else abs(alias)


def admins_of_recordings() -> frozenset[int]:
    """Give the ids that are admins in every recording."""
    return frozenset(range(ADMINS + 1, ADMINS + MOST + 1))


def allowed_in_recordings() -> frozenset[int]:
    """Give the ids of users and chats that CITEBOT_ALLOW named where a recording was made."""
    numbers = range(ALLOWED + 1, ALLOWED + MOST + 1)
    return frozenset(form for number in numbers for form in (number, -number, _PRIVATE - number))
