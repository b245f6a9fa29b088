-- What several gateways count together. Not logged, so that counting costs no write to the log: after a crash of the server
-- the tables are empty, and every bucket is full again.

CREATE UNLOGGED TABLE rates (
    -- Covers partner and contract.
    bucket  bytea NOT NULL PRIMARY KEY,
    -- When the bucket is full again if nobody takes anything, in nanoseconds since 1970.
    full_at bigint NOT NULL
);

-- The gateways that are alive, by when each was seen last, in microseconds since 1970.
CREATE UNLOGGED TABLE gateways (
    id      uuid NOT NULL PRIMARY KEY,
    seen_at bigint NOT NULL
);
