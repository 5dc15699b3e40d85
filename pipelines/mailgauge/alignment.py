"""Relaxed alignment of two domains, as far as their names alone tell it; pure."""

from __future__ import annotations


def are_aligned(one: str, other: str) -> bool:
    """Whether one is the other, or below it.

    >>> are_aligned("mail.shop.example", "shop.example"), are_aligned("myshop.example", "shop.example")
    (True, False)
    """
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
