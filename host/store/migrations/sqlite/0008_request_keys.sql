-- A key can be taken before there is an answer: by a request whose effect is not in the journal.
CREATE TABLE answers_or_none (
    -- Covers partner and key, and the contract where the key counts within one; an index that is not appended to.
    hash        BLOB NOT NULL UNIQUE,
    exchange    BLOB,
    fingerprint BLOB NOT NULL,
    expires_at  INTEGER NOT NULL,
    status      INTEGER,
    headers     TEXT,
    body        BLOB,
    CHECK ((status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL))
) STRICT;

INSERT INTO answers_or_none SELECT hash, exchange, fingerprint, expires_at, status, headers, body FROM answers;
DROP TABLE answers;
ALTER TABLE answers_or_none RENAME TO answers;
CREATE INDEX answers_expiry ON answers (expires_at);

-- Random keys that all who have this journal share.
CREATE TABLE shared_keys (
    purpose TEXT NOT NULL PRIMARY KEY,
    key     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
