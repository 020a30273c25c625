"""The people of the team: what they bring along, what they were trained on, who brings up whom."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.staff import people
from gongdao.staff.days import day_of
from gongdao.web.shell import page
from gongdao.web.staff.forms import read_form
from gongdao.web.staff.rota_page import LEADS, MATES
from gongdao.web.staff.words import EDUCATIONS

_PEOPLE = "/shop/team/people"


@get(_PEOPLE, guards=LEADS, include_in_schema=False)
async def show_people(request: Asked) -> Response[str]:
    """Everybody, with years and education, and who brings up whom."""
    now = utc_now()
    team, profiles, mentorings = await people.see_people(
        request.app.state.pool, principal_of(request)
    )
    today = day_of(now)
    return page(
        request,
        "staff/people.html",
        people=team,
        profiles=profiles,
        years={key: profile.years(today) for key, profile in profiles.items()},
        mentorings=mentorings,
        team={mate.id: mate for mate in team},
        educations=EDUCATIONS,
        today=today,
        new_id=new_id(),
    )


@get(f"{_PEOPLE}/{{person_id:uuid}}", guards=MATES, include_in_schema=False)
async def show_person(request: Asked, person_id: FromPath[UUID]) -> Response[str]:
    """One of them: a lead sees everybody, others themselves."""
    now, who = utc_now(), principal_of(request)
    person = await people.see_person(request.app.state.pool, who, person_id, now=now)
    return page(
        request,
        "staff/person.html",
        person=person,
        educations=EDUCATIONS,
        today=day_of(now),
        new_id=new_id(),
    )


@post(f"{_PEOPLE}/{{person_id:uuid}}/profile", guards=LEADS, include_in_schema=False)
async def take_profile(request: Asked, person_id: FromPath[UUID]) -> Redirect:
    """Keep the qualifications."""
    args = await read_form(request, people.ProfileArgs)
    pool, who = request.app.state.pool, principal_of(request)
    await people.save_profile(pool, who, person_id, args, now=utc_now())
    return Redirect(f"{_PEOPLE}/{person_id}", status_code=303)


@post(f"{_PEOPLE}/{{person_id:uuid}}/trainings", guards=MATES, include_in_schema=False)
async def take_training(request: Asked, person_id: FromPath[UUID]) -> Redirect:
    """Note a training."""
    args = await read_form(request, people.TrainingArgs)
    pool, who = request.app.state.pool, principal_of(request)
    await people.note_training(pool, who, person_id, args, now=utc_now())
    return Redirect(f"{_PEOPLE}/{person_id}", status_code=303)


@post("/shop/team/mentorings", guards=LEADS, include_in_schema=False)
async def take_mentoring(request: Asked) -> Redirect:
    """Let one bring up another."""
    args = await read_form(request, people.MentorArgs)
    await people.begin_mentoring(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(f"{_PEOPLE}#mentors", status_code=303)


@post("/shop/team/mentorings/{mentoring_id:uuid}/passed", guards=LEADS, include_in_schema=False)
async def take_passed(request: Asked, mentoring_id: FromPath[UUID]) -> Redirect:
    """The trainee works alone."""
    args = await read_form(request, people.PassedArgs)
    pool, who = request.app.state.pool, principal_of(request)
    await people.end_mentoring(pool, who, mentoring_id, args, now=utc_now())
    return Redirect(f"{_PEOPLE}#mentors", status_code=303)


people_routes: list[Any] = [
    show_people, show_person, take_profile, take_training, take_mentoring, take_passed,
]  # fmt: skip
