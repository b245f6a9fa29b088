-- A key can be taken before there is an answer: by a request whose effect is not in the journal.
ALTER TABLE answers
    ALTER COLUMN exchange DROP NOT NULL,
    ALTER COLUMN status DROP NOT NULL,
    ALTER COLUMN headers DROP NOT NULL,
    ALTER COLUMN body DROP NOT NULL,
    ADD CHECK ((status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL));

-- Random keys that all who have this journal share.
CREATE TABLE shared_keys (
    purpose text NOT NULL PRIMARY KEY,
    key     bytea NOT NULL
);
