-- What exchanges are found by. An entry is the hash of a name (8 bytes) and the exchange that it names (16 bytes).
--
-- An index with a row for each entry would cost a page for each, because names come in no order. So entries are gathered
-- as they come, a row for each transaction, and packed once there are many: sorted into buckets by their hash, a row for
-- each bucket and pack. Whoever looks for a name reads one bucket, and what is not packed yet.
CREATE TABLE names_gathered (
    number  INTEGER PRIMARY KEY,
    entries BLOB NOT NULL
) STRICT;

CREATE TABLE name_packs (
    number INTEGER PRIMARY KEY,
    -- The newest exchange that is named in it.
    newest BLOB NOT NULL
) STRICT;

CREATE TABLE names_packed (
    bucket  INTEGER NOT NULL,
    pack    INTEGER NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (bucket, pack)
) STRICT;

-- Exchanges from before there were names get theirs by and by, from the newest of them on.
CREATE TABLE names_missing (
    one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    newest BLOB NOT NULL
) STRICT;

INSERT INTO names_missing (one, newest) SELECT 1, id FROM exchanges ORDER BY id DESC LIMIT 1;

-- Those that were refused have names that go with them, since their number is bounded and their coming and going is not.
CREATE TABLE refused_names (
    name     BLOB NOT NULL,
    exchange BLOB NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    PRIMARY KEY (name, exchange)
) STRICT, WITHOUT ROWID;

CREATE INDEX refused_names_of_an_exchange ON refused_names (exchange);

-- Events of documents are found by their exchange. Identifiers grow with time, so this index is appended to.
CREATE INDEX events_exchange ON events (exchange) WHERE exchange IS NOT NULL;
