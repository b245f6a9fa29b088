-- What is declared to customs of a shipment: where each filing stands, and what operators want of it.
CREATE TABLE filings (
    -- What the shipment was called when the filing began. Another name may lead to it since (shipment_ids).
    shipment   uuid NOT NULL,
    name       text NOT NULL,
    state      text NOT NULL,
    lrn        text NOT NULL,
    mrn        text,
    -- All of it, with what customs was sent, as JSON.
    filing     text NOT NULL,
    began_at   bigint NOT NULL,
    changed_at bigint NOT NULL,
    -- Who released it, and what exactly; who wants it cancelled.
    released   text,
    cancelled  text,
    PRIMARY KEY (shipment, name)
);

CREATE INDEX filings_state ON filings (state, changed_at);
CREATE INDEX filings_lrn ON filings (lrn);

-- The deliveries of filings: what becomes of them concerns their shipment.
CREATE TABLE filing_deliveries (
    delivery uuid NOT NULL PRIMARY KEY,
    shipment uuid NOT NULL,
    name     text NOT NULL
);

CREATE INDEX filing_deliveries_filing ON filing_deliveries (shipment, name);
