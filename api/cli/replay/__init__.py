"""``liuhen replay``: a year step by step, verified, or under other rules."""

from api.cli.replay.command import replay

__all__ = ["replay"]
