"""How well a colour is read on white paper, by the Web Content Accessibility Guidelines 2.2."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

#: What running text needs (level AA).
READABLE = Decimal("4.5")
_WEIGHTS = (Decimal("0.2126"), Decimal("0.7152"), Decimal("0.0722"))


def contrast_on_white(color: str) -> Decimal:
    """Return the contrast of ``#rrggbb`` on white: 1 for white itself, 21 for black."""
    channels = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    luminance = sum(
        (
            weight * _linear(Decimal(channel) / 255)
            for weight, channel in zip(_WEIGHTS, channels, strict=True)
        ),
        Decimal(0),
    )
    return (Decimal("1.05") / (luminance + Decimal("0.05"))).quantize(Decimal("0.01"), ROUND_DOWN)


def _linear(channel: Decimal) -> Decimal:
    """The light that a channel of sRGB stands for."""
    if channel <= Decimal("0.04045"):
        return channel / Decimal("12.92")
    return Decimal(((channel + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4"))
