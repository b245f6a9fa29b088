-- What was reckoned of costs beside what they were in the end, in thousandths of the currency.
ALTER TABLE shipment_figures ADD COLUMN currency TEXT;
ALTER TABLE shipment_figures ADD COLUMN reckoned INTEGER;
ALTER TABLE shipment_figures ADD COLUMN assessed INTEGER;

-- From which country to which it goes, as its context says it.
ALTER TABLE shipments ADD COLUMN lane TEXT;

-- What an operator's act was about: partners, as the senders or destinations of what it changed, and shipments; the nil UUID where
-- there is none.
CREATE TABLE act_subjects (
    act      INTEGER NOT NULL REFERENCES acts (number) ON DELETE CASCADE,
    partner  TEXT NOT NULL,
    shipment BLOB NOT NULL,
    PRIMARY KEY (act, partner, shipment)
) STRICT, WITHOUT ROWID;

CREATE INDEX exception_acts_confirmed ON exception_acts (confirmed_at) WHERE confirmed_at IS NOT NULL;
