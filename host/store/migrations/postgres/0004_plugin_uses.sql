-- What each component of a plugin used, as each gateway saw it on each day.
CREATE TABLE plugin_uses (
    plugin  text NOT NULL,
    sha256  bytea NOT NULL,
    day     bigint NOT NULL,
    gateway uuid NOT NULL,
    record  text NOT NULL,
    PRIMARY KEY (plugin, sha256, day, gateway)
);

CREATE INDEX plugin_uses_day ON plugin_uses (day);
