"""The language that a report speaks: English, or Chinese (``--lang zh``).

Both texts stand side by side where they are used, so that none can be forgotten: ``say("money", "资金")``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from abm.core.errors import InputError, nearest

LANGUAGES = ("en", "zh")
_spoken: ContextVar[str] = ContextVar("spoken", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Until the end of the block ``say`` answers in this language.

    Raises:
        InputError: there is no such language.
    """
    if language not in LANGUAGES:
        mend = nearest(language, LANGUAGES)
        raise InputError(f"the language '{language}' is not known", key="--lang", mend=mend)
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def language() -> str:
    """The language that is spoken now."""
    return _spoken.get()


def say(english: str, chinese: str) -> str:
    """The one of the two texts that is in the language spoken now."""
    return chinese if language() == "zh" else english


CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",  # the name that matplotlib gives to the whole collection
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "PingFang HK",
    "Hiragino Sans GB",
    "Heiti TC",
    "STHeiti",
    "Microsoft YaHei",
    "SimHei",
    "SimSun",
    "Arial Unicode MS",
    "Droid Sans Fallback",
)
"""Fonts with Chinese signs, as matplotlib knows them on Linux, macOS and Windows."""


def chinese_font() -> str | None:
    """A font with Chinese signs that matplotlib can measure with; None where the computer has none."""
    from matplotlib import font_manager

    def known() -> str | None:
        names = {entry.name for entry in font_manager.fontManager.ttflist}
        return next((name for name in CHINESE_FONTS if name in names), None)

    if known() is None:  # matplotlib keeps its list of fonts; one that was installed since is not in it
        listed = {entry.fname for entry in font_manager.fontManager.ttflist}
        for path in font_manager.findSystemFonts():
            plain = "".join(Path(path).stem.lower().split("-"))
            if path not in listed and any(plain.startswith(start) for start in _FILES):
                font_manager.fontManager.addfont(path)
    return known()


_FILES = ("notosanscjk", "notosanssc", "sourcehansans", "wqy", "wenquanyi", "droidsansfallback")


def picture_language() -> str:
    """The language of pictures: English where the computer has no font to set Chinese in."""
    return "en" if language() == "en" or chinese_font() is None else "zh"
