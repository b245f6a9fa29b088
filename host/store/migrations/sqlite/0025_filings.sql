-- What is declared to customs of a shipment: where each filing stands, and what operators want of it.
CREATE TABLE filings (
    -- What the shipment was called when the filing began. Another name may lead to it since (shipment_ids).
    shipment   BLOB NOT NULL,
    name       TEXT NOT NULL,
    state      TEXT NOT NULL,
    lrn        TEXT NOT NULL,
    mrn        TEXT,
    -- All of it, with what customs was sent, as JSON.
    filing     TEXT NOT NULL,
    began_at   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    -- Who released it, and what exactly; who wants it cancelled.
    released   TEXT,
    cancelled  TEXT,
    PRIMARY KEY (shipment, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX filings_state ON filings (state, changed_at);
CREATE INDEX filings_lrn ON filings (lrn);

-- The deliveries of filings: what becomes of them concerns their shipment.
CREATE TABLE filing_deliveries (
    delivery BLOB NOT NULL PRIMARY KEY,
    shipment BLOB NOT NULL,
    name     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX filing_deliveries_filing ON filing_deliveries (shipment, name);
