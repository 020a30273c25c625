"""Who reaches the pages and the API of a shop's team."""

_TEAM = frozenset({"owner", "agent", "foreign owner"})
_LEADS = frozenset({"owner", "foreign owner"})

TEAM_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        _TEAM,
        """
        GET /shop/team, GET /shop/team/me, GET /shop/team/book, GET /shop/team/report
        GET /shop/team/commission, GET /shop/team/commission/month.csv, GET /shop/team/fund
        GET /shop/team/rules, POST /shop/team/me/memos, POST /shop/team/leaves
        POST /shop/team/swaps, POST /shop/team/book, POST /shop/team/report/words
        GET /api/v1/team/rota, GET /api/v1/team/requests, GET /api/v1/team/books
        GET /api/v1/team/books/open, GET /api/v1/team/memos, GET /api/v1/team/commission
        GET /api/v1/team/marks, GET /api/v1/team/fund, GET /api/v1/team/rules
        POST /api/v1/team/leaves, POST /api/v1/team/swaps, POST /api/v1/team/books
        POST /api/v1/team/memos
        """,
    ),
    (
        _LEADS,
        """
        GET /shop/team/requests, GET /shop/team/people, GET /shop/team/settings
        POST /shop/team/shifts, POST /shop/team/report, POST /shop/team/commission/closing
        POST /shop/team/rules, POST /shop/team/fund, POST /shop/team/fund/corrections
        POST /shop/team/mentorings, POST /api/v1/team/shifts, POST /api/v1/team/report
        POST /api/v1/team/commission/closing, POST /api/v1/team/marks, POST /api/v1/team/fund
        POST /api/v1/team/fund/corrections, POST /api/v1/team/mentorings
        PUT /api/v1/team/rules/shifts, PUT /api/v1/team/rules/commission
        PUT /api/v1/team/rules/house
        """,
    ),
    # Of shifts, requests, lines, memos, entries, people and reports that are not there.
    (
        frozenset(),
        """
        POST /shop/team/shifts/{shift_id}/cancel, POST /shop/team/leaves/{leave_id}/decision
        POST /shop/team/leaves/{leave_id}/withdrawal, POST /shop/team/swaps/{swap_id}/answer
        POST /shop/team/swaps/{swap_id}/decision, POST /shop/team/swaps/{swap_id}/withdrawal
        POST /shop/team/me/memos/{memo_id}/done, POST /shop/team/me/memos/{memo_id}/open
        POST /shop/team/me/memos/{memo_id}/drop, POST /shop/team/book/lines/{line_id}/acceptance
        POST /shop/team/book/lines/{line_id}/question, POST /shop/team/book/lines/{line_id}/answer
        GET /shop/team/people/{person_id}, POST /shop/team/people/{person_id}/profile
        POST /shop/team/people/{person_id}/trainings
        POST /shop/team/mentorings/{mentoring_id}/passed
        POST /shop/team/rules/{mark_id}/contest, POST /shop/team/rules/{mark_id}/decision
        POST /shop/team/settings/{what}, DELETE /api/v1/team/shifts/{shift_id}
        POST /api/v1/team/leaves/{leave_id}/decision, DELETE /api/v1/team/leaves/{leave_id}
        POST /api/v1/team/swaps/{swap_id}/answer, POST /api/v1/team/swaps/{swap_id}/decision
        DELETE /api/v1/team/swaps/{swap_id}, POST /api/v1/team/lines/{line_id}/acceptance
        POST /api/v1/team/lines/{line_id}/question, POST /api/v1/team/lines/{line_id}/answer
        POST /api/v1/team/memos/{memo_id}/done, DELETE /api/v1/team/memos/{memo_id}
        GET /api/v1/team/report, POST /api/v1/team/marks/{mark_id}/contest
        POST /api/v1/team/marks/{mark_id}/decision, GET /api/v1/team/people/{person_id}
        PUT /api/v1/team/people/{person_id}, POST /api/v1/team/people/{person_id}/trainings
        """,
    ),
)
