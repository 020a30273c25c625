"""Who reaches what a shop knows: its people read, its leads write."""

from typing import Any

from gongdao.base.ids import new_id

_READERS = frozenset({"owner", "agent", "foreign owner"})
_EDITORS = frozenset({"owner", "foreign owner"})

KNOWLEDGE_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    # Beside a conversation of the first shop.
    (frozenset({"owner", "agent"}), "GET /desk/talks/{conversation_id}/knowledge"),
    (
        _READERS,
        """
        GET /shop/knowledge, GET /shop/knowledge/export.csv, GET /shop/knowledge/gaps
        GET /shop/knowledge/trainings
        GET /shop/knowledge/papers
        GET /api/v1/knowledge/articles, GET /api/v1/knowledge/answers, GET /api/v1/knowledge/export
        GET /api/v1/knowledge/gaps, POST /api/v1/knowledge/gaps, GET /api/v1/knowledge/trainings
        GET /api/v1/knowledge/papers
        """,
    ),
    (
        _EDITORS,
        """
        GET /shop/knowledge/articles/new, POST /shop/knowledge/articles, POST /shop/knowledge/import
        GET /shop/knowledge/trainings/new, POST /shop/knowledge/trainings
        GET /shop/knowledge/papers/new, POST /shop/knowledge/papers
        POST /api/v1/knowledge/articles, POST /api/v1/knowledge/import
        POST /api/v1/knowledge/trainings, POST /api/v1/knowledge/papers
        """,
    ),
    # Those of the shop of the case.
    (
        frozenset({"owner", "agent"}),
        """
        GET /shop/cases/{case_id}/papers, POST /shop/cases/{case_id}/papers
        GET /api/v1/cases/{case_id}/papers
        """,
    ),
    # Of articles, questions, trainings, papers and talks that are not there.
    (
        frozenset(),
        """
        GET /shop/knowledge/articles/{article_id}, GET /shop/knowledge/articles/{article_id}/edit
        POST /shop/knowledge/articles/{article_id}, POST /shop/knowledge/articles/{article_id}/state
        POST /shop/knowledge/articles/{article_id}/restore
        GET /shop/knowledge/gaps/{gap_id}, POST /shop/knowledge/gaps/{gap_id}/assign
        POST /shop/knowledge/gaps/{gap_id}/answer, POST /shop/knowledge/gaps/{gap_id}/dismiss
        POST /shop/knowledge/gaps/{gap_id}/tell
        GET /shop/knowledge/trainings/{training_id}
        GET /shop/knowledge/trainings/{training_id}/edit
        POST /shop/knowledge/trainings/{training_id}
        POST /shop/knowledge/trainings/{training_id}/quiz
        POST /shop/knowledge/papers/{paper_id}/withdraw
        GET /api/v1/knowledge/articles/{article_id}, PUT /api/v1/knowledge/articles/{article_id}
        GET /api/v1/knowledge/articles/{article_id}/versions
        POST /api/v1/knowledge/articles/{article_id}/restore
        POST /api/v1/knowledge/articles/{article_id}/size
        GET /api/v1/knowledge/gaps/{gap_id}, PUT /api/v1/knowledge/gaps/{gap_id}/assignee
        PUT /api/v1/knowledge/gaps/{gap_id}/answer, POST /api/v1/knowledge/gaps/{gap_id}/tellings
        GET /api/v1/knowledge/trainings/{training_id}
        PUT /api/v1/knowledge/trainings/{training_id}
        POST /api/v1/knowledge/trainings/{training_id}/attempts
        GET /api/v1/knowledge/papers/{paper_id}
        POST /api/v1/knowledge/papers/{paper_id}/withdrawal, POST /api/v1/cases/{case_id}/papers
        """,
    ),
)
KNOWLEDGE_BODIES: dict[str, Any] = {
    "/api/v1/knowledge/articles": {"kind": "answer", "title": "x", "body": {"text": "x"}},
    "/api/v1/knowledge/articles/{article_id}/restore": {"restore": 1, "version": 1},
    "/api/v1/knowledge/articles/{article_id}/size": {"measures": {"x": 1}},
    "/api/v1/knowledge/gaps": {"searched": "x"},
    "/api/v1/knowledge/gaps/{gap_id}/tellings": {"asking": str(new_id())},
    "/api/v1/knowledge/trainings": {
        "title": "x", "body": "x", "quiz": [{"prompt": "x", "choices": ["a", "b"], "right": [0]}],
    },
    "/api/v1/knowledge/trainings/{training_id}/attempts": {"answers": [[0]], "version": 1},
    "/api/v1/knowledge/papers": {
        "kind": "purchase", "title": "x", "supplier": "x", "product_ids": [], "file_ids": [],
    },
    "/api/v1/cases/{case_id}/papers": {"papers": [str(new_id())]},
}  # fmt: skip
