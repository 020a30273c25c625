"""Where a rule comes from, in words for a reader.

A pack names its sources the short way, in English or by the number of a fact (`S0-15`,
`Seed S2, FAQ`, `E-Commerce Law, article 49`). People read titles: of an article, a law, a
platform's rules.
"""

import re
from functools import partial

from gongdao.base.i18n import N_, Locale, translate

#: The five articles that the packs started from, by the letters their facts begin with.
SEEDS = {
    "S0": N_("“Taobao's complaint line, step by step” and other articles"),
    "S1": N_("“How to ask Taobao's service to step in”"),
    "S2": N_("“A guide to Taobao's after-sales service”"),
    "S3": N_("“How online shops handle buyers' complaints”"),
    "S4": N_("“Handling disputes of an online shop”"),
}
#: Rules and laws that facts are numbered after.
BOOKS = {
    "TB": N_("Taobao dispute rules"),
    "TBX": N_("Taobao's rules, excerpts"),
    "TM": N_("Tmall's rules"),
    "DY": N_("Douyin's rules"),
    "JD1": N_("JD general dispute rules"),
    "JD2": N_("JD standard for goods"),
    "LAW": N_("laws and regulations"),
    "U": N_("general knowledge"),
    "C": N_("sources that contradict each other; the marketplace decides"),
}
#: Names and remarks as packs write them; the longest that fits is taken.
NAMES = (
    N_("Regulations for the Consumer Protection Law"),
    N_("Consumer Protection Law"),
    N_("E-Commerce Law"),
    N_("Food Safety Law"),
    N_("Law against Telecom and Online Fraud"),
    N_("Provisional Rules on Unfair Competition Online"),
    N_("Measures on seven-day no-reason returns"),
    N_("measures on seven-day returns"),
    N_("Platform rules measure (order 116)"),
    N_("SPC interpretation on online consumption"),
    N_("SPC interpretation on punitive damages for food"),
    N_("regulations of 2024"),
    N_("Taobao dispute rules"),
    N_("Taobao shipping rules, excerpt"),
    N_("Taobao category rules, excerpt"),
    N_("Taobao, rules on reviews"),
    N_("Taobao C2C, older clocks as users know them"),
    N_("Tmall logistics rule"),
    N_("Tmall market rules"),
    N_("Tmall, rules on reviews"),
    N_("Tmall notice"),
    N_("Tmall rule"),
    N_("JD general dispute rules"),
    N_("JD standard for goods"),
    N_("Douyin rule"),
    N_("Gongdao, default of the common layer"),
    N_("Gongdao, after Tmall's rules on reviews"),
    N_("Gongdao, cn-standard"),
    N_("Gongdao, cn-market"),
    N_("no stored source says what follows when a clock runs out"),
    N_("no stored source for the number"),
    N_("no stored source for the length"),
    N_("no stored source for the sum"),
    N_("no stored source for the degrees"),
    N_("no stored source"),
    N_("no official source"),
    N_("older Taobao practice"),
    N_("older Tmall rule, still copied by small shops"),
    N_("older practice"),
    N_("as in the common layer"),
    N_("orders and returns in bad faith"),
    N_("orders in bad faith"),
    N_("orders that are never paid"),
    N_("bought reputation"),
    N_("reviews are neither extorted nor bought"),
    N_("cases are settled where they stand, and the reason stays the buyer's"),
    N_("the student and the suits"),
    N_("the signs of the fraud cases"),
    N_("the orders of 8,820 and 1,960 yuan"),
    N_("advice of the police"),
    N_("police advice"),
    N_("Product: people of the platform watch accounts and what ties them together"),
    N_("on adverse decisions"),
    N_("on part returns"),
    N_("on excluded goods"),
    N_("table and FAQ"),
    N_("orders 90 and 31"),
    N_("experience score"),
    N_("appeals"),
    N_("bad service"),
    N_("refusal of after-sales"),
    N_("abnormal tracks"),
    N_("dispatch rules"),
    N_("fraudulent dispatch"),
    N_("late dispatch"),
    N_("late tracks"),
    N_("out of stock"),
    N_("after Taobao and Tmall"),
    N_("after Taobao"),
    N_("after Tmall"),
    N_("on disruption of the market"),
    N_("on trade led off the platform"),
    N_("on step-in"),
    N_("table of daily clocks"),
    N_("table of the Spring Festival"),
    N_("bill type of a public interface"),
    N_("no percentage"),
    N_("cut off in the stored copy"),
    N_("no field of an order says its route"),
    N_("the measure asks for an appeal and says no length"),
    N_("no stored text of Douyin's general rules on after-sales disputes"),
    N_("the rule counts a week and a share of refusals"),
    N_("a case knows how often before in 30 days"),
)
#: Shapes that carry a number or a name.
SHAPES = (
    (
        r", articles (?P<n>\d+) \((?P<p>\d+)\) and (?P<m>\d+) \((?P<q>\d+)\)",
        N_(", article {n}, item {p}, and article {m}, item {q}"),
    ),
    (
        r", article (?P<n>\d+) \((?P<p>\d+)\) to \((?P<q>\d+)\)",
        N_(", article {n}, items {p} to {q}"),
    ),
    (r", article (?P<n>\d+) \((?P<p>\d+)\)", N_(", article {n}, item {p}")),
    (r", articles? (?P<n>\d+) to (?P<m>\d+)", N_(", articles {n} to {m}")),
    (r", articles? (?P<n>\d+) and (?P<m>\d+)", N_(", articles {n} and {m}")),
    (r", article (?P<n>\d+)", N_(", article {n}")),
    (r", section (?P<n>\d[\d.-]*)", N_(", section {n}")),
    (r", (?:question |Q)(?P<n>\d+)", N_(", question {n}")),
    (r"(?P<who>Tmall|another platform) gives (?P<n>\d+) days", N_("{who} gives {n} days")),
    (r", articles (?P<n>\d+), (?P<m>\d+) and (?P<k>\d+)", N_(", articles {n}, {m} and {k}")),
    (r" and note (?P<n>\d+)", N_(" and note {n}")),
    (r"; notice (?P<n>\d+)", N_("; notice {n}")),
    (r"in force (?P<day>[\d-]+)", N_("in force {day}")),
    (r"ruleId (?P<n>\d+)", N_("ruleId {n}")),
    (r"sample of (?P<sum>[\d.]+)", N_("sample of {sum}")),
    (r"^Douyin, ", N_("Douyin, ")),
    (r", table\b", N_(", table")),
    (r", flow\b", N_(", the course of a request")),
    (r", duties\b", N_(", duties of staff")),
    (r", advice\b", N_(", advice")),
    (r", FAQ\b", N_(", questions and answers")),
)
_NAMED = re.compile("|".join(map(re.escape, sorted(NAMES, key=len, reverse=True))))
_ID = re.compile(r"([A-Z]+\d?)-[A-Z0-9-]+")
_SEEDS = re.compile(r"Seeds? (S\d)(?: and (S\d))?")
_CHINESE_MARKS = (("; ", "；"), (": ", "："), (" (", "（"), (")", "）"), (", ", "，"))


def say_source(source: str, locale: Locale) -> str:
    """The source of a rule as a reader knows it; what no table here knows stays as it is."""
    said = _facts(source, locale) or _seeds(source, locale)
    if locale == "en":
        return said
    said = _NAMED.sub(lambda found: translate(locale, found[0]), said)
    for shape, sentence in SHAPES:
        said = re.sub(shape, partial(_filled, sentence), said)
    for mark, chinese in _CHINESE_MARKS:
        said = said.replace(mark, chinese)
    return said


def _facts(source: str, locale: Locale) -> str:
    """A source that is nothing but numbers of facts: their books, and the numbers after them."""
    found = [_ID.fullmatch(part) for part in source.split(", ")]
    books = {**SEEDS, **BOOKS}
    if not all(each and each[1] in books for each in found):
        return ""
    names = dict.fromkeys(translate(locale, books[each[1]]) for each in found if each)
    return f"{(', ' if locale == 'en' else '、').join(names)} ({source})"


def _seeds(source: str, locale: Locale) -> str:
    def named(found: re.Match[str]) -> str:
        joint = " and " if locale == "en" else "、"
        return joint.join(translate(locale, SEEDS[each]) for each in found.groups() if each)

    return _SEEDS.sub(named, source)


def _filled(sentence: str, found: re.Match[str]) -> str:
    fields = {name: translate("zh", text) for name, text in found.groupdict().items()}
    return translate("zh", sentence, fields)
