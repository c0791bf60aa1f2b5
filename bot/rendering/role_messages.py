"""Who may what, in words for admins: plain text without markup."""

from collections.abc import Iterator, Sequence

from bot.state import Role, RoleChange

ALLOW_USAGE = (
    "/allow and the ID of a person or a group lets them ask; or reply with /allow to a message that you forwarded to me from"
    " the person, or send it in the group."
)
BLOCK_USAGE = (
    "/block and the ID of a person, a group or a channel shuts them out; or reply with /block to a message that you forwarded"
    " to me from the person, or send it in the group. /allow lets them in again."
)
EDITORS_USAGE = (
    "/editors lists who may what. /editors add and the ID of a person makes them an editor, who sees the gaps, adds documents"
    " and posts, and loads; /editors remove and an ID takes away what an editor or a reader was given."
)
SENDER_IS_HIDDEN = (
    "Whoever wrote this message hides their account in what is forwarded, so I do not know their ID. @userinfobot tells it"
    " to them."
)
IS_SHARED = "Many people write under this ID, so it gets no role."
ONLY_PEOPLE = "Only a person can be an editor."
_MOST = 50  # ids of a role that are listed
CHANGES = 20  # changes that are listed
_LISTS = {Role.EDITOR: "Editors", Role.READER: "Let in besides CITEBOT_ALLOW", Role.BLOCKED: "Blocked"}
_NOW = {
    Role.EDITOR: "{id} is an editor now.",
    Role.READER: "{id} may ask now.",
    Role.BLOCKED: "{id} is blocked now.",
}
_CHANGES = {
    Role.EDITOR: "{id} became an editor",
    Role.READER: "{id} was allowed to ask",
    Role.BLOCKED: "{id} was blocked",
    None: "the role of {id} was taken away",
}


def is_admin(id_: int) -> str:
    """Return the refusal to change what an admin may."""
    return f"{id_} is in CITEBOT_ADMINS and may do everything; only whoever runs the bot can change that."


def has_it(id_: int, role: Role) -> str:
    """Return the reply to a change that changes nothing."""
    return _NOW[role].format(id=id_).replace(" now.", " already.")


def changed(id_: int, role: Role) -> str:
    """Return the reply to a change."""
    return _NOW[role].format(id=id_)


def taken(id_: int) -> str:
    """Return the reply to a role that was taken away."""
    return f"{id_} has no role any more, and may ask only if CITEBOT_ALLOW lets them."


def has_none(id_: int) -> str:
    """Return the reply to a role that cannot be taken away, since there is none."""
    return f"{id_} is neither an editor nor let in by /allow. To let somebody in who is blocked, use /allow."


def overview(admins: Sequence[int], by_role: dict[Role, list[int]], changes: Sequence[RoleChange]) -> str:
    """List who may what, the latest first, and the latest changes."""
    lines = [f"Admins (CITEBOT_ADMINS): {_listed(admins)}"]
    lines += [f"{name}: {_listed(by_role[role])}" for role, name in _LISTS.items()]
    return "\n".join([*lines, *_history(changes), "", EDITORS_USAGE])


def _listed(ids: Sequence[int]) -> str:
    rest = f" and {len(ids) - _MOST:,} more" if len(ids) > _MOST else ""
    return (", ".join(map(str, ids[:_MOST])) or "nobody") + rest


def _history(changes: Sequence[RoleChange]) -> Iterator[str]:
    if changes:
        yield "\nThe latest changes:"
    for one in changes:
        what = _CHANGES[one.role].format(id=one.id or "somebody")
        yield f"{one.at:%Y-%m-%d %H:%M} UTC: {what}, by {one.admin or 'somebody'}"
