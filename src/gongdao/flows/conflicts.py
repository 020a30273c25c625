"""Who may not decide a case: whoever is tied to a side, or had a hand in it before.

An arbiter whose ruling is appealed against does not hear the appeal; who reviewed a ruling does not
make the next one; who acted in a case is no juror of it.
"""

from collections.abc import Sequence
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Queryable, Record
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.together import Together
from gongdao.cases.case import Case

#: Reviewing somebody's ruling.
_REVIEWS = ("ruling_confirmed", "ruling_sent_back")
#: What an arbiter does on the way to a ruling: it is a part of hearing the case.
_HEARING = frozenset(
    {"request_evidence", "propose_settlement", "extend_deadline", "pause", "resume"}
)
#: Where nobody hears the case any more: it is looked at again, or carried out.
_HEARD = ("supervisor_review", "execution")


def hears(who: Principal, case: Case, action: str) -> bool:
    """Whether this deed is a part of deciding the case, and so not for who ruled on it before."""
    if action == "adjudicate":
        return True
    return who.role == "arbiter" and action in _HEARING and case.stage not in _HEARD


def free_for_arbiter(me: str) -> str:
    """A condition on `cases c`: those that the person behind this mark may rule on."""
    return f"NOT ({tied_in_sql(me)} OR {_ruled(me)} OR {_reviewed(me)})"


def free_for_juror(me: str) -> str:
    """A condition on `cases c`: those that the person behind this mark may vote on."""
    return f"NOT ({tied_in_sql(me)} OR {_touched(me)})"


def tied_in_sql(me: str) -> str:
    """A condition on a case or conversation `c`: the person behind this mark is tied to a side."""
    return (
        "EXISTS (SELECT FROM ties t"
        f" WHERE t.person_id = {me} AND t.tied_to IN (c.buyer_id, c.shop_id))"
    )


def _ruled(me: str) -> str:
    """They made a ruling that a side has appealed against, whoever has ruled on it since."""
    return (
        f"(c.state ? 'appeals' AND EXISTS ({_events(me)} AND e.type = 'ruled' AND EXISTS ("
        "SELECT FROM case_events a WHERE a.case_id = c.id AND a.type = 'ruling_appealed'"
        " AND a.version > e.version)))"
    )


def _reviewed(me: str) -> str:
    return f"EXISTS ({_events(me)} AND e.type IN {_REVIEWS})"


def _touched(me: str) -> str:
    return f"EXISTS ({_events(me)})"


def _events(me: str) -> str:
    return f"SELECT FROM case_events e WHERE e.case_id = c.id AND e.person_id = {me}"


_WHY = f"""
SELECT asked.place, {tied_in_sql("asked.me")} AS tied, {_ruled("asked.me")} AS ruled,
       {_reviewed("asked.me")} AS reviewed, {_touched("asked.me")} AS touched
  FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (me, case_id, place)
  JOIN cases c ON c.id = asked.case_id
"""  # noqa: S608 - made of constants


_TIED = f"SELECT {tied_in_sql('$1')} FROM cases c WHERE c.id = $2"  # noqa: S608 - made of constants


async def tie_in(database: Queryable, who: Principal, case_id: UUID) -> Refusal | None:
    """Why somebody of the platform must leave a case alone altogether; None where they need not."""
    if who.kind != "platform" or not await database.fetchval(_TIED, who.person_id, case_id):
        return None
    return Refusal(
        "not_eligible",
        N_("You are tied to one of the sides; somebody else has to decide this case."),
    )


async def _why_many(
    connection: Connection, asked: Sequence[tuple[UUID, UUID]]
) -> "list[Record | None]":
    found: list[Record | None] = [None] * len(asked)
    for row in await connection.fetch(_WHY, *zip(*asked, strict=True)):
        found[row["place"] - 1] = row
    return found


_why = Together(_why_many)


async def conflict_in(database: Queryable, who: Principal, case_id: UUID) -> Refusal | None:
    """Why this person must not decide this case; None where nothing stands against it."""
    row = await _why(database, (who.person_id, case_id))
    if row is None:
        return None
    if row["tied"]:
        said = N_("You are tied to one of the sides; somebody else has to decide this case.")
    elif row["ruled"]:
        said = N_("You made the ruling that is appealed against; somebody else has to hear it.")
    elif row["reviewed"]:
        said = N_("You have reviewed a ruling of this case; somebody else has to rule.")
    elif who.role == "juror" and row["touched"]:
        said = N_("You have had a hand in this case already.")
    else:
        return None
    return Refusal("not_eligible", said)
