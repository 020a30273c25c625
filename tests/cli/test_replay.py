"""gongdao replay and gongdao policy, as a person or a script calls them."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gongdao.cli.app import make_app
from gongdao.policy.load import PACKS

EXAMPLES = PACKS / "taobao-classic" / "1" / "examples"
FRIDGE = EXAMPLES / "case-04-fridge-975.toml"


def run(*args: object) -> Result:
    return CliRunner().invoke(make_app(str(args[0])), [str(arg) for arg in args])


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "Ruled: Seller; Return and refund; 3655.00 yuan."), ("zh", "共 3655.00 元")],
)
def test_a_story_is_told(lang: str, said: str) -> None:
    result = run("replay", FRIDGE, "--lang", lang)
    assert result.exit_code == 0
    for part in (said, "2016-05-18 10:00", "LAW-24", "3655.00", "975.00"):
        assert part in result.stdout


def test_refusals_are_told_with_code_and_sentence() -> None:
    result = run("replay", EXAMPLES / "case-15-signed-is-no-defence.toml", "--lang", "en")
    assert "evidence_required - “Signed” alone is no ground to refuse" in result.stdout


def test_a_document() -> None:
    result = run("replay", FRIDGE, "--json", "--lang", "en")
    told = json.loads(result.stdout)
    assert told["held"] is True
    case = told["cases"][0]
    assert case["amounts"] == {"refund": "2680.00", "freight": "975.00", "total": "3655.00"}
    assert case["paid_from"] == {"balance": "3655.00"}
    assert told["money"]["balance"] == "4025.00"
    assert {reason["id"] for reason in told["reasons"]} >= set(case["cites"])
    assert told["timeline"][0]["at"].endswith("+08:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    shutil.copy(FRIDGE, tmp_path / "in" / "good.toml")
    return tmp_path


def test_a_folder(folder: Path) -> None:
    assert run("replay", folder).exit_code == 0
    text = FRIDGE.read_text("utf-8").replace('freight = "975.00"', 'freight = "974.00"')
    (folder / "failed.toml").write_text(text, "utf-8")
    (folder / "broken.toml").write_text("title = 1\n", "utf-8")
    result = run("replay", folder, "--lang", "en")
    assert result.exit_code == 1
    assert "1 of 3 stories held." in result.stdout
    # However narrow the terminal is, each thing that did not hold is a line of its own.
    assert "✗ failed.toml:111: amounts.freight: expected 974.00, is 975.00" in result.stdout
    assert "✗ broken.toml:1: " in result.stdout
    told = json.loads(run("replay", folder, "--json").stdout)["stories"]
    assert [(story["file"], story.get("held", False)) for story in told] == [
        ("broken.toml", False),
        ("failed.toml", False),
        ("in/good.toml", True),
    ]


def test_what_is_no_scenario_is_passed_over_and_named(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\n', "utf-8")
    (folder / "in" / "torn.toml").write_text("[order\n", "utf-8")
    (folder / "in" / "empty.toml").write_text("", "utf-8")
    result = run("replay", folder, "--lang", "en")
    assert result.exit_code == 1
    assert "Passed over, no scenario files (1): pyproject.toml" in result.stdout
    # Whatever cannot be read, or says nothing yet, may have been meant as one.
    assert "✗ in/torn.toml:1: " in result.stdout and "✗ in/empty.toml:1: " in result.stdout
    assert "1 of 3 stories held." in result.stdout
    told = json.loads(run("replay", folder, "--json").stdout)["stories"]
    assert "pyproject.toml" not in [story["file"] for story in told]
    judged = run("whatif", "--pack", "jd-2025", "--folder", folder)
    assert judged.exit_code == 2 and "in/empty.toml:1: " in judged.stderr
    (folder / "in" / "torn.toml").unlink()
    (folder / "in" / "empty.toml").unlink()
    assert run("replay", folder).exit_code == 0
    assert run("whatif", "--pack", "jd-2025", "--folder", folder).exit_code == 0
    (folder / "in" / "good.toml").unlink()
    assert "no scenario file" in run("replay", folder).stderr


def test_exit_codes(folder: Path) -> None:
    text = FRIDGE.read_text("utf-8")
    wrong = folder / "wrong.toml"
    wrong.write_text(text.replace('"975.00"', '"974.00"'), "utf-8")
    failed = run("replay", wrong, "--lang", "en")
    assert failed.exit_code == 1
    assert "amounts.freight: expected 974.00, is 975.00" in failed.stdout
    wrong.write_text(text.replace("[shop]", "[shops]"), "utf-8")
    broken = run("replay", wrong)
    assert broken.exit_code == 2
    assert "wrong.toml:11: shops: unknown key; allowed are: title, pack" in broken.stderr
    assert run("replay", folder / "missing.toml").exit_code == 2
    assert run("replay", FRIDGE, "--pack", "nope").exit_code == 2
    assert run("replay", FRIDGE, "--lang", "fr").exit_code == 2
    (folder / "empty").mkdir()
    assert run("replay", folder / "empty").exit_code == 2


def test_another_pack_judges_the_same_story() -> None:
    assert run("replay", FRIDGE, "--pack", "taobao-classic@1").exit_code == 0
    assert run("replay", FRIDGE, "--pack", "cn-law").exit_code == 1


def test_packs_are_listed_and_checked() -> None:
    assert "taobao-classic@1" in run("policy", "list").stdout
    assert run("policy", "check", "taobao-classic").exit_code == 0
    assert run("policy", "check", PACKS / "cn-law" / "1").exit_code == 0
    assert run("policy", "check", "nope").exit_code == 2


def test_packs_are_drawn() -> None:
    table = run("policy", "show", "taobao-classic", "--lang", "en").stdout
    assert "## After-sale request" in table and "| U-LEGACY-30 | " in table
    assert run("policy", "show", PACKS / "cn-law" / "1", "--lang", "en").stdout.startswith("# ")
    one = run("policy", "show", "taobao-classic", "--procedure", "report", "--lang", "en").stdout
    assert "## Report" in one and "| U-LEGACY-30 | " not in one
    assert (
        "stateDiagram-v2" in run("policy", "show", "taobao-classic", "--format", "mermaid").stdout
    )
    svg = run("policy", "show", "taobao-classic", "--format", "svg", "--procedure", "complaint")
    assert svg.stdout.startswith("<svg ")
    assert run("policy", "show", "taobao-classic", "--format", "svg").exit_code == 2
    told = json.loads(run("policy", "show", "taobao-classic", "--format", "json").stdout)
    assert set(told["procedures"]) == {"after_sale", "complaint", "counterfeit_claim", "report"}
    assert {rule["verified"] for rule in told["rules"]} == {"V", "Vx", "U"}
    assert told["head"]["calendar"]["open"] == "09:00"
    assert told["switches"]["C-1"] in told["allowed"]["C-1"]
    assert run("policy", "show", "taobao-classic", "--procedure", "jury").exit_code == 2
