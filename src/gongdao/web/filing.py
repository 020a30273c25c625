"""Which kinds of case a side can file on an order, by the rule book."""

from gongdao.policy.pack import Kind, Pack
from gongdao.policy.words import Procedure, Role


def kinds_for(pack: Pack, procedure: Procedure, role: Role) -> list[Kind]:
    """The kinds of a procedure that a role files; none where the pack has no such procedure."""
    rule = pack.procedures.get(procedure)
    if rule is None:
        return []
    return [kind for kind in rule.kind if role in (kind.opened_by or rule.opened_by)]
