-- The two-person rule: what is accepted, what waits, and who approved it.
CREATE TABLE accepted (
    one       INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    digest    BLOB NOT NULL,
    -- Whether what is accepted asks for a second person.
    required  INTEGER NOT NULL,
    state     TEXT NOT NULL,
    -- Who approved it, as JSON; nobody where it needed nobody.
    approvals TEXT NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

-- What is measured by what is accepted; all of it goes when something else is accepted.
CREATE TABLE pending_changes (
    digest     BLOB NOT NULL PRIMARY KEY,
    changes    TEXT NOT NULL,
    first_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE approvals (
    digest   BLOB NOT NULL REFERENCES pending_changes (digest) ON DELETE CASCADE,
    operator TEXT NOT NULL,
    reason   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (digest, operator)
) STRICT, WITHOUT ROWID;
