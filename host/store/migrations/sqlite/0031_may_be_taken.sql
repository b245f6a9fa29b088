-- By how many of its sendings the partner may have a delivery: those that may have left and were not refused. As long as there is none,
-- nothing of it has left the gateway, however often it was tried.
ALTER TABLE deliveries ADD COLUMN may_be_taken INTEGER NOT NULL DEFAULT 0;

-- Of what filings have tried before nobody wrote down whether it left: it may have, unless all that was said of it is no.
UPDATE deliveries SET may_be_taken = 1 WHERE id IN (SELECT delivery FROM filing_deliveries)
    AND EXISTS (SELECT 1 FROM requests WHERE requests.delivery = coalesce(deliveries.batch, deliveries.id))
    AND NOT (attempts = 1 AND EXISTS (
        SELECT 1 FROM attempts WHERE attempts.delivery = deliveries.id AND attempts.verdict = 'rejected'
    ));
