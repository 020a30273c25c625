"""Logs are for whoever runs the programs, and tell no secrets."""

import subprocess
import sys

FAILING = """
import structlog
from gongdao.base.logs import write_logs

def connect(password):
    raise OSError("nobody there")

write_logs()
try:
    connect("open" + "sesame")
except OSError:
    structlog.get_logger().exception("no connection", attempt=3)
"""


def test_a_traceback_names_no_values() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert "attempt=3" in done.stderr
    assert "in connect" in done.stderr
    assert "OSError: nobody there" in done.stderr
    assert "opensesame" not in done.stderr
