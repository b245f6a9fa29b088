-- Exchanges that were acknowledged before they were decoded. One that has no row here is accepted: so it is with nearly
-- all, and they pay nothing for it.
CREATE TABLE parked (
    exchange     uuid NOT NULL PRIMARY KEY REFERENCES exchanges (id) ON DELETE CASCADE,
    partner      text NOT NULL,
    -- Partner, contract and version as a list, so that one of each is found without a walk through all.
    source       text NOT NULL,
    state        text NOT NULL CHECK (state IN ('parked', 'rejected', 'failed', 'discarded')),
    parked_at    bigint NOT NULL,
    -- How often one build of its plugin has failed on it, which one, and how.
    failures     bigint NOT NULL,
    failed_build bytea,
    detail       text NOT NULL,
    -- When somebody may claim it, or when the lease of who has it ends. Nothing when it is not to be taken up.
    claimable_at bigint,
    claim        uuid,
    worker       text,
    CHECK ((claimable_at IS NOT NULL) = (state = 'parked')),
    CHECK (claim IS NULL OR claimable_at IS NOT NULL),
    CHECK ((failed_build IS NOT NULL) = (failures > 0))
);

-- The order in which they are taken up: what nobody failed on first, the oldest first.
CREATE INDEX parked_order ON parked (partner, failures, exchange) WHERE state = 'parked';
CREATE INDEX parked_sources ON parked (source, claimable_at) WHERE state = 'parked';
CREATE INDEX parked_claims ON parked (partner, source) WHERE claim IS NOT NULL;
CREATE INDEX parked_states ON parked (state, exchange);

-- Acts are on more than deliveries; which kinds there are is the program's affair.
ALTER TABLE acts DROP CONSTRAINT acts_kind_check;
