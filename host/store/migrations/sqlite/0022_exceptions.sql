-- What cannot go on by itself and waits for a person. Of each cause a shipment has one, which opens again where it must.
CREATE TABLE exceptions (
    id          BLOB NOT NULL PRIMARY KEY,
    -- The shipment; the nil UUID where it is of none.
    shipment    BLOB NOT NULL,
    cause       TEXT NOT NULL,
    -- The thing that has found no shipment, where that is the cause.
    thing       INTEGER,
    team        TEXT NOT NULL,
    assignee    TEXT,
    state       TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    severity    TEXT NOT NULL,
    detail      TEXT NOT NULL,
    remedy      TEXT NOT NULL,
    findings    TEXT NOT NULL,
    -- The revision of the context that said so last.
    revision    TEXT,
    -- When it was opened first and last, how often, and when the facts changed it last.
    first_at    INTEGER NOT NULL,
    opened_at   INTEGER NOT NULL,
    times       INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    -- By when its team must have done something, who has it then, and since when he does.
    deadline    INTEGER,
    escalate_to TEXT,
    escalated_at INTEGER,
    -- How it was closed: by the facts, an override, a discard, or because its shipment is part of another.
    closing     TEXT,
    closed_at   INTEGER,
    closed_by   TEXT,
    close_reason TEXT,
    -- Rises with each change of the facts, so that nothing is done to what is something else by now.
    version     INTEGER NOT NULL,
    UNIQUE (shipment, cause)
) STRICT;

CREATE INDEX exceptions_open ON exceptions (team, id) WHERE state = 'open';
CREATE INDEX exceptions_due ON exceptions (deadline) WHERE state = 'open' AND deadline IS NOT NULL AND escalated_at IS NULL;
CREATE INDEX exceptions_things ON exceptions (thing) WHERE thing IS NOT NULL;

-- What people did with them, and what waits for a second person.
CREATE TABLE exception_acts (
    number      INTEGER PRIMARY KEY,
    exception   BLOB NOT NULL REFERENCES exceptions (id) ON DELETE CASCADE,
    act         TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('done', 'waits', 'void')),
    operator    TEXT NOT NULL,
    reason      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    -- What exactly, as JSON.
    detail      TEXT NOT NULL,
    -- The exception's version as the operator saw it.
    version     INTEGER NOT NULL,
    confirmed_by TEXT,
    confirm_reason TEXT,
    confirmed_at INTEGER
) STRICT;

CREATE INDEX exception_acts_exception ON exception_acts (exception);

-- Findings that block nothing because a person has said so.
CREATE TABLE overrides (
    number      INTEGER PRIMARY KEY,
    shipment    BLOB NOT NULL,
    cause       TEXT NOT NULL,
    -- What the findings are about that it counts for, by digest.
    subjects    TEXT NOT NULL,
    until       TEXT NOT NULL,
    operator    TEXT NOT NULL,
    confirmed_by TEXT,
    reason      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    ended_at    INTEGER
) STRICT;

CREATE INDEX overrides_shipment ON overrides (shipment) WHERE ended_at IS NULL;

-- What must arrive by when.
CREATE TABLE expectations (
    shipment    BLOB NOT NULL,
    name        TEXT NOT NULL,
    -- What began it: a document's key, or a delivery.
    about       TEXT NOT NULL,
    since       INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    met_at      INTEGER,
    -- When it was noticed that it has not arrived in time.
    overdue_at  INTEGER,
    PRIMARY KEY (shipment, name, about)
) STRICT;

CREATE INDEX expectations_due ON expectations (due_at) WHERE met_at IS NULL AND overdue_at IS NULL;
