-- Deliveries that were made after others: as new ones of the same bytes, or in their place.
CREATE TABLE successions (
    successor   BLOB NOT NULL PRIMARY KEY REFERENCES deliveries (id) ON DELETE CASCADE,
    predecessor BLOB NOT NULL
) STRICT;

CREATE INDEX successions_predecessor ON successions (predecessor);

-- The times that an accepted exchange was mapped again, each with the build that had decoded it before.
CREATE TABLE reruns (
    exchange       BLOB NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    number         INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    operator       TEXT NOT NULL,
    reason         TEXT NOT NULL,
    plugin_name    TEXT NOT NULL,
    plugin_version TEXT NOT NULL,
    plugin_sha256  BLOB NOT NULL,
    PRIMARY KEY (exchange, number)
) STRICT;

-- Documents that count no more, and since which of these times. One that has no row here counts: so it is with nearly all,
-- and they pay nothing for it.
CREATE TABLE superseded_documents (
    exchange BLOB NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    rerun    INTEGER NOT NULL,
    PRIMARY KEY (exchange, position)
) STRICT;
