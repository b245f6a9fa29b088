-- What documents speak of: one row for all versions of a document of one sender.
CREATE TABLE things (
    number   INTEGER PRIMARY KEY,
    -- Covers sender, kind and key.
    hash     BLOB NOT NULL UNIQUE,
    sender   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    key      TEXT NOT NULL,
    opens    INTEGER NOT NULL,
    -- Seconds since 1970: when its first version was recorded by its system, and when it happened.
    first_at INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    -- The names that tie it to others, with how they do.
    names    TEXT NOT NULL,
    -- When its last version was joined, in microseconds since 1970, and whether retention has to leave its documents.
    seen_at  INTEGER NOT NULL,
    held     INTEGER NOT NULL,
    -- Since when it is tied to more than a shipment can be made of.
    overfull_since INTEGER
) STRICT;

CREATE INDEX things_held ON things (seen_at) WHERE held = 1;

CREATE TABLE thing_versions (
    thing       INTEGER NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    exchange    BLOB NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    version     TEXT NOT NULL,
    -- Microseconds since 1970.
    recorded_at INTEGER NOT NULL,
    sha256      BLOB NOT NULL,
    PRIMARY KEY (thing, exchange, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX thing_versions_exchange ON thing_versions (exchange);

-- What things are found by: names with their scheme, names alone, and the articles that a catalogue's documents are of.
CREATE TABLE thing_names (
    hash  BLOB NOT NULL,
    thing INTEGER NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    PRIMARY KEY (hash, thing)
) STRICT, WITHOUT ROWID;

CREATE INDEX thing_names_thing ON thing_names (thing);

-- The articles that things name, by what documents that say what is known of them are found by.
CREATE TABLE thing_goods (
    thing     INTEGER NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    catalogue BLOB NOT NULL,
    PRIMARY KEY (thing, catalogue)
) STRICT, WITHOUT ROWID;

CREATE INDEX thing_goods_catalogue ON thing_goods (catalogue);

CREATE TABLE shipments (
    id           BLOB NOT NULL PRIMARY KEY,
    opened_at    INTEGER NOT NULL,
    -- When a document of it came last.
    changed_at   INTEGER NOT NULL,
    closed_at    INTEGER,
    -- How often it was changed, and up to which of these times its context was put together.
    joined       INTEGER NOT NULL,
    folded       INTEGER NOT NULL,
    -- When somebody may put it together: now, or when the lease of who does ends. Nothing where that is done.
    claimable_at INTEGER,
    claim        BLOB,
    worker       TEXT,
    -- The context as it was put together last.
    revision     TEXT,
    context      BLOB,
    -- What rule packs say of that context.
    findings     TEXT
) STRICT;

CREATE INDEX shipments_claimable ON shipments (claimable_at) WHERE claimable_at IS NOT NULL;
CREATE INDEX shipments_open ON shipments (changed_at) WHERE closed_at IS NULL;

CREATE TABLE shipment_things (
    shipment BLOB NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
    thing    INTEGER NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    PRIMARY KEY (shipment, thing)
) STRICT, WITHOUT ROWID;

CREATE INDEX shipment_things_thing ON shipment_things (thing);

-- What a shipment is or was called: after each of its things that open one.
CREATE TABLE shipment_ids (
    id       BLOB NOT NULL PRIMARY KEY,
    shipment BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX shipment_ids_shipment ON shipment_ids (shipment);
