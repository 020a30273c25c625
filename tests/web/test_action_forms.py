"""For every action that a pack gives a role, the page of a case has the form that does it."""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace
from tests.web.walk import Walk

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.cases.case import Case, Evidence, Offer, Rest, ReturnParcel, Ruling
from gongdao.cases.chain import encode_state
from gongdao.flows.case_view import view_case
from gongdao.policy.load import PACKS, load_pack
from gongdao.policy.pack import Pack

#: Who of the town stands for a role, and where they look at a case.
PAGES = {
    "buyer": ("buyer", "/cases/{}"),
    "seller": ("owner", "/shop/cases/{}"),
    "arbiter": ("arbiter", "/platform/cases/{}"),
    "supervisor": ("supervisor", "/platform/cases/{}"),
    "operator": ("operator", "/platform/cases/{}"),
    "juror": ("juror", "/platform/jury/{}"),
}
KINDS = {
    "after_sale": "exchange",
    "complaint": "not_as_described",
    "counterfeit_claim": "counterfeit",
    "report": "harassment",
}
#: What a case is looked at with: the sides with offers, the platform while it rests.
VARIANTS = {
    "buyer": ("plain", "offered to", "offered by"),
    "seller": ("plain", "offered to", "offered by"),
    "juror": ("plain",),
}
#: Before these stages there can have been a ruling that was taken up again.
RULED = {"buyer_return", "seller_inspection", "fulfilment", "buyer_receipt", "adjudication"}


def books() -> list[Pack]:
    """The shipped rule books that have procedures, and the standard one with a jury."""
    packs = [load_pack(each.name) for each in sorted(PACKS.iterdir()) if (each / "1").is_dir()]
    judging = [pack for pack in packs if pack.procedures]
    return [*judging, load_pack("cn-standard").with_switches({"jury": "on"})]


def case_at(base: Case, pack: Pack, procedure: str, stage: str, variant: str, role: str) -> Case:
    """A case at a stage in which as much as possible has happened already."""
    now, rule = utc_now(), pack.stages[procedure, stage]
    parcel = ReturnParcel(carrier="SF", tracking="1", shipped_at=now)
    other = "seller" if role == "buyer" else "buyer"
    offer = Offer(number=1, by=other, at=now, remedy="partial_refund", refund_fen=100)  # type: ignore[arg-type]
    more: dict[str, Any] = {}
    if variant == "offered to":
        more["offers"] = (offer,)
    if variant == "offered by":
        more["offers"] = (replace(offer, by="arbiter"),)
    if variant == "paused":
        more["rest"] = Rest(cause="court", at=now)
    if variant == "ruled" or stage in ("supervisor_review", "execution", "closed"):
        more["ruling"] = ruling(now)
        more["award_fen"] = {"refund": 100}
    return replace(
        base,
        procedure=procedure,
        kind=KINDS[procedure],
        pack=pack.name,
        switches=pack.changed_switches,
        opened_by=role if procedure == "report" and role in ("buyer", "seller") else "buyer",
        stage=stage,
        waiting_on=rule.waiting_on,
        deadline=None if stage == "closed" or variant == "paused" else now + timedelta(days=1),
        entered_at=now,
        ended="decided" if stage == "closed" else None,
        closed_at=now if stage == "closed" else None,
        refused=True,
        parcel=parcel,
        sent=parcel,
        evidence=tuple(
            Evidence(number=n, kind=kind, by="seller", at=now)  # type: ignore[arg-type]
            for n, kind in enumerate(("qualification", "statement", "proof_of_delivery"), start=1)
        ),
        **more,
    )


def ruling(now: datetime) -> Ruling:
    return Ruling(
        at=now,
        liability="seller",
        remedy="partial_refund",
        freight_by="seller",
        amounts_fen={"refund": 100},
        cites=(),
        person_id=new_id(),
    )


async def put(walk: Walk, case: Case) -> None:
    """Let the stored case be this one; its log stays as it was."""
    await walk.town.pool.execute(
        "UPDATE cases SET state = $2, due_at = $3, closed_at = $4 WHERE id = $1",
        case.id,
        encode_state(case),
        case.deadline,
        case.closed_at,
    )


def has_form(html: str, role: str, case: Case, action: str) -> bool:
    """Whether a page has what does the action: a form, or the way to a page of its own."""
    here = PAGES[role][1].format(case.id)
    if role == "juror":
        return f'action="{here}/vote"' in html or action != "adjudicate"
    if action == "remind" and case.waiting_on in (role, "nobody"):
        # Nobody reminds the other side of what is for oneself to do.
        return True
    # An offer and a counter-offer are one form, under the name that fits.
    names = ("offer", "counter_offer") if action in ("offer", "counter_offer") else (action,)
    return any(f'{how}="{here}/{name}"' in html for name in names for how in ("action", "href"))


async def test_every_action_has_its_form(walk: Walk) -> None:
    base = (await view_case(walk.town.pool, walk.town.people["buyer"],
                            walk.town.ids["open case"], now=utc_now())).case  # fmt: skip
    wanted: set[tuple[str, str]] = set()
    found: set[tuple[str, str]] = set()
    looked: set[Any] = set()
    missing: list[str] = []
    for pack in books():
        for (procedure, stage), rule in pack.stages.items():
            for role in PAGES:
                moves = frozenset(move.do for move in rule.action if role in move.by)
                wanted |= {(role, action) for action in moves}
                if not moves or (procedure, stage, role, moves) in looked:
                    continue
                looked.add((procedure, stage, role, moves))
                variants = VARIANTS.get(role, ("plain", "paused"))
                if stage in RULED:
                    variants = (*variants, "ruled")
                for variant in variants:
                    case = case_at(base, pack, procedure, stage, variant, role)
                    shown, lost = await forms_of(walk, case, role)
                    found |= shown
                    missing += lost
    assert not missing, "no form for:\n" + "\n".join(missing)
    assert wanted == found, f"never shown: {sorted(wanted - found)}"


async def forms_of(walk: Walk, case: Case, role: str) -> tuple[set[Any], list[str]]:
    """What a role can do in this case, and what of it has no form on the page."""
    who, address = PAGES[role]
    await put(walk, case)
    view = await view_case(walk.town.pool, walk.town.people[who], case.id, now=utc_now())
    allowed = {each.action for each in view.available if each.allowed}
    if not allowed:
        return set(), []
    walk.ids["case_id"] = case.id
    answer = await walk.ask(who, "GET", address.format("{case_id}"))
    at = (case.pack, case.procedure, case.stage, role, case.ruling is not None, case.rest)
    assert answer is not None and answer.status_code == 200, at
    missing = {action for action in allowed if not has_form(answer.text, role, case, action)}
    told = [f"{at}: {action}" for action in sorted(missing)]
    return {(role, action) for action in allowed}, told
