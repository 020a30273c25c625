"""Mass cases.

Who: an arbiter before a hundred cases of one broken batch. Question: which of them are the same?
Next: rule on one after looking at its proof, and apply that to the others that were chosen; what
refuses is told case by case, and is then ruled on by itself.
"""

import re
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.act import pack_of
from gongdao.flows.rule_many import CASES_MAX, Chosen, rule_many
from gongdao.web.platform.case_pages import BEARERS, LIABILITIES
from gongdao.web.platform.forms import asked_for, read_ruling, require_leave, text_of
from gongdao.web.platform.mass_reads import list_clusters, list_members
from gongdao.web.shell import page

_JUDGES = [kind("platform"), may("case.read"), may("case.judge")]
_CHOSEN = re.compile(r"([0-9a-f-]{36}):(\d{1,9})")


@get("/platform/clusters", guards=_JUDGES, include_in_schema=False)
async def show_clusters(request: Asked) -> Response[str]:
    """Where many buyers have the same trouble with one shop."""
    clusters = await list_clusters(request.app.state.pool, now=utc_now())
    return page(request, "platform/clusters.html", clusters=clusters)


@get("/platform/clusters/{shop_id:uuid}", guards=_JUDGES, include_in_schema=False)
async def show_cluster(
    request: Asked,
    shop_id: FromPath[UUID],
    procedure: FromQuery[str] = "",
    about: FromQuery[str] = "",
    product: FromQuery[str] = "",
) -> Response[str]:
    """The cases of one cluster, and one ruling for those that are chosen."""
    members = await list_members(
        request.app.state.pool,
        shop_id=shop_id,
        procedure=asked_for(procedure),
        kind=asked_for(about),
        product=product[:500],
        now=utc_now(),
    )
    if not members:
        raise Refusal("not_found", N_("No case of this kind waits for a ruling any more."))
    first = members[0].case
    return page(
        request,
        "platform/cluster.html",
        members=members,
        first=first,
        product=product,
        remedies=pack_of(first).kinds[first.procedure, first.kind].remedies,
        liabilities=LIABILITIES,
        bearers=BEARERS,
        most=CASES_MAX,
    )


@post(
    "/platform/clusters/{shop_id:uuid}/rule",
    guards=_JUDGES,
    status_code=200,
    include_in_schema=False,
)
async def take_rulings(request: Asked, shop_id: FromPath[UUID]) -> Response[str]:
    """Apply one ruling to the chosen cases, and tell of each what became of it."""
    who = principal_of(request)
    require_leave(who, "adjudicate")
    form = await request.form()
    args, key = read_ruling(form), text_of(form, "idempotency_key")
    if args is None or not key:
        raise Refusal("invalid", N_("Choose who is liable and what is done about it."))
    results = await rule_many(
        request.app.state.pool, who, _chosen(form.getall("case", [])), args, key=key, now=utc_now()
    )
    return page(request, "platform/cluster_ruled.html", results=results)


def _chosen(texts: list[Any]) -> list[Chosen]:
    """What was ticked: each case with the version that was shown."""
    found = [_CHOSEN.fullmatch(text) for text in texts if isinstance(text, str)]
    return [
        Chosen(case_id=UUID(each[1]), version=int(each[2])) for each in found if each is not None
    ]


mass_routes = [show_clusters, show_cluster, take_rulings]
