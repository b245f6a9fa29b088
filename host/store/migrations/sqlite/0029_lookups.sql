-- What reference tables said where shipments were judged by it: a row for each key, day and value, whoever looked it up.
CREATE TABLE lookups (
    -- Covers table, key, day and value.
    hash       BLOB NOT NULL PRIMARY KEY,
    table_name TEXT NOT NULL,
    -- Nothing where so much was looked up that all of the table counts: its value is its file.
    key        TEXT,
    -- Days as numbers, 20260301. Nothing where it is the day on which the shipment is judged.
    day        INTEGER,
    value      TEXT,
    -- The SHA-256 of the file that said so last, and, where the day is that of the judgement, the last day on which it did.
    file       TEXT NOT NULL,
    said_on    INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX lookups_file ON lookups (table_name, file);
CREATE INDEX lookups_said_on ON lookups (table_name, said_on) WHERE said_on IS NOT NULL;

-- Which of it the last judgement of a shipment rests on.
CREATE TABLE shipment_lookups (
    shipment BLOB NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
    lookup   BLOB NOT NULL REFERENCES lookups (hash),
    PRIMARY KEY (shipment, lookup)
) STRICT, WITHOUT ROWID;

CREATE INDEX shipment_lookups_lookup ON shipment_lookups (lookup);

-- The files of reference tables in the order in which gateways took them up.
CREATE TABLE table_versions (
    table_name TEXT NOT NULL,
    -- From 1.
    number     INTEGER NOT NULL,
    file       TEXT NOT NULL,
    taken_at   INTEGER NOT NULL,
    -- What its change log says of it: who, when, why, and what it says otherwise.
    change     TEXT,
    PRIMARY KEY (table_name, number)
) STRICT, WITHOUT ROWID;

-- Shipments that were judged again because a table says something else than it did.
CREATE TABLE table_reviews (
    table_name TEXT NOT NULL,
    version    INTEGER NOT NULL,
    shipment   BLOB NOT NULL,
    lookup     BLOB NOT NULL,
    -- The day for which it was looked up again.
    day        INTEGER NOT NULL,
    key        TEXT,
    before     TEXT,
    after      TEXT,
    at         INTEGER NOT NULL,
    PRIMARY KEY (table_name, version, shipment, lookup, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX table_reviews_shipment ON table_reviews (shipment);
CREATE INDEX table_reviews_at ON table_reviews (at);
