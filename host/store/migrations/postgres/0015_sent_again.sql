-- Deliveries that were made after others: as new ones of the same bytes, or in their place.
CREATE TABLE successions (
    successor   uuid NOT NULL PRIMARY KEY REFERENCES deliveries (id) ON DELETE CASCADE,
    predecessor uuid NOT NULL
);

CREATE INDEX successions_predecessor ON successions (predecessor);

-- The times that an accepted exchange was mapped again, each with the build that had decoded it before.
CREATE TABLE reruns (
    exchange       uuid NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    number         bigint NOT NULL,
    at             bigint NOT NULL,
    operator       text NOT NULL,
    reason         text NOT NULL,
    plugin_name    text NOT NULL,
    plugin_version text NOT NULL,
    plugin_sha256  bytea NOT NULL,
    PRIMARY KEY (exchange, number)
);

-- Documents that count no more, and since which of these times. One that has no row here counts: so it is with nearly all,
-- and they pay nothing for it.
CREATE TABLE superseded_documents (
    exchange uuid NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    position bigint NOT NULL,
    rerun    bigint NOT NULL,
    PRIMARY KEY (exchange, position)
);
