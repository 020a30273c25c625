"""How the API says no: always a problem with a stable code in both languages, and no change."""

import json
from typing import Any

import httpx
import pytest

from .conftest import Callers, picture

CASES = "/api/v1/cases"


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    ), answer.text
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code), body
    assert body["detail"] in body["sentences"].values()
    assert body["sentences"]["zh"] != body["sentences"]["en"]
    return body


async def version(callers: Callers, case: str = "open case") -> int:
    answer = await callers["auditor"].get(f"{CASES}/{callers.town.ids[case]}")
    return answer.json()["version"]


async def test_without_a_name_nothing_is_shown(callers: Callers) -> None:
    case = callers.town.ids["open case"]
    answer = await callers["nobody"].get(f"{CASES}/{case}")
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    wrong = {"authorization": "Bearer gdt_wrong"}
    problem(await callers["nobody"].get(CASES, headers=wrong), 401, "unauthenticated")
    problem(await callers["nobody"].post(f"{CASES}/{case}/notes", json={}), 401, "unauthenticated")


async def test_a_session_needs_its_token_and_our_own_site(callers: Callers) -> None:
    client = callers["nobody"]
    case = callers.town.ids["open case"]
    elsewhere = {"origin": "https://evil.example"}
    problem(await client.post(f"{CASES}/{case}/notes", json={}, headers=elsewhere), 422, "invalid")


async def test_addresses_and_methods_that_are_not_there(callers: Callers) -> None:
    buyer = callers["buyer"]
    problem(await buyer.get("/api/v1/nothing"), 404, "not_found")
    problem(await buyer.get(f"{CASES}/not-an-id"), 404, "not_found")
    problem(await buyer.put(CASES, json={}), 405, "invalid")
    problem(await buyer.get("/api/v1/packs/%00"), 404, "not_found")
    problem(await buyer.get("/api/v1/packs/..%2f..%2fcn-law"), 404, "not_found")
    problem(await buyer.get("/api/v1/packs/taobao-classic/procedures/x"), 404, "not_found")
    problem(await buyer.get(f"/api/v1/packs/{'x' * 300}"), 404, "not_found")


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_an_instant_in_no_year_is_not_a_fault_of_ours(callers: Callers, instant: str) -> None:
    for who, path in (("buyer", "me/privacy"), ("owner", "customer-looks")):
        answer = await callers[who].get(f"/api/v1/{path}", params={"before": instant})
        problem(answer, 400, "invalid")


async def test_a_parcel_was_not_signed_for_before_the_first_year(callers: Callers) -> None:
    place = f"/api/v1/orders/{callers.town.ids['bare order']}/signature"
    body = {"signed_by": "self", "at": "0001-01-01T00:00:00+23:59"}
    answer = await callers["owner"].post(place, json=body)
    assert 400 <= answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'{"note": "x", "more": 1}', 422),
        (b'{"note": 1}', 422),
        (b'{"note": "\xff"}', 400),
        (b'{"note": "\\u0000"}', 422),
        (b'{"note": "\\ud800"}', 400),
        (b'{"note": "' + b"x" * 2001 + b'"}', 422),
        (b'{"note": ' + b"[" * 50_000 + b"}", 422),
        (b'{"note": " "}', 422),
    ],
    ids=range(12),
)
async def test_bodies_that_are_not_as_they_should(
    callers: Callers, body: bytes, status: int
) -> None:
    case = callers.town.ids["open case"]
    before = await version(callers)
    answer = await callers["buyer"].post(
        f"{CASES}/{case}/notes", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code, "invalid")
    assert await version(callers) == before


@pytest.mark.parametrize(
    "amount",
    ["1.000", "-1", "1e3", "1,000.00", "１", "1.", "1.１", "", 1, 1.5, "1000000000.00", "1\n"],
)
async def test_amounts_that_are_none(callers: Callers, amount: Any) -> None:
    case = callers.town.ids["open case"]
    answer = await callers["owner"].post(f"{CASES}/{case}/approval", json={"amount": amount})
    problem(answer, 422, "invalid")


async def test_instants_without_a_zone_are_refused(callers: Callers) -> None:
    order = callers.town.ids["bare order"]
    body = {"carrier": "x", "tracking": "1", "at": "2026-03-03T10:00:00"}
    answer = await callers["owner"].post(f"/api/v1/orders/{order}/shipment", json=body)
    problem(answer, 422, "invalid")


@pytest.mark.parametrize("share", ["NaN", "sNaN", "Infinity", "-1", "1e999999999", "x", ""])
async def test_shares_that_are_no_numbers(callers: Callers, share: str) -> None:
    case = callers.town.ids["judged case"]
    body = {
        "liability": "both",
        "remedy": "partial_refund",
        "shares": {"seller": share, "buyer": 40},
        "note": "x",
    }
    answer = await callers["arbiter"].post(f"{CASES}/{case}/ruling/preview", json=body)
    assert answer.json()["code"] in ("invalid", "not_allowed_in_stage")
    assert answer.status_code in (409, 422)


async def test_what_is_too_large(callers: Callers) -> None:
    case = callers.town.ids["open case"]
    body = json.dumps({"note": "x" * 1_100_000})
    answer = await callers["buyer"].post(f"{CASES}/{case}/notes", content=body)
    problem(answer, 413, "too_large")


async def test_versions_and_keys(callers: Callers) -> None:
    case = callers.town.ids["open case"]
    buyer = callers["buyer"]
    before = await version(callers)
    for wrong in ("x", "-1", '"1', "1" * 19):
        answer = await buyer.post(
            f"{CASES}/{case}/notes", json={"note": "x"}, headers={"if-match": wrong}
        )
        assert answer.json()["code"] in ("invalid", "version_conflict")
    stale = {"if-match": f'"{before - 1}"'}
    answer = await buyer.post(f"{CASES}/{case}/notes", json={"note": "x"}, headers=stale)
    problem(answer, 409, "version_conflict")
    assert await version(callers) == before
    key = {"idempotency-key": "k", "if-match": f'"{before}"'}
    first = await buyer.post(f"{CASES}/{case}/notes", json={"note": "x"}, headers=key)
    again = await buyer.post(f"{CASES}/{case}/notes", json={"note": "x"}, headers=key)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert first.json()["version"] == again.json()["version"] == before + 1
    other = await buyer.post(f"{CASES}/{case}/notes", json={"note": "y"}, headers=key)
    problem(other, 409, "idempotency_conflict")
    for bad in ("", "x" * 101):
        answer = await buyer.post(
            f"{CASES}/{case}/notes", json={"note": "x"}, headers={"idempotency-key": bad}
        )
        problem(answer, 422, "invalid")


async def test_a_double_click_files_one_case(callers: Callers) -> None:
    order = callers.town.ids["bare order"]
    body = {"procedure": "after_sale", "kind": "refund_only", "reason": "quality"}
    buyer = callers["buyer"]
    first = await buyer.post(f"/api/v1/orders/{order}/cases", json=body)
    assert (first.status_code, first.json()["stage"]) == (201, "seller_review")
    second = await buyer.post(f"/api/v1/orders/{order}/cases", json=body)
    problem(second, 409, "duplicate")


async def test_what_the_rules_do_not_give_names_the_rule(callers: Callers) -> None:
    order = callers.town.ids["bare order"]
    body = {"procedure": "complaint", "kind": "late_shipment"}
    path = f"/api/v1/orders/{order}/cases"
    for address in (path, f"{path}/preview"):
        answer = await callers["buyer"].post(address, json=body)
        found = problem(answer, 409, "not_eligible")
        assert found["rules"]
    english = await callers["buyer"].post(path, json=body, headers={"accept-language": "en-GB"})
    assert english.json()["detail"] == english.json()["sentences"]["en"]


async def test_pages_and_markers(callers: Callers) -> None:
    arbiter = callers["arbiter"]
    first = (await arbiter.get(CASES, params={"limit": 2})).json()
    rest = (await arbiter.get(CASES, params={"limit": 2, "after": first["after"]})).json()
    assert [len(first["cases"]), len(rest["cases"]), rest["after"]] == [2, 1, None]
    naive = b'["2026-03-03T10:00:00","00000000-0000-0000-0000-000000000000"]'.hex()
    first_day = b'["0001-01-01T00:00:00+14:00","00000000-0000-0000-0000-000000000000"]'.hex()
    for query in (
        {"after": "zz"}, {"after": "00"}, {"after": naive}, {"after": first_day}, {"limit": 0},
        {"limit": 101}, {"limit": "x"}, {"stage": "lost"}, {"order_id": "x"}, {"kind": "\x00"},
        {"open": "perhaps"},
    ):  # fmt: skip
        problem(await arbiter.get(CASES, params=query), 422, "invalid")


async def test_files_are_kept_and_shown_to_whom_they_concern(callers: Callers) -> None:
    buyer, ids = callers["buyer"], callers.town.ids
    sent = await buyer.post("/api/v1/files", files={"file": ("破损.png", picture())})
    assert (sent.status_code, sent.json()["media_type"]) == (201, "image/jpeg")
    place = f"/api/v1/files/{sent.json()['id']}"
    read = await buyer.get(place)
    assert (read.status_code, read.headers["content-type"]) == (200, "image/jpeg")
    part = await buyer.get(place, headers={"range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, read.content[:10])
    for name in ("owner", "arbiter", "foreign owner", "foreign buyer"):
        problem(await callers[name].get(place), 404, "not_found")
    body = {"kind": "photo_of_item", "files": [sent.json()["id"]]}
    proven = await buyer.post(f"{CASES}/{ids['open case']}/evidence", json=body)
    assert proven.status_code == 200
    for name, status in (("owner", 200), ("arbiter", 200), ("agent", 200),
                         ("foreign owner", 404), ("foreign buyer", 404)):  # fmt: skip
        assert (await callers[name].get(place)).status_code == status, name
    theft = await callers["foreign buyer"].post(f"{CASES}/{ids['open case']}/evidence", json=body)
    problem(theft, 404, "not_found")
    stolen = await callers["owner"].post(f"{CASES}/{ids['open case']}/evidence", json=body)
    problem(stolen, 404, "not_found")
    for upload in ({"file": ("a.jpg", b"no picture")}, {"file": ("a.jpg", b"")}, {"other": b"x"}):
        answer = await buyer.post("/api/v1/files", files=upload)
        problem(answer, 422, "invalid")
    problem(await buyer.post("/api/v1/files", json={}), 400, "invalid")


async def test_packs_are_shown_as_data_and_drawn(callers: Callers) -> None:
    buyer = callers["buyer"]
    packs = (await buyer.get("/api/v1/packs")).json()
    assert [pack["name"] for pack in packs if pack["current"]] == ["taobao-classic@1"]
    pack = (await buyer.get("/api/v1/packs/taobao-classic")).json()
    assert {"after_sale", "complaint"} <= set(pack["procedures"])
    assert any(switch["id"] == "C-1" for switch in pack["switches"])
    place = "/api/v1/packs/taobao-classic@1/procedures/after_sale"
    procedure = (await buyer.get(place)).json()
    (review,) = [stage for stage in procedure["stages"] if stage["id"] == "seller_review"]
    assert review["clocks"][0]["span"] == "72h"
    assert {"approve", "withdraw"} <= {move["action"] for move in review["actions"]}
    svg = await buyer.get(place, params={"format": "svg"})
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert svg.text.startswith("<svg")
    assert (await buyer.get(place, params={"format": "mermaid"})).text.startswith("stateDiagram")
    problem(await buyer.get(place, params={"format": "png"}), 422, "invalid")


async def test_the_money_of_a_case_in_yuan(callers: Callers) -> None:
    order = callers.town.ids["bare order"]
    body = {"procedure": "after_sale", "kind": "refund_only", "reason": "quality"}
    filed = await callers["buyer"].post(f"/api/v1/orders/{order}/cases", json=body)
    case = filed.json()["id"]
    assert (await callers["buyer"].get(f"{CASES}/{case}/money")).json() == []
    await callers["owner"].post(f"{CASES}/{case}/approval", json={})
    (line,) = (await callers["buyer"].get(f"{CASES}/{case}/money")).json()
    assert (line["kind"], line["amount"], line["source"]) == ("refund", "105.00", "order_escrow")
    assert line["payout_state"] == "queued"
    problem(await callers["foreign buyer"].get(f"{CASES}/{case}/money"), 404, "not_found")


async def test_an_offer_is_accepted_only_in_the_version_that_was_read(callers: Callers) -> None:
    case = f"{CASES}/{callers.town.ids['open case']}"
    offer = {"remedy": "partial_refund", "refund": "90.00"}
    assert (await callers["owner"].post(f"{case}/offers", json=offer)).status_code == 200
    seen = await version(callers)
    worse = offer | {"refund": "1.00"}
    assert (await callers["owner"].post(f"{case}/offers", json=worse)).status_code == 200
    accept = f"{case}/offer-acceptance"
    problem(await callers["buyer"].post(accept, json={}), 422, "invalid")
    late = await callers["buyer"].post(accept, json={}, headers={"if-match": f'"{seen}"'})
    problem(late, 409, "version_conflict")
    now = {"if-match": f'"{await version(callers)}"'}
    assert (await callers["buyer"].post(accept, json={}, headers=now)).status_code == 200
