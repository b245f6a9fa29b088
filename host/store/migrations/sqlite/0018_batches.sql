-- How large the documents of a delivery are that may go out together with others, until it goes.
ALTER TABLE deliveries ADD COLUMN batch_bytes INTEGER;
-- The delivery under whose id it went out together with others: its own, or that of another. What was sent is kept once,
-- with that one.
ALTER TABLE deliveries ADD COLUMN batch BLOB;

CREATE INDEX deliveries_batching ON deliveries (destination, contract, version, number)
    WHERE batch_bytes IS NOT NULL AND claimable_at IS NOT NULL;
CREATE INDEX deliveries_batch ON deliveries (batch, number) WHERE batch IS NOT NULL;
