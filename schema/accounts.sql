-- People, roles, sessions, API tokens and sign-in attempts. Only src/gongdao/accounts writes here.

-- A role is what the people of one shop, or of the platform (shop_id is null), may do. Shops name
-- theirs freely; a role of the platform also says its duty, because that is who its people are in
-- a case, and the procedures know four duties and no others.
create table roles (
    id              uuid primary key,
    -- No foreign key to shops: accounts and shops are rooms beside each other.
    shop_id         uuid,
    -- The house a role belongs to, never null, so that a foreign key can compare it.
    house_id        uuid not null generated always as
                        (coalesce(shop_id, '00000000-0000-0000-0000-000000000000'::uuid)) stored,
    name            text not null check (length(name) between 1 and 40),
    duty            text check (duty in ('arbiter', 'supervisor', 'operator', 'auditor', 'juror')),
    permissions     text[] not null check (cardinality(permissions) <= 64),
    -- The most that one decision may cost the shop; null is any amount.
    money_limit_fen bigint check (money_limit_fen between 0 and 10000000000),
    created_at      timestamptz not null,
    constraint roles_duty_is_of_the_platform check ((shop_id is null) = (duty is not null)),
    constraint roles_spend_only_shop_money check (shop_id is not null or money_limit_fen is null),
    constraint roles_house unique (id, house_id)
);

create unique index roles_name on roles (house_id, lower(name));

create table people (
    id            uuid primary key,
    -- Kept folded: "Anna" and "anna" are one name, or one could pass for the other. The check is
    -- weaker than fields.fold_name, which knows all of Unicode.
    sign_in_name  text not null unique
                      check (length(sign_in_name) between 2 and 60 and sign_in_name !~ '[A-Z]'),
    name          text not null check (length(name) between 1 and 60),
    kind          text not null check (kind in ('buyer', 'shop', 'platform')),
    shop_id       uuid,
    house_id      uuid not null generated always as
                      (coalesce(shop_id, '00000000-0000-0000-0000-000000000000'::uuid)) stored,
    role_id       uuid,
    -- Null until the person has chosen one: buyers of imported orders exist before they sign in.
    password_hash text check (length(password_hash) <= 255),
    locale        text not null default 'zh' check (locale in ('zh', 'en')),
    created_at    timestamptz not null,
    -- People are disabled, never deleted: events name them for ever.
    disabled_at   timestamptz,
    disabled_by   uuid references people (id),
    constraint people_shop_people_have_a_shop check ((kind = 'shop') = (shop_id is not null)),
    constraint people_staff_have_a_role check ((kind = 'buyer') = (role_id is null)),
    constraint people_disabled_by_needs_when check (disabled_by is null or disabled_at is not null),
    -- The role is one of the person's own house: no shop can borrow a role of another.
    constraint people_role_of_their_house
        foreign key (role_id, house_id) references roles (id, house_id)
);

create index people_of_a_shop on people (shop_id, created_at) where shop_id is not null;
create index people_of_a_role on people (role_id) where role_id is not null;

-- Who on the platform is tied to whom: kin, a former colleague, an owner. They decide none of the
-- cases of that buyer or shop. Noted by those who manage the staff.
create table ties (
    id        uuid primary key,
    person_id uuid not null references people (id),
    -- A buyer, or a shop: no foreign key, because shops are a room beside this one.
    tied_to   uuid not null,
    noted_by  uuid not null references people (id),
    noted_at  timestamptz not null,
    constraint ties_once unique (person_id, tied_to)
);

create table sessions (
    id          uuid primary key,
    -- Only the hash: a stolen backup signs nobody in.
    token_hash  bytea not null unique check (octet_length(token_hash) = 32),
    person_id   uuid not null references people (id),
    created_at  timestamptz not null,
    seen_at     timestamptz not null,
    expires_at  timestamptz not null check (expires_at > created_at),
    user_agent  text not null default '' check (length(user_agent) <= 200),
    ip          inet
);

create index sessions_of_a_person on sessions (person_id, seen_at desc);
create index sessions_by_expiry on sessions (expires_at);
create index sessions_by_last_seen on sessions (seen_at);

create table api_tokens (
    id          uuid primary key,
    token_hash  bytea not null unique check (octet_length(token_hash) = 32),
    person_id   uuid not null references people (id),
    name        text not null check (length(name) between 1 and 60),
    -- What the token may do; what its person may no longer do, it may not either.
    permissions text[] not null check (cardinality(permissions) between 1 and 64),
    created_at  timestamptz not null,
    expires_at  timestamptz not null check (expires_at > created_at),
    -- Rounded to the hour in practice, so that reading does not become writing.
    used_at     timestamptz,
    revoked_at  timestamptz
);

create index api_tokens_of_a_person on api_tokens (person_id, created_at desc);

-- Every try to sign in, written before the password is looked at, so that a hundred at once count
-- as a hundred. Kept for a day.
create table sign_in_attempts (
    id           bigint generated always as identity primary key,
    -- The folded name as typed, of a person or of nobody: both are limited alike.
    name_key     text not null check (length(name_key) <= 60),
    -- An address, or the /64 of an IPv6 one: a single customer holds that many.
    network      inet,
    at           timestamptz not null,
    succeeded_at timestamptz
);

create index sign_in_attempts_of_a_name on sign_in_attempts (name_key, at desc);
create index sign_in_attempts_of_a_network on sign_in_attempts (network, at desc)
    where network is not null;
create index sign_in_attempts_by_age on sign_in_attempts (at);
