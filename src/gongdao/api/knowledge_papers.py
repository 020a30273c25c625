"""Papers of goods and suppliers, and papers as evidence in a case."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.accounts.principal import Principal
from gongdao.api.headers import Key
from gongdao.api.knowledge import EDITS, READS, TAGS, After, Limit
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of
from gongdao.base.db import Pool
from gongdao.flows.knowledge import papers as desk
from gongdao.flows.knowledge.prove import AT_ONCE_MAX, attach_papers, papers_for_case
from gongdao.knowledge.paper import EVIDENCE_OF, Paper, PaperKind, PaperWritten, Result
from gongdao.policy.words import EvidenceKind

_Papers = Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=AT_ONCE_MAX)]


class PaperFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a paper, with the hash of its bytes as stored."""

    id: UUID
    name: str
    media_type: str
    sha256: str


class PaperShown(msgspec.Struct, frozen=True, kw_only=True):
    """A paper; `ratio`: what part of the batch was looked at, in percent."""

    id: UUID
    kind: PaperKind
    title: str
    supplier: str
    products: tuple[UUID, ...]
    batch: str
    quantity: int | None
    sampled: int | None
    failed: int | None
    ratio: float | None
    result: Result | None
    issued_on: date | None
    valid_until: date | None
    standing: Literal["valid", "ending", "over", "withdrawn"]
    evidence_kind: EvidenceKind
    note: str
    filed_at: datetime
    files: list[PaperFile]


class PapersPage(msgspec.Struct, frozen=True, kw_only=True):
    """Papers, the newest first; `after` is where the next page begins."""

    papers: list[PaperShown]
    after: str | None


class PaperBody(PaperWritten, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A paper as somebody files it; its files were sent before."""


class AttachBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which papers go into the case, one piece of evidence each."""

    papers: _Papers


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """The case has them; `repeated`: it had, under this key."""

    case: UUID
    version: int
    evidence: int
    repeated: bool


@get("/knowledge/papers", guards=[READS], summary="Papers of goods", tags=TAGS)
async def read_papers(
    request: Asked,
    kind: FromQuery[PaperKind | None] = None,
    product: FromQuery[UUID | None] = None,
    ends_soon: FromQuery[bool] = False,
    after: After = "",
    limit: Limit = 50,
) -> PapersPage:
    """Purchase papers, authorisations and inspections; those that end within 30 days."""
    who, pool = principal_of(request), request.app.state.pool
    listed = await desk.browse_papers(
        pool, who, kind=kind, product_id=product, ends_soon=ends_soon, after=after, limit=limit,
        now=utc_now(),
    )  # fmt: skip
    return PapersPage(papers=await _shown(pool, listed.papers), after=listed.after)


@post("/knowledge/papers", guards=[EDITS], summary="File a paper", tags=TAGS)
async def file_paper(request: Asked, data: JSONBody[PaperBody], key: Key = None) -> PaperShown:
    """Keep a paper with its files; the parts of an inspection have to fit each other."""
    pool = request.app.state.pool
    paper = await desk.file_paper(pool, principal_of(request), data, key=key, now=utc_now())
    return (await _shown(pool, [paper]))[0]


@get("/knowledge/papers/{paper_id:uuid}", guards=[READS], summary="One paper", tags=TAGS)
async def read_paper(request: Asked, paper_id: FromPath[UUID]) -> PaperShown:
    """A paper with its files and their hashes."""
    return await _one(request.app.state.pool, principal_of(request), paper_id)


@post(
    "/knowledge/papers/{paper_id:uuid}/withdrawal",
    guards=[EDITS], summary="Withdraw it", tags=TAGS, status_code=200,
)  # fmt: skip
async def withdraw_paper(request: Asked, paper_id: FromPath[UUID]) -> PaperShown:
    """Take a paper out of use; it stays to be seen."""
    who, pool = principal_of(request), request.app.state.pool
    await desk.withdraw(pool, who, paper_id, now=utc_now())
    return await _one(pool, who, paper_id)


@get(
    "/cases/{case_id:uuid}/papers",
    guards=[READS, may("case.read")], summary="Papers of its goods", tags=TAGS,
)  # fmt: skip
async def read_papers_of_case(request: Asked, case_id: FromPath[UUID]) -> PapersPage:
    """The shop's papers of what was bought, to be put in as evidence."""
    pool = request.app.state.pool
    offered = await papers_for_case(pool, principal_of(request), case_id)
    return PapersPage(papers=await _shown(pool, offered.papers), after=None)


@post(
    "/cases/{case_id:uuid}/papers",
    guards=[READS, may("case.answer")],
    summary="Put papers in as evidence", tags=TAGS, status_code=200,
)  # fmt: skip
async def attach_papers_to_case(
    request: Asked, case_id: FromPath[UUID], data: JSONBody[AttachBody], key: Key = None
) -> Attached:
    """Each paper is a piece of evidence, exactly as an upload would be; all or none."""
    acted = await attach_papers(
        request.app.state.pool, principal_of(request), case_id, data.papers,
        locale=locale_of(request), key=key, now=utc_now(),
    )  # fmt: skip
    case = acted.case
    return Attached(
        case=case.id, version=case.version, evidence=len(case.evidence), repeated=acted.again
    )


async def _one(pool: Pool, who: Principal, paper_id: UUID) -> PaperShown:
    return (await _shown(pool, [await desk.see_paper(pool, who, paper_id)]))[0]


async def _shown(pool: Pool, papers: list[Paper]) -> list[PaperShown]:
    files = await desk.files_of_papers(pool, papers)
    today = day_of(utc_now())
    return [
        PaperShown(
            id=one.id, kind=one.kind, title=one.title, supplier=one.supplier,
            products=one.product_ids, batch=one.batch, quantity=one.quantity,
            sampled=one.sampled, failed=one.failed, ratio=one.ratio, result=one.result,
            issued_on=one.issued_on, valid_until=one.valid_until,
            standing=one.standing(today), evidence_kind=EVIDENCE_OF[one.kind], note=one.note,
            filed_at=one.at,
            files=[
                PaperFile(id=f.id, name=f.original_name, media_type=f.media_type,
                          sha256=f.sha256.hex())
                for f in (files[each] for each in one.file_ids if each in files)
            ],
        )
        for one in papers
    ]  # fmt: skip


routes = [
    read_papers, file_paper, read_paper, withdraw_paper, read_papers_of_case,
    attach_papers_to_case,
]  # fmt: skip
