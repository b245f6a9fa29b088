-- What reference tables said where shipments were judged by it: a row for each key, day and value, whoever looked it up.
CREATE TABLE lookups (
    -- Covers table, key, day and value.
    hash       bytea NOT NULL PRIMARY KEY,
    table_name text NOT NULL,
    -- Nothing where so much was looked up that all of the table counts: its value is its file.
    key        text,
    -- Days as numbers, 20260301. Nothing where it is the day on which the shipment is judged.
    day        bigint,
    value      text,
    -- The SHA-256 of the file that said so last, and, where the day is that of the judgement, the last day on which it did.
    file       text NOT NULL,
    said_on    bigint
);

CREATE INDEX lookups_file ON lookups (table_name, file);
CREATE INDEX lookups_said_on ON lookups (table_name, said_on) WHERE said_on IS NOT NULL;

-- Which of it the last judgement of a shipment rests on.
CREATE TABLE shipment_lookups (
    shipment uuid NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
    lookup   bytea NOT NULL REFERENCES lookups (hash),
    PRIMARY KEY (shipment, lookup)
);

CREATE INDEX shipment_lookups_lookup ON shipment_lookups (lookup);

-- The files of reference tables in the order in which gateways took them up.
CREATE TABLE table_versions (
    table_name text NOT NULL,
    -- From 1.
    number     bigint NOT NULL,
    file       text NOT NULL,
    taken_at   bigint NOT NULL,
    -- What its change log says of it: who, when, why, and what it says otherwise.
    change     text,
    PRIMARY KEY (table_name, number)
);

-- Shipments that were judged again because a table says something else than it did.
CREATE TABLE table_reviews (
    table_name text NOT NULL,
    version    bigint NOT NULL,
    shipment   uuid NOT NULL,
    lookup     bytea NOT NULL,
    -- The day for which it was looked up again.
    day        bigint NOT NULL,
    key        text,
    before     text,
    after      text,
    at         bigint NOT NULL,
    PRIMARY KEY (table_name, version, shipment, lookup, day)
);

CREATE INDEX table_reviews_shipment ON table_reviews (shipment);
CREATE INDEX table_reviews_at ON table_reviews (at);
