-- What was said in attempts at deliveries, as much as is kept of it: the head of the request, and the partner's answer.
-- It is removed before the attempts are, so it has a table of its own.
CREATE TABLE transcripts (
    delivery       uuid NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number         bigint NOT NULL,
    at             bigint NOT NULL,
    method         text NOT NULL,
    url            text NOT NULL,
    headers        text NOT NULL,
    -- Nothing where no answer began to come.
    answer_status  bigint,
    answer_headers text,
    -- How many bytes the body had, and the first of them. Nothing where it broke off or none is kept.
    answer_bytes   bigint,
    answer_body    bytea,
    PRIMARY KEY (delivery, number),
    CHECK ((answer_status IS NULL) = (answer_headers IS NULL)),
    CHECK ((answer_bytes IS NULL) = (answer_body IS NULL))
);

CREATE INDEX transcripts_age ON transcripts (at);
