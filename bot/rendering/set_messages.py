"""Which sets of articles a chat is answered from, in words for admins: plain text without markup."""

from collections.abc import Mapping, Sequence

from bot.state import Binding

USAGE = (
    "/sets and the names of some sets bind this chat to them: questions here are answered from their articles alone, and from"
    " those that belong to no set. /sets all ends that."
)
NO_SETS = (
    "No articles belong to a set. Whoever runs the bot puts sources into one: citebot sources add news/ --set news, then"
    " citebot load."
)
UNBOUND = "Questions here are answered from all articles that I know."
ALL = "All articles"
_MOST = 20  # other chats that are listed


def bound(sets: Sequence[str], asked: Sequence[str]) -> str:
    """Say what a chat is bound to, and what of that is asked, since CITEBOT_SETS names it."""
    if not sets:
        return UNBOUND
    left = [name for name in sets if name in asked]
    lost = [name for name in sets if name not in asked]
    if not left:
        return (
            f"This chat is bound to {_listed(sets)}, of which I know nothing, or which CITEBOT_SETS does not name: questions here"
            " get no answer until you choose others."
        )
    known = f"Questions here are answered from {_listed(left)}, and from the articles that belong to no set."
    return f"{known} Not asked any more: {', '.join(lost)}." if lost else known


def overview(chat: int, bindings: Mapping[int | None, Binding], asked: Sequence[str], *, lists_others: bool) -> str:
    """Say what a chat is bound to, which sets there are, and, if wanted, what other chats are bound to."""
    here = bindings.get(chat)
    lines = [bound(here.sets if here else (), asked)]
    lines += [f"Chosen on {_when(here)}."] if here else []
    lines += ["", f"Sets: {', '.join(asked)}.", USAGE] if asked else ["", NO_SETS]
    others = [(id_, one) for id_, one in bindings.items() if id_ != chat] if lists_others else []
    lines += ["", "Other chats:"] if others else []
    lines += [f"{id_}: {', '.join(one.sets)}, chosen on {_when(one)}" for id_, one in others[:_MOST]]
    lines += [f"and {len(others) - _MOST:,} more"] if len(others) > _MOST else []
    return "\n".join(lines)


def refused(unknown: Sequence[str], asked: Sequence[str], *, is_limited: bool) -> str:
    """Return the refusal to bind a chat to sets that are not asked."""
    why = "CITEBOT_SETS does not name" if is_limited else "No articles belong to"
    return f"{why} {_listed(unknown)}. Nothing was changed. " + (f"Sets: {', '.join(asked)}." if asked else NO_SETS)


def _listed(sets: Sequence[str]) -> str:
    return f"the {'set' if len(sets) == 1 else 'sets'} {', '.join(sets)}"


def _when(binding: Binding) -> str:
    return f"{binding.at:%Y-%m-%d} by {binding.admin or 'somebody'}"
