-- What documents speak of: one row for all versions of a document of one sender.
CREATE TABLE things (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Covers sender, kind and key.
    hash     bytea NOT NULL UNIQUE,
    sender   text NOT NULL,
    kind     text NOT NULL,
    key      text NOT NULL,
    opens    bigint NOT NULL,
    -- Seconds since 1970: when its first version was recorded by its system, and when it happened.
    first_at bigint NOT NULL,
    at       bigint NOT NULL,
    -- The names that tie it to others, with how they do.
    names    text NOT NULL,
    -- When its last version was joined, in microseconds since 1970, and whether retention has to leave its documents.
    seen_at  bigint NOT NULL,
    held     bigint NOT NULL,
    -- Since when it is tied to more than a shipment can be made of.
    overfull_since bigint
);

CREATE INDEX things_held ON things (seen_at) WHERE held = 1;

CREATE TABLE thing_versions (
    thing       bigint NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    exchange    uuid NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    position    bigint NOT NULL,
    version     text NOT NULL,
    -- Microseconds since 1970.
    recorded_at bigint NOT NULL,
    sha256      bytea NOT NULL,
    PRIMARY KEY (thing, exchange, position)
);

CREATE INDEX thing_versions_exchange ON thing_versions (exchange);

-- What things are found by: names with their scheme, names alone, and the articles that a catalogue's documents are of.
CREATE TABLE thing_names (
    hash  bytea NOT NULL,
    thing bigint NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    PRIMARY KEY (hash, thing)
);

CREATE INDEX thing_names_thing ON thing_names (thing);

-- The articles that things name, by what documents that say what is known of them are found by.
CREATE TABLE thing_goods (
    thing     bigint NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    catalogue bytea NOT NULL,
    PRIMARY KEY (thing, catalogue)
);

CREATE INDEX thing_goods_catalogue ON thing_goods (catalogue);

CREATE TABLE shipments (
    id           uuid NOT NULL PRIMARY KEY,
    opened_at    bigint NOT NULL,
    -- When a document of it came last.
    changed_at   bigint NOT NULL,
    closed_at    bigint,
    -- How often it was changed, and up to which of these times its context was put together.
    joined       bigint NOT NULL,
    folded       bigint NOT NULL,
    -- When somebody may put it together: now, or when the lease of who does ends. Nothing where that is done.
    claimable_at bigint,
    claim        uuid,
    worker       text,
    -- The context as it was put together last.
    revision     text,
    context      bytea,
    -- What rule packs say of that context.
    findings     text
);

CREATE INDEX shipments_claimable ON shipments (claimable_at) WHERE claimable_at IS NOT NULL;
CREATE INDEX shipments_open ON shipments (changed_at) WHERE closed_at IS NULL;

CREATE TABLE shipment_things (
    shipment uuid NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
    thing    bigint NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    PRIMARY KEY (shipment, thing)
);

CREATE INDEX shipment_things_thing ON shipment_things (thing);

-- What a shipment is or was called: after each of its things that open one.
CREATE TABLE shipment_ids (
    id       uuid NOT NULL PRIMARY KEY,
    shipment uuid NOT NULL
);

CREATE INDEX shipment_ids_shipment ON shipment_ids (shipment);
