"""Papers as evidence: those of the product in the case, put in exactly as an upload would be."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.days import day_of
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, translate
from gongdao.cases.case import Case
from gongdao.cases.commands import FILES_MAX, SubmitEvidenceArgs
from gongdao.cases.store import load_case
from gongdao.files.file import StoredFile
from gongdao.files.store import find_files, insert_file_once
from gongdao.flows.act import Acted, act_on_case, may_see
from gongdao.flows.knowledge.leave import shop_of
from gongdao.flows.knowledge.products import products_of_order
from gongdao.knowledge.paper import EVIDENCE_OF, PAPER_LABELS, Paper
from gongdao.knowledge.paper_store import find_papers, papers_of_products

#: So many papers are offered for a case, and put in at once.
OFFERED_MAX, AT_ONCE_MAX = 100, 10


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A case, and the papers that its shop has of what was bought."""

    case: Case
    number: int
    papers: list[Paper]


async def papers_for_case(database: Queryable, who: Principal, case_id: UUID) -> Offered:
    """The papers of the products in the lines of a case. Raises Refusal not_found."""
    shop_id = shop_of(who)
    stored = await load_case(database, case_id)
    if stored is None or not may_see(who, stored.case):
        raise Refusal("not_found", N_("There is no such case."))
    case = stored.case
    products = await products_of_order(database, shop_id, case.order_id, lines=case.lines)
    papers = (
        await papers_of_products(database, shop_id, products, limit=OFFERED_MAX) if products else []
    )
    return Offered(case=case, number=stored.number, papers=papers)


async def attach_papers(
    pool: Pool,
    who: Principal,
    case_id: UUID,
    paper_ids: Sequence[UUID],
    *,
    locale: Locale = "zh",
    key: str | None = None,
    version: int | None = None,
    now: datetime,
) -> Acted:
    """Put papers in as evidence, one piece each, all of them or none.

    The rules of the case decide as for any upload. Raises Refusal: invalid, not_found (a paper
    that is not of the goods in the case), not_eligible (withdrawn), and those of submit_evidence.
    """
    offered = await papers_for_case(pool, who, case_id)
    wanted = list(dict.fromkeys(paper_ids))
    if not 1 <= len(wanted) <= AT_ONCE_MAX:
        raise Refusal("invalid", N_("Choose 1 to {n} papers."), n=AT_ONCE_MAX)
    known = {paper.id: paper for paper in offered.papers}
    await _refuse_withdrawn(pool, who, [each for each in wanted if each not in known])
    steps = [await _piece(pool, who, known[each], locale, now) for each in wanted]
    *before, last = [("submit_evidence", args) for args in steps]
    return await act_on_case(
        pool, who, case_id, *last, now=now, before=before, version=version, key=key
    )


async def _refuse_withdrawn(pool: Pool, who: Principal, unknown: Sequence[UUID]) -> None:
    if not unknown:
        return
    found = await find_papers(pool, unknown, shop_id=shop_of(who))
    if any(paper.withdrawn_at for paper in found.values()):
        raise Refusal("not_eligible", N_("One of the papers was withdrawn."))
    raise Refusal("not_found", N_("One of the papers is not of the goods in this case."))


async def _piece(
    pool: Pool, who: Principal, paper: Paper, locale: Locale, now: datetime
) -> SubmitEvidenceArgs:
    files = await find_files(pool, paper.file_ids)
    own = [
        await _own_copy(pool, who, files[each], now)
        for each in paper.file_ids[:FILES_MAX]
        if each in files
    ]
    return SubmitEvidenceArgs(
        kind=EVIDENCE_OF[paper.kind], note=describe(paper, locale, now), files=own
    )


async def _own_copy(pool: Pool, who: Principal, file: StoredFile, now: datetime) -> UUID:
    """The same content as an upload of the one who acts: evidence is what somebody brought."""
    if file.uploaded_by == who.person_id:
        return file.id
    own = msgspec.structs.replace(
        file, id=uuid5(file.id, who.person_id.hex), uploaded_by=who.person_id, created_at=now
    )
    await insert_file_once(pool, own)
    return own.id


def describe(paper: Paper, locale: Locale, now: datetime) -> str:
    """What a paper shows, in a sentence for the case."""
    parts = [f"{translate(locale, PAPER_LABELS[paper.kind])}：{paper.title}", paper.supplier]
    if paper.batch:
        parts.append(translate(locale, N_("batch {batch}"), {"batch": paper.batch}))
    if paper.kind == "inspection":
        parts.append(
            translate(
                locale,
                N_("{sampled} of {quantity} looked at ({ratio} %), {failed} failed"),
                {"sampled": paper.sampled or 0, "quantity": paper.quantity or 0,
                 "ratio": f"{paper.ratio or 0:g}", "failed": paper.failed or 0},
            )
        )  # fmt: skip
    if paper.valid_until:
        over = paper.standing(day_of(now)) == "over"
        said = N_("ended {day}") if over else N_("valid until {day}")
        parts.append(translate(locale, said, {"day": paper.valid_until.isoformat()}))
    return ("；" if locale == "zh" else "; ").join(part for part in parts if part)
