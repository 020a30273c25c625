"""Visitors of a shop's own pages: who they are to us, and the token that their browser keeps.

A visitor is a buyer who cannot sign in. Without more, each browser is a new one. A shop that knows
its customers signs who it is (a JWT, HS256, with the shop's widget key): then the same customer is
the same visitor on every device. Such names belong to the shop that signed them, so no shop can
speak for a buyer of somebody else, nor for one who has an account here.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts import own
from gongdao.accounts.people_store import add_buyers, buyers_named, delete_people
from gongdao.accounts.principal import Principal
from gongdao.accounts.staff import create_person
from gongdao.accounts.store import load_account
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.base.ids import new_id
from gongdao.channels.secrets import Keyring
from gongdao.flows.talk.presence import shop_led_by
from gongdao.settings.setting import WidgetRules
from gongdao.settings.store import add_version, load_setting

#: How long a browser is known, and how long at most a shop's word on a customer is good.
VISITOR_LIFE, WORD_LIFE_MAX = timedelta(days=90), timedelta(days=1)
IDENTITY_MAX, SUBJECT_MAX, NAME_MAX = 4_000, 200, 40
#: Whoever has said nothing so long after is forgotten; so many in one transaction, and at one time.
SILENT_FOR, FORGOTTEN_AT_ONCE, ROUNDS_MAX = timedelta(days=2), 2_000, 20
_SILENT = """
SELECT p.id FROM people p
 WHERE p.sign_in_name LIKE 'visitor-%' AND p.kind = 'buyer' AND p.password_hash IS NULL
   AND p.created_at < $1
   AND NOT EXISTS (SELECT FROM api_tokens t WHERE t.person_id = p.id AND t.used_at >= $1)
   AND NOT EXISTS (SELECT FROM chat_conversations c WHERE c.buyer_id = p.id)
   AND NOT EXISTS (SELECT FROM files f WHERE f.uploaded_by = p.id)
   AND NOT EXISTS (SELECT FROM channel_addresses a WHERE a.buyer_id = p.id)
   AND NOT EXISTS (SELECT FROM channel_proofs a WHERE a.buyer_id = p.id)
   AND NOT EXISTS (SELECT FROM orders o WHERE o.buyer_id = p.id)
   FOR UPDATE OF p SKIP LOCKED LIMIT $2
"""
_PERMITS = frozenset({"chat.use", "order.read"})
_SHOP = "SELECT status <> 'closed' FROM shops WHERE id = $1"


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is on a shop's page, and the token to be kept there."""

    person_id: UUID
    name: str
    token: str
    is_known: bool
    """Whether the shop has said who it is."""


async def widget_key(pool: Pool, keyring: Keyring, shop_id: UUID) -> str:
    """The key with which a shop signs who its customers are."""
    rules = (await load_setting(pool, WidgetRules, of=shop_id)).value
    return keyring.key_for("widget", str(shop_id), str(rules.round))


async def own_widget_key(pool: Pool, keyring: Keyring, who: Principal) -> str:
    """The key of one's shop, for whoever leads its desk. Raises Refusal wrong_role."""
    return await widget_key(pool, keyring, shop_led_by(who))


async def renew_widget_key(
    pool: Pool, keyring: Keyring, who: Principal, *, reason: str, now: datetime
) -> str:
    """Another key from now on: what was signed with the one before is worthless.

    Raises Refusal: wrong_role, reason_required, too_large, version_conflict.
    """
    shop_id = shop_led_by(who)
    seen = await load_setting(pool, WidgetRules, of=shop_id)
    await add_version(
        pool,
        WidgetRules(round=seen.value.round + 1),
        seen=seen.version,
        reason=reason,
        by_id=who.person_id,
        now=now,
        of=shop_id,
    )
    return await widget_key(pool, keyring, shop_id)


async def meet_visitor(
    pool: Pool,
    keyring: Keyring,
    shop_id: UUID,
    *,
    identity: str | None,
    locale: Locale,
    now: datetime,
) -> Visitor:
    """A token for whoever looks at a shop's page.

    Raises Refusal not_found (no such shop) or unauthenticated (a word that the shop did not sign,
    or that is over).
    """
    if not await pool.fetchval(_SHOP, shop_id):
        raise Refusal("not_found", N_("There is no such shop."))
    if identity:
        key = await widget_key(pool, keyring, shop_id)
        subject, name = _read_identity(identity, key, shop_id, now)
        person_id = await _customer(pool, shop_id, subject, name, now)
    else:
        person_id = new_id()
        name = f"{'访客' if locale == 'zh' else 'Visitor '}{person_id.hex[-4:].upper()}"
        await create_person(
            pool,
            person_id=person_id,
            sign_in_name=f"visitor-{person_id.hex}",
            name=name,
            kind="buyer",
            locale=locale,
            now=now,
        )
    account = await load_account(pool, person_id)
    if account is None:
        raise Refusal("unauthenticated", N_("This customer is not let in."))
    return Visitor(
        person_id=person_id,
        name=account.principal.name,
        token=await _token(pool, account.principal, now),
        is_known=identity is not None,
    )


async def forget_visitors(pool: Pool, *, now: datetime) -> int:
    """Delete visitors who never said anything, or a program could fill the table; how many.

    Whoever comes back after that is somebody new, as in another browser.
    """
    forgotten = 0
    for _ in range(ROUNDS_MAX):
        async with pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_SILENT, now - SILENT_FOR, FORGOTTEN_AT_ONCE)
            await delete_people(connection, [row["id"] for row in rows])
        forgotten += len(rows)
        if len(rows) < FORGOTTEN_AT_ONCE:
            break
    return forgotten


async def _token(pool: Pool, principal: Principal, now: datetime) -> str:
    """A new token; where somebody has as many as there may be, their oldest one ends."""
    tokens = await own.list_tokens(pool, principal, now=now)
    if len(tokens) >= own.TOKENS_MAX:
        await own.revoke_token(pool, principal, tokens[-1].id, now=now)
    issued = await own.issue_token(
        pool,
        principal,
        token_id=new_id(),
        name="widget",
        permissions=_PERMITS & principal.permissions,
        life=VISITOR_LIFE,
        now=now,
    )
    return issued.secret


def _read_identity(identity: str, key: str, shop_id: UUID, now: datetime) -> tuple[str, str]:
    """The customer's id at the shop, and the name. Raises Refusal unauthenticated."""
    # Loaded where a shop signs at all: it would be a tenth of every start.
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import OctKey

    try:
        claims: dict[str, Any] = jwt.decode(
            identity, OctKey.import_key(key), algorithms=["HS256"]
        ).claims
    except (JoseError, ValueError) as error:
        raise _not_signed() from error
    subject, name, until = claims.get("sub"), claims.get("name", ""), claims.get("exp")
    if not (isinstance(subject, str) and isinstance(name, str) and isinstance(until, int | float)):
        raise _not_signed()
    if any("\ud800" <= character <= "\udfff" for character in subject + name):
        # Half a character, as JSON can escape it: no text that could be kept or shown.
        raise Refusal("unauthenticated", N_("The id or name that the shop signed is no text."))
    if not 0 < len(subject) <= SUBJECT_MAX or claims.get("aud") != str(shop_id):
        raise _not_signed()
    if not now.timestamp() < until <= (now + WORD_LIFE_MAX).timestamp():
        raise Refusal("unauthenticated", N_("What the shop signed about this customer is over."))
    return subject, name.replace("\0", "").strip()[:NAME_MAX] or "顾客"


def _not_signed() -> Refusal:
    return Refusal("unauthenticated", N_("The shop did not sign this customer."))


async def _customer(pool: Pool, shop_id: UUID, subject: str, name: str, now: datetime) -> UUID:
    sign_in_name = customer_name(shop_id, subject)
    async with pool.acquire() as connection:
        await add_buyers(connection, [(new_id(), sign_in_name, name)], now=now)
        return (await buyers_named(connection, [sign_in_name]))[sign_in_name]


def customer_name(shop_id: UUID, subject: str) -> str:
    """The sign-in name under which a shop's customer is known here: theirs at that shop alone."""
    digest = hashlib.sha256(shop_id.bytes + subject.encode()).hexdigest()
    return f"customer-{digest[:40]}"
