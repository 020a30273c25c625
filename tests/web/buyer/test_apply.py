"""Applying, as a browser without scripts does it, and what the pages promise before sending."""

import re
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import msgspec

from gongdao.base.ids import new_id
from gongdao.cases.chain import decode_state

from .conftest import House, Visitor, new_buyer, photo, signed_in


def steps(order, **fields) -> str:
    query = "&".join(f"{name.replace('_of_', '-')}={value}" for name, value in fields.items())
    return f"/orders/{order.id}/apply?{query}"


async def test_orders_and_one_of_them(house: House, visitor: Visitor) -> None:
    order = await house.order(title="破壁机")
    case = await house.filed()
    start = await visitor.client.get("/")
    assert (start.status_code, start.headers["location"]) == (303, "/orders")
    listed = await visitor.get("/orders")
    assert order.number not in listed  # a card names the goods; the number is on its page
    assert "破壁机 1" in listed and "¥100.00" in listed
    assert f"/cases/{case.id}" in listed and f"/orders/{order.id}/apply" in listed
    assert "破壁机" in await visitor.get("/orders?q=破壁")
    assert "破壁机" in await visitor.get(f"/orders?q={order.number[:8]}")
    assert "没有符合条件的订单" in await visitor.get("/orders?q=100%25")
    assert "没有符合条件的订单" in await visitor.get("/orders?status=paid")
    shown = await visitor.get(f"/orders/{order.id}")
    assert order.number in shown and order.tracking in shown


async def test_a_long_list_goes_on_where_it_ended(house: House, visitor: Visitor) -> None:
    orders = [await house.order(days=3 + n / 10, title=f"第{n}件") for n in range(23)]
    first = await visitor.get("/orders")
    following = re.search(r'href="(/orders\?after=[^"]+)"', first)
    assert following
    second = await visitor.get(following[1].replace("&amp;", "&"))
    for n, order in enumerate(orders):
        page = first if n < 20 else second
        assert f'id="order-{order.id}"' in page
    assert second.count('id="order-') - second.count('id="order-live') >= 3
    await visitor.get("/orders?after=nonsense", 422)


async def test_the_steps_keep_every_answer_in_the_address(house: House, visitor: Visitor) -> None:
    order = await house.order(lines=2)
    first = await visitor.get(f"/orders/{order.id}/apply")
    assert 'data-where="received"' in first and 'data-where="awaited"' in first
    assert "冰箱不制冷" in first
    second = await visitor.get(steps(order, step=2, received="yes", line=1, problem="quality"))
    assert 'name="line" value="1"' in second
    # The share of one line, without the freight of the whole order.
    assert 'id="amount-return_refund"' in second and 'value="95.00"' in second
    back = re.search(r'href="(/orders/[^"]+step=1[^"]*)"', second)
    assert back
    said = dict(parse_qsl(urlsplit(back[1].replace("&amp;", "&")).query))
    assert said == {"step": "1", "received": "yes", "line": "1", "problem": "quality"}
    third = await visitor.get(
        steps(
            order,
            step=3,
            received="yes",
            line=1,
            problem="quality",
            want="return_refund",
            amount_of_return_refund="80",
        )
    )
    assert "商家承担" in third and "视为同意" in third and "¥80.00" in third
    assert "光线充足" in third


async def test_the_order_page_offers_the_complaints_that_fit(
    house: House, visitor: Visitor
) -> None:
    unpaid = await house.order(shipped=False, paid=False)
    paid = await house.order(shipped=False)
    found = {
        order.id: re.findall(
            r"problem=(\w+)&amp;want=complaint", await visitor.get(f"/orders/{order.id}")
        )
        for order in (unpaid, paid, await house.order())
    }
    assert list(found.values()) == [
        ["refuse_to_sell", "staff_conduct"],
        ["late_shipment", "paid_not_shipped", "refuse_to_sell", "out_of_stock", "promise_broken",
         "staff_conduct"],
        [],
    ]  # fmt: skip
    path = f"/orders/{unpaid.id}/apply"
    step = await visitor.get(f"{path}?step=2&problem=refuse_to_sell&want=complaint")
    assert re.search(r'value="complaint"[^>]* checked', step)
    sent = await visitor.post(
        path, page=f"{path}?step=3&problem=refuse_to_sell&want=complaint", step="3",
        problem="refuse_to_sell", want="complaint", claim="付款时说价格标错了，不卖。",
    )  # fmt: skip
    assert sent.status_code == 303, sent.text[:1500]
    assert decode_state((await house.case_of(unpaid.id))["state"]).kind == "refuse_to_sell"


async def test_a_report_speaks_of_a_report(house: House, visitor: Visitor) -> None:
    order = await house.order()
    said = {"received": "yes", "problem": "prohibited_goods", "want": "report"}
    third = await visitor.get(steps(order, step=3, **said))
    assert "video/mp4" in third and 'data-max-mb="100"' in third  # as the sentence below says
    for words in ("举报事项", "举证截止", "提交举报"):
        assert words in third, words
    for words in ("您的诉求", "商家处理时限", "商家超时未处理", "提交申请"):
        assert words not in third, words
    path = f"/orders/{order.id}/apply"
    page = steps(order, step=3, **said)
    sent = await visitor.post(path, page=page, step="3", claim="卖的是没有批文的药。", **said)
    assert sent.status_code == 303, sent.text[:1500]
    case = decode_state((await house.case_of(order.id))["state"])
    assert case.procedure == "report"
    async with signed_in(house, house.owner) as client:
        reported = (await client.get(f"/shop/cases/{case.id}")).text
    assert "举报人" in reported and '<span class="gd-who">买家' not in reported


async def test_what_is_not_possible_says_why(house: House, visitor: Visitor) -> None:
    order = await house.order()
    shown = await visitor.get(steps(order, step=2, received="yes", problem="no_reason"))
    assert "无理由退款需要退货" in shown and "disabled" in shown
    unshipped = await house.order(shipped=False)
    shown = await visitor.get(steps(unshipped, step=2, problem="changed_mind"))
    assert "无货可退" in shown
    shown = await visitor.get(steps(unshipped, step=2, problem="late_shipment"))
    assert "未按约定时间发货" in shown and "¥3.00" in shown
    early = await house.order(days=0.5, shipped=False)
    shown = await visitor.get(steps(early, step=2, problem="late_shipment"))
    assert "过后仍未发货才能投诉" in shown


async def test_missing_and_impossible_answers_lead_back_to_their_step(
    house: House, visitor: Visitor
) -> None:
    order = await house.order()
    assert "请先选择遇到的问题" in await visitor.get(steps(order, step=2))
    assert "请先选择遇到的问题" in await visitor.get(steps(order, step=3, problem="out_of_stock"))
    for amount, said in (("1000", "100.00"), ("9.999", "金额请填写数字"), ("-1", "金额请填写数字")):
        shown = await visitor.get(
            steps(
                order,
                step=3,
                received="yes",
                problem="quality",
                want="refund_only",
                amount_of_refund_only=amount,
            )
        )
        assert said in shown and 'aria-current="step"' in shown and 'id="want-refund_only"' in shown


async def test_filing_with_files_and_words(house: House, visitor: Visitor) -> None:
    order = await house.order()
    path = f"/orders/{order.id}/apply"
    page = steps(order, step=3, received="yes", problem="quality", want="return_refund")
    sent = await visitor.post(
        path, page=page, step="3", received="yes", problem="quality", want="return_refund",
        claim="内胆开裂。", files={"files-photo_of_item": ("裂缝.jpg", photo(), "image/jpeg")},
    )  # fmt: skip
    assert sent.status_code == 303, sent.text[:2000]
    row = await house.case_of(order.id)
    case = decode_state(row["state"])
    assert sent.headers["location"] == f"/cases/{case.id}"
    assert (case.kind, case.reason, case.received) == ("return_refund", "quality", True)
    assert (case.asked_fen, case.claim) == (10_000, "内胆开裂。")
    (piece,) = case.evidence
    assert piece.kind == "photo_of_item" and len(piece.sha256[0]) == 64
    shown = await visitor.get(f"/cases/{case.id}")
    assert f"/files/{piece.file_ids[0]}/thumb" in shown


async def test_a_refused_request_keeps_words_and_files(house: House, visitor: Visitor) -> None:
    case = await house.filed()
    path = f"/orders/{case.order_id}/apply"
    refused = await visitor.post(
        path, page="/account", step="3", received="yes", problem="quality", want="return_refund",
        claim="第二次提交。", files={"files-photo_of_item": ("a.jpg", photo(), "image/jpeg")},
    )  # fmt: skip
    assert refused.status_code == 409
    # The option itself is not possible any more, so the step before says why.
    assert 'data-code="duplicate"' in refused.text
    assert "第二次提交。" in refused.text or 'name="kept-photo_of_item"' in refused.text


async def test_the_same_form_sent_twice_files_once(house: House, visitor: Visitor) -> None:
    order = await house.order()
    key = str(new_id())
    fields = {"step": "3", "received": "yes", "problem": "quality", "want": "refund_only"}
    path = f"/orders/{order.id}/apply"
    page = steps(order, **fields)
    first = await visitor.post(path, page=page, idempotency_key=key, **fields)
    second = await visitor.post(path, page="/account", idempotency_key=key, **fields)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]


async def test_nobody_sees_what_is_not_theirs(house: House, visitor: Visitor) -> None:
    case = await house.filed()
    await visitor.post(
        f"/cases/{case.id}/submit_evidence", page=f"/cases/{case.id}", kind="photo_of_item",
        files={"files": ("a.jpg", photo("red"), "image/jpeg")},
    )  # fmt: skip
    waiting = await visitor.client.post(
        "/files", files={"file": ("b.jpg", photo("blue"), "image/jpeg")}, data={"field": "kept-x"},
        headers={"x-csrf-token": await token(visitor)},
    )  # fmt: skip
    assert waiting.status_code == 201
    loose = found_id(waiting.text)
    state = decode_state((await house.case_of(case.order_id))["state"])
    (proof,) = state.evidence[0].file_ids
    stranger = await new_buyer(house.pool)
    for who, sees_proof, sees_loose in ((house.owner, 200, 404), (stranger, 404, 404)):
        async with signed_in(house, who) as client:
            assert (await client.get(f"/files/{proof}")).status_code == sees_proof
            assert (await client.get(f"/files/{proof}/thumb")).status_code == sees_proof
            assert (await client.get(f"/files/{loose}")).status_code == sees_loose
    async with signed_in(house, stranger) as client:
        for path in (
            f"/orders/{case.order_id}", f"/orders/{case.order_id}/apply", f"/cases/{case.id}",
            f"/cases/{case.id}/modify",
        ):  # fmt: skip
            assert (await client.get(path)).status_code == 404, path
    async with signed_in(house, house.owner) as client:
        for path in ("/orders", "/cases", f"/cases/{case.id}", f"/orders/{case.order_id}/apply"):
            assert (await client.get(path)).status_code == 403, path


async def test_a_file_is_sent_alone_and_comes_back_as_a_row(house: House, visitor: Visitor) -> None:
    headers = {"x-csrf-token": await token(visitor)}
    sent = await visitor.client.post(
        "/files", files={"file": ("门 缝.jpg", photo(), "image/jpeg")}, headers=headers,
        data={"field": "kept-photo_of_item"},
    )  # fmt: skip
    assert sent.status_code == 201 and 'name="kept-photo_of_item"' in sent.text
    file_id = found_id(sent.text)
    got = await visitor.client.get(f"/files/{file_id}", headers={"range": "bytes=0-9"})
    assert got.status_code == 206 and got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    thumb = await visitor.client.get(f"/files/{file_id}/thumb")
    assert thumb.headers["content-type"] == "image/webp"
    lie = await visitor.client.post(
        "/files", files={"file": ("a.jpg", b"<script>", "image/jpeg")}, headers=headers
    )
    assert lie.status_code == 422
    large = await visitor.client.post(
        "/files", files={"file": ("a.jpg", photo() + b"\0" * 11_000_000, "image/jpeg")},
        headers=headers,
    )  # fmt: skip
    assert large.status_code == 413
    assert (await visitor.client.post("/files", headers=headers)).status_code == 422


async def token(visitor: Visitor) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', await visitor.get("/account"))
    assert found
    return found[1]


def found_id(text: str) -> UUID:
    found = re.search(r'value="([0-9a-f-]{36})"', text)
    assert found
    return msgspec.convert(found[1], UUID)
