-- Times are microseconds since 1970 in UTC, identifiers are UUIDs of version 7 (16 bytes, so that indexes over them are
-- appended to), digests are SHA-256. Lists are JSON texts.

CREATE TABLE exchanges (
    id                   BLOB NOT NULL PRIMARY KEY,
    partner              TEXT NOT NULL,
    contract             TEXT NOT NULL,
    version              TEXT NOT NULL,
    content_type         TEXT NOT NULL,
    headers              TEXT NOT NULL,
    received_at          INTEGER NOT NULL,
    accepted_at          INTEGER NOT NULL,
    request_id           TEXT NOT NULL,
    trace                TEXT,
    plugin_name          TEXT NOT NULL,
    plugin_version       TEXT NOT NULL,
    plugin_sha256        BLOB NOT NULL,
    sha256               BLOB NOT NULL,
    findings             TEXT NOT NULL,
    origin               BLOB,
    business_key         TEXT,
    business_hash        BLOB,
    business_fingerprint BLOB,
    redacted_at          INTEGER,
    -- The last column, so that reading the others does not walk through it.
    payload              BLOB
) STRICT;

-- The hash covers partner, contract and key: short entries, because this is one of the two indexes that is not appended to.
CREATE UNIQUE INDEX exchanges_business ON exchanges (business_hash) WHERE business_hash IS NOT NULL;
CREATE INDEX exchanges_unredacted ON exchanges (id) WHERE redacted_at IS NULL;

CREATE TABLE documents (
    exchange BLOB NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    key      TEXT NOT NULL,
    refs     TEXT NOT NULL,
    sha256   BLOB NOT NULL,
    body     BLOB,
    PRIMARY KEY (exchange, position)
) STRICT;

CREATE TABLE deliveries (
    -- The order of acceptance.
    number       INTEGER PRIMARY KEY,
    id           BLOB NOT NULL UNIQUE,
    exchange     BLOB NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    destination  TEXT NOT NULL,
    contract     TEXT NOT NULL,
    version      TEXT NOT NULL,
    documents    TEXT NOT NULL,
    lane         TEXT,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'awaiting', 'delivered', 'dead', 'discarded')),
    class        TEXT CHECK (class IN ('theirs', 'ours')),
    findings     TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    -- When somebody may claim it: when it is due, or when the lease of who has it ends. Nothing while it waits in its lane
    -- and when it is settled.
    claimable_at INTEGER,
    claim        BLOB,
    worker       TEXT,
    attempts     INTEGER NOT NULL,
    tries        INTEGER NOT NULL,
    follow_ups   INTEGER NOT NULL,
    settled_at   INTEGER,
    CHECK ((class IS NOT NULL) = (state = 'dead')),
    CHECK ((settled_at IS NULL) = (state IN ('pending', 'awaiting'))),
    CHECK (claimable_at IS NULL OR settled_at IS NULL),
    CHECK (claim IS NULL OR claimable_at IS NOT NULL),
    CHECK (lane IS NOT NULL OR claimable_at IS NOT NULL OR settled_at IS NOT NULL)
) STRICT;

CREATE INDEX deliveries_exchange ON deliveries (exchange);
CREATE INDEX deliveries_claimable ON deliveries (destination, claimable_at, number) WHERE claimable_at IS NOT NULL;
CREATE INDEX deliveries_open ON deliveries (destination, state, id) WHERE state IN ('pending', 'awaiting', 'dead');
-- One of a lane has its turn, never two.
CREATE UNIQUE INDEX deliveries_turn ON deliveries (destination, lane) WHERE lane IS NOT NULL AND claimable_at IS NOT NULL;
CREATE INDEX deliveries_lane ON deliveries (destination, lane, number)
    WHERE lane IS NOT NULL AND claimable_at IS NULL AND settled_at IS NULL;

CREATE TABLE requests (
    delivery BLOB NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    purpose  TEXT NOT NULL CHECK (purpose IN ('send', 'ask')),
    method   TEXT NOT NULL,
    path     TEXT NOT NULL,
    headers  TEXT NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (delivery, purpose)
) STRICT;

CREATE TABLE attempts (
    delivery   BLOB NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    status     INTEGER,
    verdict    TEXT,
    detail     TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE answers (
    -- Covers partner, contract and key; the other index that is not appended to.
    hash        BLOB NOT NULL UNIQUE,
    exchange    BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    expires_at  INTEGER NOT NULL,
    status      INTEGER NOT NULL,
    headers     TEXT NOT NULL,
    body        BLOB NOT NULL
) STRICT;

CREATE INDEX answers_expiry ON answers (expires_at);

CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    -- Here one writes at a time, so that the sequence alone is the order.
    writer   INTEGER NOT NULL DEFAULT 0 CHECK (writer = 0),
    id       BLOB NOT NULL,
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    partner  TEXT NOT NULL,
    at       INTEGER NOT NULL,
    data     TEXT NOT NULL
) STRICT;

CREATE INDEX events_partner ON events (partner, sequence);

CREATE TABLE positions (
    consumer TEXT NOT NULL PRIMARY KEY,
    writer   INTEGER NOT NULL,
    sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE acts (
    number   INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL CHECK (kind IN ('retry', 'discard')),
    operator TEXT NOT NULL,
    reason   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    filter   TEXT NOT NULL,
    count    INTEGER NOT NULL
) STRICT;

-- Written to find out whether there is space again.
CREATE TABLE probe (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    bytes BLOB NOT NULL
) STRICT;
