-- What was refused is kept as an exchange that nobody acknowledged: its state stands where that of parked ones does, so
-- which states there are is the program's affair.
CREATE TABLE not_accepted (
    exchange     BLOB NOT NULL PRIMARY KEY REFERENCES exchanges (id) ON DELETE CASCADE,
    partner      TEXT NOT NULL,
    -- Partner, contract and version as a list, so that one of each is found without a walk through all.
    source       TEXT NOT NULL,
    state        TEXT NOT NULL,
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

INSERT INTO not_accepted SELECT exchange, partner, source, state, parked_at, failures, failed_build, detail, claimable_at,
    claim, worker FROM parked;
DROP TABLE parked;
ALTER TABLE not_accepted RENAME TO parked;
CREATE INDEX parked_order ON parked (partner, failures, exchange) WHERE state = 'parked';
CREATE INDEX parked_sources ON parked (source, claimable_at) WHERE state = 'parked';
CREATE INDEX parked_claims ON parked (partner, source) WHERE claim IS NOT NULL;
CREATE INDEX parked_states ON parked (state, exchange);

-- Why each was refused, and what it takes of its partner's budget of that day (days since 1970 in UTC).
CREATE TABLE refusals (
    exchange BLOB NOT NULL PRIMARY KEY REFERENCES exchanges (id) ON DELETE CASCADE,
    partner  TEXT NOT NULL,
    day      INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    status   INTEGER NOT NULL,
    problem  TEXT NOT NULL,
    detail   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX refusals_of_a_day ON refusals (partner, day, exchange);
CREATE INDEX refusals_days ON refusals (day, exchange);

-- What a partner has used of a day's budget.
CREATE TABLE refused_days (
    partner TEXT NOT NULL,
    day     INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    PRIMARY KEY (partner, day)
) STRICT, WITHOUT ROWID;
