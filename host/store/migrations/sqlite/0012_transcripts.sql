-- What was said in attempts at deliveries, as much as is kept of it: the head of the request, and the partner's answer.
-- It is removed before the attempts are, so it has a table of its own.
CREATE TABLE transcripts (
    delivery       BLOB NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number         INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    method         TEXT NOT NULL,
    url            TEXT NOT NULL,
    headers        TEXT NOT NULL,
    -- Nothing where no answer began to come.
    answer_status  INTEGER,
    answer_headers TEXT,
    -- How many bytes the body had, and the first of them. Nothing where it broke off or none is kept.
    answer_bytes   INTEGER,
    answer_body    BLOB,
    PRIMARY KEY (delivery, number),
    CHECK ((answer_status IS NULL) = (answer_headers IS NULL)),
    CHECK ((answer_bytes IS NULL) = (answer_body IS NULL))
) STRICT;

CREATE INDEX transcripts_age ON transcripts (at);
