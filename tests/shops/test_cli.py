"""`gongdao import orders`, run as a person runs it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.shops.exports import PLAIN, export
from tests.shops.test_import import cold_store, counts

from gongdao.base.db import Pool


def run(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gongdao.cli.app", "import", "orders", *arguments],
        env=os.environ | {"GONGDAO_DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=60,
    )


async def test_a_file_is_tried_imported_and_imported_again(
    pool: Pool, database_url: str, tmp_path: Path
):
    await cold_store(pool)
    file = tmp_path / "ExportOrderList.csv"
    file.write_bytes(export(PLAIN).encode("gbk"))
    before = await counts(pool)
    tried = run(database_url, str(file), "--shop", "冷库", "--dry-run")
    assert (tried.stdout, tried.returncode) == (
        "Would be added: 1; come further: 0; unchanged: 0.\n",
        0,
    )
    assert await counts(pool) == before
    for expected in (
        "Added: 1; come further: 0; unchanged: 0.\n",
        "Added: 0; come further: 0; unchanged: 1.\n",
    ):
        assert run(database_url, str(file), "--shop", "冷库").stdout == expected


async def test_what_is_wrong_is_told_and_the_exit_code_says_so(
    pool: Pool, database_url: str, tmp_path: Path
):
    await cold_store(pool)
    file = tmp_path / "orders.csv"
    file.write_text(export(PLAIN | {"总金额": "1.00"}))
    wrong = run(database_url, str(file), "--shop", "冷库", "--zh")
    assert wrong.returncode == 1
    assert "第 2 行，总金额：货款与邮费合计为 2680.00 元。" in wrong.stderr
    lost = run(database_url, str(file), "--shop", "热库")
    assert (lost.returncode, lost.stderr) == (1, "There is no such shop.\n")
    missing = run(database_url, str(tmp_path / "none.csv"), "--shop", "冷库")
    assert missing.returncode == 1
