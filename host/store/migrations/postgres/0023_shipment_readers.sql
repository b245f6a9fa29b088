-- What is told of each shipment to who reads it: each version of its documents as it comes to it, and each revision of its
-- context. One transaction after the other writes those of one shipment, so a reader goes by their numbers.
CREATE TABLE shipment_events (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipment uuid NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
    -- Microseconds since 1970.
    at       bigint NOT NULL,
    -- The document; or else the revision.
    exchange uuid REFERENCES exchanges (id) ON DELETE CASCADE,
    position bigint,
    revision text
);

CREATE INDEX shipment_events_shipment ON shipment_events (shipment, number);
CREATE INDEX shipment_events_exchange ON shipment_events (exchange) WHERE exchange IS NOT NULL;

-- What operators say of the shipment that single things belong to: by each act, in the order of acts.
CREATE TABLE shipment_places (
    thing     bigint NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    act       bigint NOT NULL REFERENCES acts (number) ON DELETE CASCADE,
    -- JSON: the names that tie it no more, and what it is tied to.
    placement text NOT NULL,
    PRIMARY KEY (thing, act)
);

CREATE INDEX shipment_places_act ON shipment_places (act);

-- The names that tie within a time alone, in the order of time: of a container that is in use for years only what is near enough
-- is looked at.
CREATE TABLE thing_windows (
    hash  bytea NOT NULL,
    -- Seconds since 1970.
    at    bigint NOT NULL,
    thing bigint NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    PRIMARY KEY (hash, at, thing)
);

CREATE INDEX thing_windows_thing ON thing_windows (thing);

-- Why a context could not be put together, and how often in a row.
ALTER TABLE shipments ADD COLUMN problem text;
ALTER TABLE shipments ADD COLUMN failures bigint NOT NULL DEFAULT 0;
