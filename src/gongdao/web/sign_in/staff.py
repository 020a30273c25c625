"""The staff of a shop, and the same page for the platform: roles and accounts."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts import staff
from gongdao.accounts.gate import Asked, in_session, kind, may, principal_of
from gongdao.accounts.principal import (
    PERMISSIONS,
    PLATFORM_ROLES,
    Permission,
    Permit,
    Principal,
    permissions_of,
)
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, say_refusal
from gongdao.base.ids import new_id
from gongdao.web.shell import locale_of, page
from gongdao.web.sign_in.forms import Form, read_form

_DONE = {
    "role": N_("The role is there. You can give it to an account now."),
    "person": N_("The account is there. Tell your colleague the sign-in name and password."),
    "disabled": N_("The account is disabled and signed out everywhere."),
    "enabled": N_("The account may sign in again."),
    "assigned": N_("The account has its new role."),
    "password": N_("The password is set, and the account is signed out everywhere."),
}


@get("/staff", include_in_schema=False)
async def show_staff(request: Asked, done: FromQuery[str] = "") -> Response[Any]:
    """Roles and accounts of one's own house."""
    return await _staff_page(request, done=_DONE.get(done, ""))


@post("/staff/roles", include_in_schema=False)
async def take_role(request: Asked) -> Response[Any]:
    """Make a role."""
    form = await read_form(request)
    return await _done_or_said(request, _create_role(request, form), "role", form)


async def _create_role(request: Asked, form: Form) -> None:
    duty = form.text("duty")
    await staff.create_role(
        request.app.state.pool,
        principal_of(request),
        role_id=new_id(),
        name=form.text("role_name"),
        permissions=form.permissions,
        money_limit_fen=form.fen_or_none("money_limit"),
        duty=duty if duty in PLATFORM_ROLES else None,
        now=utc_now(),
    )


@post("/staff/people", include_in_schema=False)
async def take_person(request: Asked) -> Response[Any]:
    """Make an account with a role."""
    form = await read_form(request)
    return await _done_or_said(request, _create_person(request, form), "person", form)


async def _create_person(request: Asked, form: Form) -> None:
    await staff.create_sub_account(
        request.app.state.pool,
        principal_of(request),
        person_id=new_id(),
        sign_in_name=form.text("sign_in_name"),
        name=form.text("name"),
        role_id=form.id("role_id"),
        password=form.text("password"),
        now=utc_now(),
    )


@post("/staff/people/{person_id:uuid}/disable", include_in_schema=False)
async def take_disable(request: Asked, person_id: FromPath[UUID]) -> Response[Any]:
    """Lock a colleague out."""
    change = staff.disable_person(
        request.app.state.pool, principal_of(request), person_id, now=utc_now()
    )
    return await _done_or_said(request, change, "disabled")


@post("/staff/people/{person_id:uuid}/enable", include_in_schema=False)
async def take_enable(request: Asked, person_id: FromPath[UUID]) -> Response[Any]:
    """Let a colleague in again."""
    change = staff.enable_person(request.app.state.pool, principal_of(request), person_id)
    return await _done_or_said(request, change, "enabled")


@post("/staff/people/{person_id:uuid}/role", include_in_schema=False)
async def take_assignment(request: Asked, person_id: FromPath[UUID]) -> Response[Any]:
    """Give a colleague another role."""
    form = await read_form(request)
    return await _done_or_said(request, _assign(request, person_id, form), "assigned")


async def _assign(request: Asked, person_id: UUID, form: Form) -> None:
    await staff.assign_role(
        request.app.state.pool, principal_of(request), person_id, role_id=form.id("role_id")
    )


@post("/staff/people/{person_id:uuid}/password", include_in_schema=False)
async def take_new_password(request: Asked, person_id: FromPath[UUID]) -> Response[Any]:
    """Set a password for a colleague who forgot theirs."""
    form = await read_form(request)
    change = staff.reset_password(
        request.app.state.pool, principal_of(request), person_id, password=form.text("password")
    )
    return await _done_or_said(request, change, "password")


async def _done_or_said(
    request: Asked, change: Awaitable[None], done: str, form: Form | None = None
) -> Response[Any]:
    try:
        await change
    except Refusal as refusal:
        return await _staff_page(request, refusal=refusal, form=form)
    home = f"/{principal_of(request).kind}/staff"
    return Redirect(home, query_params={"done": done}, status_code=303)


async def _staff_page(
    request: Asked, *, done: str = "", refusal: Refusal | None = None, form: Form | None = None
) -> Response[Any]:
    principal, pool = principal_of(request), request.app.state.pool
    said = (refusal.code, say_refusal(locale_of(request), refusal)) if refusal else None
    return page(
        request,
        "sign_in/staff.html",
        status_code=refusal.status if refusal else 200,
        done=done,
        refusal=said,
        typed=form or Form({}, []),
        me=principal,
        home=f"/{principal.kind}/staff",
        roles=await staff.list_roles(pool, principal),
        people=await staff.list_colleagues(pool, principal),
        duties=list(PLATFORM_ROLES) if principal.kind == "platform" else [],
        groups=_grantable(principal),
        labels={key: each.label for key, each in PERMISSIONS.items()},
    )


def _grantable(principal: Principal) -> dict[str, list[tuple[Permit, Permission]]]:
    """What this person may hand out, in the groups of the list."""
    mine = permissions_of("platform") if principal.kind == "platform" else principal.permissions
    groups: dict[str, list[tuple[Permit, Permission]]] = {}
    for key, each in PERMISSIONS.items():
        if key in mine:
            groups.setdefault(each.group, []).append((key, each))
    return groups


def staff_routes() -> list[Router]:
    """The same pages for both kinds of house, each at its own address."""
    pages = [
        show_staff,
        take_role,
        take_person,
        take_disable,
        take_enable,
        take_assignment,
        take_new_password,
    ]
    manage = may("staff.manage")
    return [
        Router("/shop", guards=[in_session, kind("shop"), manage], route_handlers=pages),
        Router("/platform", guards=[in_session, kind("platform"), manage], route_handlers=pages),
    ]
