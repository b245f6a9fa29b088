-- What was observed of shipments: how long something took, and whether that is good enough.
CREATE TABLE shipment_figures (
    shipment BLOB NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
    figure   TEXT NOT NULL,
    -- What tells it from others of the shipment.
    key      TEXT NOT NULL,
    -- When it ended, in microseconds since 1970.
    at       INTEGER NOT NULL,
    partner  TEXT NOT NULL,
    lane     TEXT NOT NULL,
    seconds  INTEGER NOT NULL,
    is_good  INTEGER,
    PRIMARY KEY (shipment, figure, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX shipment_figures_at ON shipment_figures (at);

-- When the first message of each sender came that documents were made of.
CREATE TABLE first_messages (
    sender TEXT NOT NULL PRIMARY KEY,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX first_messages_at ON first_messages (at);
CREATE INDEX acts_at ON acts (at);
CREATE INDEX exception_acts_at ON exception_acts (at);
CREATE INDEX shipments_opened ON shipments (opened_at);
