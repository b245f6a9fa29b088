-- Partners' codes beside ours, by agreement. A row is added, and ended by giving it a last day; nothing else of it ever changes.
CREATE TABLE codes (
    -- The order in which they were added.
    number     INTEGER PRIMARY KEY,
    partner    TEXT NOT NULL,
    agreement  TEXT NOT NULL,
    code_table TEXT NOT NULL,
    theirs     TEXT NOT NULL,
    ours       TEXT NOT NULL,
    way        TEXT NOT NULL CHECK (way IN ('both', 'in', 'out')),
    -- Days as numbers, 20260301: the first one, and the first on which it counts no more.
    valid_from INTEGER NOT NULL,
    valid_to   INTEGER,
    added_at   INTEGER NOT NULL,
    added_by   TEXT NOT NULL,
    reason     TEXT NOT NULL,
    ended_at   INTEGER,
    ended_by   TEXT,
    end_reason TEXT,
    -- Rises with each addition and end, so that a gateway reads what is new.
    revision   INTEGER NOT NULL
) STRICT;

CREATE INDEX codes_theirs ON codes (partner, agreement, code_table, theirs);
CREATE INDEX codes_ours ON codes (partner, agreement, code_table, ours);
CREATE INDEX codes_revision ON codes (revision);

-- Exchanges of which something waits for a code.
CREATE TABLE exchanges_awaiting_codes (
    exchange     BLOB NOT NULL PRIMARY KEY REFERENCES exchanges (id) ON DELETE CASCADE,
    -- Who sent it.
    sender       TEXT NOT NULL,
    since        INTEGER NOT NULL,
    -- When somebody may take it up, or when the lease of who has it ends.
    claimable_at INTEGER NOT NULL,
    claim        BLOB,
    worker       TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX exchanges_awaiting_codes_claims ON exchanges_awaiting_codes (sender) WHERE claim IS NOT NULL;

-- The codes that they, or deliveries, wait for.
CREATE TABLE awaited_codes (
    exchange   BLOB NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    -- The delivery that waits; nothing where the exchange does.
    delivery   BLOB REFERENCES deliveries (id) ON DELETE CASCADE,
    partner    TEXT NOT NULL,
    agreement  TEXT NOT NULL,
    code_table TEXT NOT NULL,
    side       TEXT NOT NULL CHECK (side IN ('theirs', 'ours')),
    code       TEXT NOT NULL,
    day        INTEGER NOT NULL,
    since      INTEGER NOT NULL
) STRICT;

CREATE INDEX awaited_codes_exchange ON awaited_codes (exchange);
CREATE INDEX awaited_codes_delivery ON awaited_codes (delivery) WHERE delivery IS NOT NULL;
CREATE INDEX awaited_codes_code ON awaited_codes (partner, agreement, code_table, side, code);

-- Since when a delivery that is `pending` waits for a code.
ALTER TABLE deliveries ADD COLUMN awaits_code_since INTEGER;

CREATE INDEX deliveries_awaiting_codes ON deliveries (number) WHERE awaits_code_since IS NOT NULL;
