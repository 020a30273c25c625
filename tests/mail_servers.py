"""Real mail servers on the loopback: Debian's dovecot, and aiosmtpd, as children of the tests."""

import grp
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from gongdao.base.embedded.server import die_with_parent

PASSWORD = "sésame-öffne-dich"
LOOPBACK = ("127.0.0.0/8",)
_CONF = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
{users}
mail_location = maildir:{home}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
first_valid_uid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
"""


class Dovecot:
    """An IMAP server; every name may sign in with the password, and has a mailbox."""

    def __init__(self, program: str, home: Path) -> None:
        self._program, self.home = program, home
        self._child: subprocess.Popen[bytes] | None = None
        self.port, self.tls_port = free_port(), free_port()
        self._owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        home.chmod(0o755)
        make_certificate(home)
        (home / "mail").mkdir()
        os.chown(home / "mail", self._owner.pw_uid, self._owner.pw_gid)
        name, group = self._owner.pw_name, grp.getgrgid(self._owner.pw_gid).gr_name
        users = ("default_internal_user", "default_login_user")
        own = [f"{user} = {name}" for user in users] + [f"default_internal_group = {group}"]
        conf = _CONF.format(
            home=home,
            users="" if os.getuid() == 0 else "\n".join(own),
            password=PASSWORD,
            uid=self._owner.pw_uid,
            gid=self._owner.pw_gid,
            port=self.port,
            tls_port=self.tls_port,
        )
        (home / "dovecot.conf").write_text(conf)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._child = subprocess.Popen(
            [self._program, "-F", "-c", str(self.home / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        until = time.monotonic() + 15
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
                    if line.recv(100).startswith(b"* OK"):
                        return
            except OSError:
                pass
            assert self._child.poll() is None and time.monotonic() < until, self.log()
            time.sleep(0.05)

    def stop(self) -> None:
        """End it, and those that it started."""
        if self._child is not None:
            self._child.terminate()
            self._child.wait(15)
            self._child = None

    def deliver(self, user: str, mail: bytes | EmailMessage) -> None:
        """Put a mail into a mailbox, as the server's delivery would."""
        folder = self._maildir(user)
        name = f"{time.time_ns()}.{os.getpid()}.test"
        content = mail if isinstance(mail, bytes) else mail.as_bytes(policy=policy.SMTP)
        (folder / "tmp" / name).write_bytes(content)
        os.chown(folder / "tmp" / name, self._owner.pw_uid, self._owner.pw_gid)
        (folder / "tmp" / name).rename(folder / "new" / name)

    def unseen(self, user: str) -> int:
        """How many mails nobody has opened: those without the mark of a seen one."""
        folder = self._maildir(user)
        mails = [*(folder / "new").iterdir(), *(folder / "cur").iterdir()]
        return sum("S" not in mail.name.partition(":2,")[2] for mail in mails)

    def number_anew(self, user: str) -> None:
        """Forget which number each mail had, as a restored backup does."""
        self.stop()
        for path in self._maildir(user).glob("dovecot*"):
            path.unlink()
        time.sleep(1.1)  # the new validity is the second in which it is made
        self.start()

    def log(self) -> str:
        """What it has complained of."""
        path = self.home / "log"
        return path.read_text()[-3000:] if path.exists() else "no log"

    def _maildir(self, user: str) -> Path:
        folder = self.home / "mail" / user
        for each in (folder, *(folder / name for name in ("tmp", "new", "cur"))):
            if not each.exists():
                each.mkdir()
                os.chown(each, self._owner.pw_uid, self._owner.pw_gid)
        return folder


class Postbox:
    """An SMTP server that keeps what it gets, or says what it is told to say."""

    def __init__(self, home: Path | None = None) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.answer: str = "250 kept"
        self.refused: dict[str, str] = {}
        context = None
        if home is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(home / "cert.pem", home / "key.pem")
        self.port = free_port()
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            authenticator=self._let_in,
            auth_require_tls=False,
            ssl_context=context,
        )

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def _let_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        return AuthResult(success=given.password == PASSWORD.encode())

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if not session.authenticated:
            return "530 sign in first"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.raw.append(content)
            mail = message_from_bytes(content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.recipients.append(list(envelope.rcpt_tos))
        return self.answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(home: Path) -> None:
    """A certificate for localhost that only those trust who are told to."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-keyout", str(home / "key.pem"), "-out", str(home / "cert.pem")]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(command, check=True, capture_output=True)


def dovecot_program() -> str:
    """Debian's dovecot; GONGDAO_REQUIRE_SERVERS=1 forbids skipping where there is none."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found:
        return found
    if os.environ.get("GONGDAO_REQUIRE_SERVERS") == "1":
        pytest.fail("GONGDAO_REQUIRE_SERVERS=1, but no dovecot: apt install dovecot-imapd")
    pytest.skip("no IMAP server here: apt install dovecot-imapd")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """An IMAP server of this run; each test signs in under a name of its own."""
    home = Path(tempfile.mkdtemp(prefix="gongdao-imap-"))
    server = Dovecot(dovecot_program(), home)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """An SMTP server of this test's own."""
    box = Postbox()
    box.start()
    yield box
    box.stop()
