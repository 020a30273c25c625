"""Evidence is bounded for each side of a case, by its files as by its pieces."""

from uuid import UUID

import msgspec
import pytest

from gongdao.base.errors import Refusal
from gongdao.base.i18n import LOCALES, say_refusal
from gongdao.cases import commands as c
from gongdao.cases.case import Evidence
from gongdao.files.limits import CASE_SIDE_FILES_MAX

from .world import NOW, act, case_at


def test_a_side_adds_so_many_files_to_a_case_and_no_more() -> None:
    files = tuple(UUID(int=n + 1) for n in range(CASE_SIDE_FILES_MAX))
    full = Evidence(number=1, kind="photo_of_item", by="buyer", at=NOW, file_ids=files)
    case = msgspec.structs.replace(
        case_at("after_sale", "refund_only", "seller_review"), evidence=(full,)
    )
    one_more = c.SubmitEvidenceArgs(kind="photo_of_item", files=[UUID(int=1)])
    with pytest.raises(Refusal) as caught:
        act(case, "submit_evidence", "buyer", one_more)
    assert caught.value.code == "too_large"
    assert len({say_refusal(locale, caught.value) for locale in LOCALES}) == 2
    without = c.SubmitEvidenceArgs(kind="statement", note="no file")
    assert len(act(case, "submit_evidence", "buyer", without).case.evidence) == 2
    emptier = msgspec.structs.replace(case, evidence=(msgspec.structs.replace(full, by="seller"),))
    with pytest.raises(Refusal) as unknown:
        act(emptier, "submit_evidence", "buyer", one_more)
    assert unknown.value.code == "not_found", "there is room; the file is not theirs"
