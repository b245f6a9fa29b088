-- Times are microseconds since 1970 in UTC, identifiers are UUIDs of version 7 (so that indexes over them are appended
-- to), digests are SHA-256. Lists are JSON texts.

CREATE TABLE exchanges (
    id                   uuid NOT NULL PRIMARY KEY,
    partner              text NOT NULL,
    contract             text NOT NULL,
    version              text NOT NULL,
    content_type         text NOT NULL,
    headers              text NOT NULL,
    received_at          bigint NOT NULL,
    accepted_at          bigint NOT NULL,
    request_id           text NOT NULL,
    trace                text,
    plugin_name          text NOT NULL,
    plugin_version       text NOT NULL,
    plugin_sha256        bytea NOT NULL,
    sha256               bytea NOT NULL,
    findings             text NOT NULL,
    origin               uuid,
    business_key         text,
    business_hash        bytea,
    business_fingerprint bytea,
    redacted_at          bigint,
    payload              bytea
);

-- The hash covers partner, contract and key: short entries, because this is one of the two indexes that is not appended to.
CREATE UNIQUE INDEX exchanges_business ON exchanges (business_hash) WHERE business_hash IS NOT NULL;
CREATE INDEX exchanges_unredacted ON exchanges (id) WHERE redacted_at IS NULL;

CREATE TABLE documents (
    exchange uuid NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    position bigint NOT NULL,
    kind     text NOT NULL,
    key      text NOT NULL,
    refs     text NOT NULL,
    sha256   bytea NOT NULL,
    body     bytea,
    PRIMARY KEY (exchange, position)
);

CREATE TABLE deliveries (
    -- The order of acceptance.
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           uuid NOT NULL UNIQUE,
    exchange     uuid NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    destination  text NOT NULL,
    contract     text NOT NULL,
    version      text NOT NULL,
    documents    text NOT NULL,
    lane         text,
    state        text NOT NULL CHECK (state IN ('pending', 'awaiting', 'delivered', 'dead', 'discarded')),
    class        text CHECK (class IN ('theirs', 'ours')),
    findings     text NOT NULL,
    created_at   bigint NOT NULL,
    due_at       bigint NOT NULL,
    -- When somebody may claim it: when it is due, or when the lease of who has it ends. Nothing while it waits in its lane
    -- and when it is settled.
    claimable_at bigint,
    claim        uuid,
    worker       text,
    attempts     bigint NOT NULL,
    tries        bigint NOT NULL,
    follow_ups   bigint NOT NULL,
    settled_at   bigint,
    CHECK ((class IS NOT NULL) = (state = 'dead')),
    CHECK ((settled_at IS NULL) = (state IN ('pending', 'awaiting'))),
    CHECK (claimable_at IS NULL OR settled_at IS NULL),
    CHECK (claim IS NULL OR claimable_at IS NOT NULL),
    CHECK (lane IS NOT NULL OR claimable_at IS NOT NULL OR settled_at IS NOT NULL)
);

CREATE INDEX deliveries_exchange ON deliveries (exchange);
CREATE INDEX deliveries_claimable ON deliveries (destination, claimable_at, number) WHERE claimable_at IS NOT NULL;
CREATE INDEX deliveries_open ON deliveries (destination, state, id) WHERE state IN ('pending', 'awaiting', 'dead');
-- One of a lane has its turn, never two.
CREATE UNIQUE INDEX deliveries_turn ON deliveries (destination, lane) WHERE lane IS NOT NULL AND claimable_at IS NOT NULL;
CREATE INDEX deliveries_lane ON deliveries (destination, lane, number)
    WHERE lane IS NOT NULL AND claimable_at IS NULL AND settled_at IS NULL;

CREATE TABLE requests (
    delivery uuid NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    purpose  text NOT NULL CHECK (purpose IN ('send', 'ask')),
    method   text NOT NULL,
    path     text NOT NULL,
    headers  text NOT NULL,
    body     bytea NOT NULL,
    PRIMARY KEY (delivery, purpose)
);

CREATE TABLE attempts (
    delivery   uuid NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number     bigint NOT NULL,
    started_at bigint NOT NULL,
    ended_at   bigint NOT NULL,
    status     bigint,
    verdict    text,
    detail     text NOT NULL,
    PRIMARY KEY (delivery, number)
);

CREATE TABLE answers (
    -- Covers partner, contract and key; the other index that is not appended to.
    hash        bytea NOT NULL UNIQUE,
    exchange    uuid NOT NULL,
    fingerprint bytea NOT NULL,
    expires_at  bigint NOT NULL,
    status      bigint NOT NULL,
    headers     text NOT NULL,
    body        bytea NOT NULL
);

CREATE INDEX answers_expiry ON answers (expires_at);

CREATE TABLE events (
    -- The order of commits is not the order of the sequence: readers go by the transaction first, and see only what is
    -- older than every transaction that still runs.
    writer   bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    id       uuid NOT NULL,
    kind     text NOT NULL,
    subject  text NOT NULL,
    partner  text NOT NULL,
    at       bigint NOT NULL,
    data     text NOT NULL,
    PRIMARY KEY (writer, sequence)
);

CREATE INDEX events_partner ON events (partner, writer, sequence);

CREATE TABLE positions (
    consumer text NOT NULL PRIMARY KEY,
    writer   bigint NOT NULL,
    sequence bigint NOT NULL
);

CREATE TABLE acts (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL CHECK (kind IN ('retry', 'discard')),
    operator text NOT NULL,
    reason   text NOT NULL,
    at       bigint NOT NULL,
    filter   text NOT NULL,
    count    bigint NOT NULL
);
