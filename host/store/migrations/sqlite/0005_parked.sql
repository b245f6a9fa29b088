-- Exchanges that were acknowledged before they were decoded. One that has no row here is accepted: so it is with nearly
-- all, and they pay nothing for it.
CREATE TABLE parked (
    exchange     BLOB NOT NULL PRIMARY KEY REFERENCES exchanges (id) ON DELETE CASCADE,
    partner      TEXT NOT NULL,
    -- Partner, contract and version as a list, so that one of each is found without a walk through all.
    source       TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('parked', 'rejected', 'failed', 'discarded')),
    parked_at    INTEGER NOT NULL,
    -- How often one build of its plugin has failed on it, which one, and how.
    failures     INTEGER NOT NULL,
    failed_build BLOB,
    detail       TEXT NOT NULL,
    -- When somebody may claim it, or when the lease of who has it ends. Nothing when it is not to be taken up.
    claimable_at INTEGER,
    claim        BLOB,
    worker       TEXT,
    CHECK ((claimable_at IS NOT NULL) = (state = 'parked')),
    CHECK (claim IS NULL OR claimable_at IS NOT NULL),
    CHECK ((failed_build IS NOT NULL) = (failures > 0))
) STRICT, WITHOUT ROWID;

-- The order in which they are taken up: what nobody failed on first, the oldest first.
CREATE INDEX parked_order ON parked (partner, failures, exchange) WHERE state = 'parked';
CREATE INDEX parked_sources ON parked (source, claimable_at) WHERE state = 'parked';
CREATE INDEX parked_claims ON parked (partner, source) WHERE claim IS NOT NULL;
CREATE INDEX parked_states ON parked (state, exchange);

-- Acts are on more than deliveries; which kinds there are is the program's affair.
CREATE TABLE acts_of_all_kinds (
    number   INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL,
    operator TEXT NOT NULL,
    reason   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    filter   TEXT NOT NULL,
    count    INTEGER NOT NULL
) STRICT;

INSERT INTO acts_of_all_kinds SELECT number, kind, operator, reason, at, filter, count FROM acts;
DROP TABLE acts;
ALTER TABLE acts_of_all_kinds RENAME TO acts;
