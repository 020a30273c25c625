"""Carriers say the same thing in many words; this is what each of them means."""

from typing import get_args

from gongdao.policy.words import TrackWord

#: The words of carriers, by what they mean; matched as parts of what is said, in this order.
_SAID: tuple[tuple[TrackWord, tuple[str, ...]], ...] = (
    (
        "no_such_number",
        ("no such number", "unknown number", "单号不存在", "查无此单", "无物流信息"),
    ),
    ("lost", ("lost", "丢失", "遗失", "丢件")),
    ("damaged", ("damaged", "破损")),
    ("refused", ("refused", "拒收")),
    ("returned", ("returned", "return to sender", "退回", "退件")),
    ("exception", ("exception", "problem", "问题件", "疑难", "异常")),
    ("signed", ("signed", "签收", "妥投")),
    ("out_for_delivery", ("out for delivery", "派送", "派件", "正在投递")),
    ("delivered", ("delivered", "已送达", "到达取件点", "待取件")),
    ("picked_up", ("picked up", "pickup", "pick-up", "collected", "揽收", "揽件", "收件", "收寄")),
)
_WORDS: dict[str, TrackWord] = {word: word for word in get_args(TrackWord)}


def track_word(said: str) -> TrackWord:
    """What a carrier's line means; a line that says nothing special is a parcel under way."""
    text = said.strip().lower()
    if text in _WORDS:
        return _WORDS[text]
    text = text.replace("_", " ")
    for word, parts in _SAID:
        if any(part in text for part in parts):
            return word
    return "in_transit"
