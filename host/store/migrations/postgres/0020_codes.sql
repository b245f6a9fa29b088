-- Partners' codes beside ours, by agreement. A row is added, and ended by giving it a last day; nothing else of it ever changes.
CREATE TABLE codes (
    -- The order in which they were added.
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner    text NOT NULL,
    agreement  text NOT NULL,
    code_table text NOT NULL,
    theirs     text NOT NULL,
    ours       text NOT NULL,
    way        text NOT NULL CHECK (way IN ('both', 'in', 'out')),
    -- Days as numbers, 20260301: the first one, and the first on which it counts no more.
    valid_from bigint NOT NULL,
    valid_to   bigint,
    added_at   bigint NOT NULL,
    added_by   text NOT NULL,
    reason     text NOT NULL,
    ended_at   bigint,
    ended_by   text,
    end_reason text,
    -- Rises with each addition and end, so that a gateway reads what is new.
    revision   bigint NOT NULL
);

CREATE INDEX codes_theirs ON codes (partner, agreement, code_table, theirs);
CREATE INDEX codes_ours ON codes (partner, agreement, code_table, ours);
CREATE INDEX codes_revision ON codes (revision);

-- Exchanges of which something waits for a code.
CREATE TABLE exchanges_awaiting_codes (
    exchange     uuid NOT NULL PRIMARY KEY REFERENCES exchanges (id) ON DELETE CASCADE,
    -- Who sent it.
    sender       text NOT NULL,
    since        bigint NOT NULL,
    -- When somebody may take it up, or when the lease of who has it ends.
    claimable_at bigint NOT NULL,
    claim        uuid,
    worker       text
);

CREATE INDEX exchanges_awaiting_codes_claims ON exchanges_awaiting_codes (sender) WHERE claim IS NOT NULL;

-- The codes that they, or deliveries, wait for.
CREATE TABLE awaited_codes (
    exchange   uuid NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    -- The delivery that waits; nothing where the exchange does.
    delivery   uuid REFERENCES deliveries (id) ON DELETE CASCADE,
    partner    text NOT NULL,
    agreement  text NOT NULL,
    code_table text NOT NULL,
    side       text NOT NULL CHECK (side IN ('theirs', 'ours')),
    code       text NOT NULL,
    day        bigint NOT NULL,
    since      bigint NOT NULL
);

CREATE INDEX awaited_codes_exchange ON awaited_codes (exchange);
CREATE INDEX awaited_codes_delivery ON awaited_codes (delivery) WHERE delivery IS NOT NULL;
CREATE INDEX awaited_codes_code ON awaited_codes (partner, agreement, code_table, side, code);

-- Since when a delivery that is `pending` waits for a code.
ALTER TABLE deliveries ADD COLUMN awaits_code_since bigint;

CREATE INDEX deliveries_awaiting_codes ON deliveries (number) WHERE awaits_code_since IS NOT NULL;
