"""Which IP addresses are public, private or forbidden.

The ranges are those of IANA's special-purpose address registries. They are listed here because the tables behind
Python's `is_global` have changed between releases of one version.
"""

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address


class AddressKind(StrEnum):
    """Who can be behind an address."""

    PUBLIC = "public"
    PRIVATE = "private"  # loopback and private networks: an intranet, if an admin allows it
    FORBIDDEN = "forbidden"  # cloud metadata, link-local, multicast, reserved ranges, addresses that embed another


_PRIVATE_4 = tuple(map(IPv4Network, ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_FORBIDDEN_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # "this host": Linux connects to loopback
            "100.64.0.0/10",  # shared by a provider's customers; 100.100.100.200 is cloud metadata
            "168.63.129.16/32",  # a cloud's channel to its machines, although the number is public
            "169.254.0.0/16",  # link-local; 169.254.169.254 is most clouds' metadata
            "192.0.0.0/24",  # protocols; 192.0.0.192 is cloud metadata
            "192.0.2.0/24",  # documentation, as are 198.51.100.0/24 and 203.0.113.0/24
            "192.88.99.0/24",  # 6to4 relays
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
_PRIVATE_6 = tuple(map(IPv6Network, ("::1/128", "fc00::/7")))
_METADATA_6 = frozenset(map(IPv6Address, ("fd00:ec2::254", "fd20:ce::254", "fd00:42::42", "fd00:c1::a9fe:a9fe")))
_PUBLIC_6 = IPv6Network("2000::/3")  # everything assigned; link-local, mapped and multicast addresses are outside
_FORBIDDEN_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols: Teredo (2001::/32), benchmarks (2001:2::/48), ORCHID
            "2001:db8::/32",  # documentation, as is 3fff::/20
            "2002::/16",  # 6to4, which embeds an IPv4 address
            "3fff::/20",
        ),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # how a network without IPv4 reaches the IPv4 address in the last 32 bits
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # bits 64 to 96 of an IPv6 address that has an IPv4 address in the last 32
_LAST_32_BITS = 0xFFFF_FFFF


def classify_address(address: str) -> AddressKind:
    """Return who can be behind an IP address; one with a zone or in an unusual spelling is FORBIDDEN."""
    try:
        known = ip_address(address)
    except ValueError:
        return AddressKind.FORBIDDEN
    return _classify_4(known) if isinstance(known, IPv4Address) else _classify_6(known)


def _classify_4(address: IPv4Address) -> AddressKind:
    if any(address in network for network in _FORBIDDEN_4):
        return AddressKind.FORBIDDEN
    return AddressKind.PRIVATE if any(address in network for network in _PRIVATE_4) else AddressKind.PUBLIC


def _classify_6(address: IPv6Address) -> AddressKind:
    if address.scope_id is not None or address in _METADATA_6:
        return AddressKind.FORBIDDEN
    embedded = _classify_4(IPv4Address(int(address) & _LAST_32_BITS))
    if int(address) >> 32 & _LAST_32_BITS in _ISATAP and embedded != AddressKind.PUBLIC:
        return AddressKind.FORBIDDEN
    if address in _NAT64:
        return AddressKind.PUBLIC if embedded == AddressKind.PUBLIC else AddressKind.FORBIDDEN
    if any(address in network for network in _PRIVATE_6):
        return AddressKind.PRIVATE
    public = address in _PUBLIC_6 and not any(address in network for network in _FORBIDDEN_6)
    return AddressKind.PUBLIC if public else AddressKind.FORBIDDEN
