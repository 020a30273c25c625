"""Following a case and acting in it.

Who opens it: a buyer who filed, sent by a notice or by worry. Their question: whose turn is it,
what happens next, and where is my money? What they do next: the one thing on top of the page, or
nothing at all, knowing until when the other side must answer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, say_refusal
from gongdao.cases import commands as c
from gongdao.cases.amounts import refundable_fen
from gongdao.cases.case import Case
from gongdao.cases.decide import decide
from gongdao.flows.act import act_on_case
from gongdao.flows.case_view import CaseView, view_case
from gongdao.policy.pack import Kind
from gongdao.shops.amend import variants_of
from gongdao.shops.order import Line
from gongdao.shops.product_store import products_of_lines
from gongdao.shops.shop import Product
from gongdao.web.appeal import appeal_until
from gongdao.web.buyer import shown
from gongdao.web.buyer.forms import amount_of, args_of, as_args, key_of, text_of, version_of
from gongdao.web.buyer.problems import GOOD_PROOF
from gongdao.web.buyer.reads import (
    CASE_FILTERS,
    count_waiting,
    list_cases,
    return_address,
)
from gongdao.web.notices.pages import note_seen
from gongdao.web.shell import locale_of, page
from gongdao.web.story import PIECE_OF_PARTIES, story_values
from gongdao.web.uploads import REQUEST_BYTES_MAX, take_files

#: What a buyer can do with a form of the case page, and the fields that each takes.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "withdraw": (),
    "accept_offer": (),
    "decline_offer": (),
    "confirm": (),
    "confirm_receipt": (),
    "sign": (),
    "escalate": (),
    "remind": (),
    "refill_tracking": ("carrier", "tracking"),
    "counter_offer": ("remedy", "refund", "compensation", "note"),
    "submit_evidence": ("kind", "note", "amount", "cost"),
    "report_mismatch": ("problem",),
    "appeal": ("grounds",),
}
_AMOUNTS = ("refund", "compensation", "amount", "freight")
_SUM_MISSING = N_("Enter the sum on the receipt; without it nothing can be paid back.")


@get("/cases", guards=[kind("buyer"), may("case.read")], include_in_schema=False)
async def show_cases(
    request: Asked, which: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[Any]:
    """My cases, the newest first."""
    pool, buyer_id = request.app.state.pool, principal_of(request).person_id
    which = which if which in CASE_FILTERS else ""
    cards, following = await list_cases(
        pool, buyer_id, which=which, after=read_cursor(after) if after else None
    )
    return page(
        request,
        "buyer/cases.html",
        cards=cards,
        which=which,
        waiting=await count_waiting(pool, buyer_id),
        following=following.text() if following else "",
        buyer_id=buyer_id,
    )


@get("/cases/{case_id:uuid}", guards=[kind("buyer"), may("case.read")], include_in_schema=False)
async def show_case(
    request: Asked,
    case_id: FromPath[UUID],
    before: FromQuery[int | None] = None,
    since: FromQuery[int | None] = None,
) -> Response[Any]:
    """One case: whose turn, what to do, what happened, where the money is."""
    pool, who = request.app.state.pool, principal_of(request)
    now = utc_now()
    view = await view_case(pool, who, case_id, now=now)
    await note_seen(request, case_id)
    address = await return_address(pool, who.person_id, case_id) if view.may("ship_back") else None
    locale, messages = locale_of(request), shown.messages_of(view)
    until = appeal_until(view)
    return page(
        request,
        "buyer/case.html",
        **_values(view, locale, now),
        address=address,
        buyer_name=view.buyer_name,
        appeal_until=until,
        messages=messages,
        **story_values(
            shown.timeline_items(view, locale),
            messages,
            address=f"/cases/{case_id}",
            before=before,
            since=since,
            at_once=PIECE_OF_PARTIES,
        ),
    )


@get("/cases/{case_id:uuid}/modify", guards=[kind("buyer"), may("case.open")],
     include_in_schema=False)  # fmt: skip
async def show_modify(request: Asked, case_id: FromPath[UUID]) -> Response[Any]:
    """Change the request after a refusal, or while the seller has not answered."""
    now = utc_now()
    view = await view_case(request.app.state.pool, principal_of(request), case_id, now=now)
    locale = locale_of(request)
    refused = view.why_not("modify")
    procedure = view.pack.procedures[view.case.procedure]
    exchanged, variants = await _other_variants(request.app.state.pool, view)
    return page(
        request,
        "buyer/modify.html",
        case=view.case,
        number=view.number,
        why_not=say_refusal(locale, refused) if refused else "",
        kinds=[_modifiable(view, each, locale, now) for each in procedure.kind],
        reasons=_reasons(view),
        limit_fen=refundable_fen(view.case, view.facts),
        exchanged=exchanged,
        units=view.case.quantities.get(exchanged.line, exchanged.quantity) if exchanged else 0,
        variants=variants,
    )


@post("/cases/{case_id:uuid}/{action:str}", guards=[kind("buyer"), may("case.open")],
      request_max_body_size=REQUEST_BYTES_MAX, include_in_schema=False)  # fmt: skip
async def take_action(request: Asked, case_id: FromPath[UUID], action: FromPath[str]) -> Redirect:
    """Act, and come back to the case."""
    form = await request.form()
    if action == "ship_back":
        await _ship_back(request, case_id, form)
    elif action == "note":
        # A message needs no fresh look at the case: it is right whatever has happened since.
        await _act(request, case_id, action, c.NoteArgs(note=text_of(form, "text")), key_of(form))
    elif action in FIELDS:
        args = args_of(action, await _fields(request, action, form))
        version = None if action in ("submit_evidence", "remind") else version_of(form)
        await _act(request, case_id, action, args, key_of(form), version)
    else:
        raise Refusal("not_found", N_("There is no such action."))
    return Redirect(f"/cases/{case_id}", status_code=303)


@post("/cases/{case_id:uuid}/modify", guards=[kind("buyer"), may("case.open")],
      include_in_schema=False)  # fmt: skip
async def take_modify(request: Asked, case_id: FromPath[UUID]) -> Redirect:
    """Change the request, and come back to the case."""
    form = await request.form()
    await _act(request, case_id, "modify", _modify_args(form), key_of(form), version_of(form))
    return Redirect(f"/cases/{case_id}", status_code=303)


async def _other_variants(pool: Pool, view: CaseView) -> tuple[Line | None, list[Product]]:
    """What an exchange could give instead, where it is of one line; and that line."""
    lines = [line for line in view.order.lines if line.line in view.case.lines]
    if len(lines) != 1 or view.case.procedure != "after_sale":
        return None, []
    products = await products_of_lines(pool, view.order.shop_id, lines)
    return lines[0], variants_of(products, lines[0])


async def _act(
    request: Asked,
    case_id: UUID,
    action: str,
    args: c.Args,
    key: str | None,
    version: int | None = None,
) -> None:
    await act_on_case(
        request.app.state.pool,
        principal_of(request),
        case_id,
        action,
        args,
        now=utc_now(),
        version=version,
        key=key,
    )


async def _fields(request: Asked, action: str, form: FormMultiDict) -> dict[str, Any]:
    fields: dict[str, Any] = {name: text_of(form, name) for name in FIELDS[action]}
    for name in _AMOUNTS:
        if fields.get(name):
            fields[name] = amount_of(fields[name])
    if action in ("report_mismatch", "appeal"):
        files = await take_files(request, form, f"files-{action}")
        note = text_of(form, "evidence_note")
        if files or note:
            proof = text_of(form, "evidence_kind") or "statement"
            fields["evidence"] = [{"kind": proof, "note": note, "files": files}]
    if action == "submit_evidence":
        files = await take_files(request, form, "files")
        if not files and not fields["note"]:
            raise Refusal("invalid", N_("Add a file, or write what happened."))
        if fields["kind"] == "freight_receipt" and not fields["amount"]:
            raise Refusal("invalid", _SUM_MISSING)
        fields["files"] = files
    return fields


async def _ship_back(request: Asked, case_id: UUID, form: FormMultiDict) -> None:
    """The parcel and, where there are any, its receipts: all of it or nothing."""
    freight = amount_of(text_of(form, "freight", 20))
    carrier, tracking = text_of(form, "carrier", 100), text_of(form, "tracking", 100)
    if not tracking:
        raise Refusal("invalid", N_("Enter the tracking number, so that the seller can follow it."))
    receipts = await _receipts(request, form, freight)
    args = as_args(c.ShipBackArgs, {"carrier": carrier, "tracking": tracking, "freight": freight})
    await act_on_case(
        request.app.state.pool,
        principal_of(request),
        case_id,
        "ship_back",
        args,
        now=utc_now(),
        before=[("submit_evidence", receipt) for receipt in receipts],
        version=version_of(form),
        key=key_of(form),
    )


async def _receipts(
    request: Asked, form: FormMultiDict, freight: str | None
) -> list[c.SubmitEvidenceArgs]:
    """The receipts of what the return cost; a sum that would be lost is refused."""
    sums = {"carriage": freight, "handling": amount_of(text_of(form, "handling", 20))}
    receipts: list[c.SubmitEvidenceArgs] = []
    for cost, amount in sums.items():
        files = await take_files(request, form, f"files-{cost}")
        if files and not amount:
            raise Refusal("invalid", _SUM_MISSING)
        if files:
            fields = {"kind": "freight_receipt", "amount": amount, "cost": cost, "files": files}
            receipts.append(as_args(c.SubmitEvidenceArgs, fields))
    if sums["handling"] and all(receipt.cost != "handling" for receipt in receipts):
        raise Refusal(
            "invalid",
            N_("Handling is paid back against a receipt: add it, or leave the sum empty."),
        )
    return receipts


def _modify_args(form: FormMultiDict) -> c.ModifyArgs:
    fields = {
        "kind": text_of(form, "kind", 100),
        "reason": text_of(form, "reason", 100),
        "claim": text_of(form, "claim"),
        "amount": amount_of(text_of(form, "amount", 20)),
    }
    # The page holds the variants ready also while something else is chosen.
    if fields["kind"] == "exchange":
        fields["wanted"] = text_of(form, "wanted", 60)
    return as_args(c.ModifyArgs, {name: value for name, value in fields.items() if value})


def _values(view: CaseView, locale: Locale, now: datetime) -> dict[str, Any]:
    case = view.case
    money = shown.money_items(view, locale)
    return {
        "case": case,
        "masked": view.masked,
        "number": view.number,
        "order": view.order,
        "lines": [line for line in view.order.lines if line.line in case.lines],
        "shop_name": view.shop_name,
        "task": shown.task_of(view),
        "headline": shown.headline(view, locale),
        "silence": shown.in_words(view.silence, locale),
        "mine": case.is_open and case.waiting_on in (view.role, "both"),
        "may": view.may,
        "escalation": shown.escalation(view, locale),
        "after_escalation": _after(view, "escalate", now) if view.may("escalate") else None,
        "offers": shown.offers_of(view),
        "answerable": shown.answerable(view),
        "money": money,
        "money_fen": sum(line["amount_fen"] for line in money),
        "my_evidence": shown.evidence_of(view, "buyer"),
        "their_evidence": shown.evidence_of(view, "seller"),
        "checklist": [
            (shown.in_words(each.rule.say, locale), each.rule.kinds, each.submitted)
            for each in view.checklist
            if each.rule.side == "buyer"
        ],
        "proof_kinds": shown.proof_kinds(view),
        "good_proof": GOOD_PROOF,
        "ruling": case.ruling,
        "rules": shown.rule_items(view.cites, locale, pack=case.pack),
        "limit_fen": refundable_fen(case, view.facts),
        "why_no_appeal": _why_no_appeal(view, locale),
        "why_no_evidence": _why(view, "submit_evidence", locale),
        "why_no_withdrawal": _why(view, "withdraw", locale),
        "why_no_reminder": _why(view, "remind", locale),
    }


def _why_no_appeal(view: CaseView, locale: Locale) -> str:
    """Why not, where a buyer may wonder: not where the stage alone says that it is over."""
    refusal = view.why_not("appeal")
    return (
        say_refusal(locale, refusal) if refusal and refusal.code != "not_allowed_in_stage" else ""
    )


def _why(view: CaseView, action: str, locale: Locale) -> str:
    refusal = view.why_not(action)
    return say_refusal(locale, refusal) if refusal else ""


def _after(view: CaseView, action: str, now: datetime) -> Case:
    """The case as it would be after an action that needs no arguments."""
    command = c.Command(action=action, by="buyer", args=c.NoArgs())
    return decide(view.case, command, facts=view.facts, pack=view.pack, now=now).case


def _reasons(view: CaseView) -> list[str]:
    kinds = view.pack.procedures[view.case.procedure].kind
    return list(dict.fromkeys(reason for each in kinds for reason in each.reasons))


def _modifiable(view: CaseView, rule: Kind, locale: Locale, now: datetime) -> dict[str, Any]:
    """A kind that the request could be changed to, judged as if it were sent now."""
    command = c.Command(action="modify", by="buyer", args=c.ModifyArgs(kind=rule.id))
    try:
        outcome = decide(view.case, command, facts=view.facts, pack=view.pack, now=now)
    except Refusal as refusal:
        return {"id": rule.id, "why_not": say_refusal(locale, refusal), "asked_fen": 0}
    return {"id": rule.id, "why_not": "", "asked_fen": outcome.case.asked_fen}
