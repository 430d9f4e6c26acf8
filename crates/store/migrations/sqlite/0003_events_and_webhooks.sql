-- An event has no position while it is not placed; positions have no gaps within a merchant, so a
-- reader who goes on from the last one he saw misses nothing, whoever commits when.

ALTER TABLE outbox ADD COLUMN position INTEGER;

CREATE INDEX outbox_by_position ON outbox (mch_id, position, event_id);

CREATE TABLE event_positions (
    mch_id        TEXT    NOT NULL,
    last_position INTEGER NOT NULL CHECK (last_position >= 0),
    PRIMARY KEY (mch_id)
) STRICT, WITHOUT ROWID;

-- The signing keys stand here as they are needed for signing: guard the database as you guard them.
CREATE TABLE webhook_endpoints (
    mch_id        TEXT    NOT NULL,
    endpoint_id   TEXT    NOT NULL,
    url           TEXT    NOT NULL,
    types         TEXT    NOT NULL,
    signing_keys  TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    state_reason  TEXT    NOT NULL,
    state_at      INTEGER NOT NULL,
    failing_since INTEGER,
    position      INTEGER NOT NULL,
    version       INTEGER NOT NULL CHECK (version >= 1),
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (mch_id, endpoint_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_deliveries (
    mch_id       TEXT    NOT NULL,
    endpoint_id  TEXT    NOT NULL,
    event_id     TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    attempts     INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    lease_token  TEXT    NOT NULL,
    PRIMARY KEY (mch_id, endpoint_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_deliveries_by_due ON webhook_deliveries (mch_id, endpoint_id, state, due_at);

CREATE TABLE webhook_attempts (
    mch_id      TEXT    NOT NULL,
    endpoint_id TEXT    NOT NULL,
    attempt_id  TEXT    NOT NULL,
    event_id    TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    status      INTEGER,
    answer      TEXT    NOT NULL,
    outcome     TEXT    NOT NULL,
    PRIMARY KEY (mch_id, endpoint_id, attempt_id)
) STRICT, WITHOUT ROWID;
