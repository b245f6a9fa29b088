-- What cannot go on by itself and waits for a person. Of each cause a shipment has one, which opens again where it must.
CREATE TABLE exceptions (
    id          uuid NOT NULL PRIMARY KEY,
    -- The shipment; the nil UUID where it is of none.
    shipment    uuid NOT NULL,
    cause       text NOT NULL,
    -- The thing that has found no shipment, where that is the cause.
    thing       bigint,
    team        text NOT NULL,
    assignee    text,
    state       text NOT NULL CHECK (state IN ('open', 'closed')),
    severity    text NOT NULL,
    detail      text NOT NULL,
    remedy      text NOT NULL,
    findings    text NOT NULL,
    -- The revision of the context that said so last.
    revision    text,
    -- When it was opened first and last, how often, and when the facts changed it last.
    first_at    bigint NOT NULL,
    opened_at   bigint NOT NULL,
    times       bigint NOT NULL,
    changed_at  bigint NOT NULL,
    -- By when its team must have done something, who has it then, and since when he does.
    deadline    bigint,
    escalate_to text,
    escalated_at bigint,
    -- How it was closed: by the facts, an override, a discard, or because its shipment is part of another.
    closing     text,
    closed_at   bigint,
    closed_by   text,
    close_reason text,
    -- Rises with each change of the facts, so that nothing is done to what is something else by now.
    version     bigint NOT NULL,
    UNIQUE (shipment, cause)
);

CREATE INDEX exceptions_open ON exceptions (team, id) WHERE state = 'open';
CREATE INDEX exceptions_due ON exceptions (deadline) WHERE state = 'open' AND deadline IS NOT NULL AND escalated_at IS NULL;
CREATE INDEX exceptions_things ON exceptions (thing) WHERE thing IS NOT NULL;

-- What people did with them, and what waits for a second person.
CREATE TABLE exception_acts (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    exception   uuid NOT NULL REFERENCES exceptions (id) ON DELETE CASCADE,
    act         text NOT NULL,
    state       text NOT NULL CHECK (state IN ('done', 'waits', 'void')),
    operator    text NOT NULL,
    reason      text NOT NULL,
    at          bigint NOT NULL,
    -- What exactly, as JSON.
    detail      text NOT NULL,
    -- The exception's version as the operator saw it.
    version     bigint NOT NULL,
    confirmed_by text,
    confirm_reason text,
    confirmed_at bigint
);

CREATE INDEX exception_acts_exception ON exception_acts (exception);

-- Findings that block nothing because a person has said so.
CREATE TABLE overrides (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipment    uuid NOT NULL,
    cause       text NOT NULL,
    -- What the findings are about that it counts for, by digest.
    subjects    text NOT NULL,
    until       text NOT NULL,
    operator    text NOT NULL,
    confirmed_by text,
    reason      text NOT NULL,
    at          bigint NOT NULL,
    ended_at    bigint
);

CREATE INDEX overrides_shipment ON overrides (shipment) WHERE ended_at IS NULL;

-- What must arrive by when.
CREATE TABLE expectations (
    shipment    uuid NOT NULL,
    name        text NOT NULL,
    -- What began it: a document's key, or a delivery.
    about       text NOT NULL,
    since       bigint NOT NULL,
    due_at      bigint NOT NULL,
    met_at      bigint,
    -- When it was noticed that it has not arrived in time.
    overdue_at  bigint,
    PRIMARY KEY (shipment, name, about)
);

CREATE INDEX expectations_due ON expectations (due_at) WHERE met_at IS NULL AND overdue_at IS NULL;
