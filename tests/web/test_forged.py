"""What another site could make a browser send: with the session's cookie, not with its token."""

from tests.web.walk import Walk

from gongdao.accounts.gate import OPEN_TO_SITES
from gongdao.accounts.session import csrf_token_of

STALE = ("页面已过期", "This page is out of date")


async def test_no_address_takes_anything_without_the_token_of_the_session(walk: Walk) -> None:
    before = await walk.picture_of_all()
    walk.ids |= {"entry": 1, "number": 1}
    foreign = csrf_token_of(walk.secrets["foreign owner"])
    taken: list[str] = []
    for path, method in walk.routes():
        # Widgets on other sites have no cookie at all there.
        if method == "GET" or path.startswith(OPEN_TO_SITES):
            continue
        for who in ("owner", "buyer", "operator"):
            for token in ("", foreign):
                answer = await walk.ask(who, method, path, token=token)
                assert answer is not None
                if not any(said in answer.text for said in STALE):
                    taken.append(f"{who}: {method} {path} gave {answer.status_code}")
    assert not taken, "\n".join(taken)
    assert await walk.picture_of_all() == before
