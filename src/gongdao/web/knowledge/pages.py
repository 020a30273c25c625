"""All pages of knowledge, gathered."""

from typing import Any

from gongdao.web.knowledge.articles import article_routes
from gongdao.web.knowledge.beside import beside_routes
from gongdao.web.knowledge.gaps import gap_routes
from gongdao.web.knowledge.papers import paper_routes
from gongdao.web.knowledge.trainings import training_routes

routes: list[Any] = [
    *article_routes, *gap_routes, *training_routes, *paper_routes, *beside_routes,
]  # fmt: skip
