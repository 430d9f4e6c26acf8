-- An event has no position while it is not placed; positions have no gaps within a merchant, so a
-- reader who goes on from the last one he saw misses nothing, whoever commits when.

ALTER TABLE outbox ADD COLUMN position BIGINT;

CREATE INDEX outbox_by_position ON outbox (mch_id, position, event_id);

CREATE TABLE event_positions (
    mch_id        TEXT COLLATE "C" NOT NULL,
    last_position BIGINT NOT NULL CHECK (last_position >= 0),
    PRIMARY KEY (mch_id)
);

-- The signing keys stand here as they are needed for signing: guard the database as you guard them.
CREATE TABLE webhook_endpoints (
    mch_id        TEXT COLLATE "C" NOT NULL,
    endpoint_id   TEXT COLLATE "C" NOT NULL,
    url           TEXT NOT NULL,
    types         TEXT NOT NULL,
    signing_keys  TEXT NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    state_reason  TEXT NOT NULL,
    state_at      BIGINT NOT NULL,
    failing_since BIGINT,
    position      BIGINT NOT NULL,
    version       BIGINT NOT NULL CHECK (version >= 1),
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (mch_id, endpoint_id)
);

CREATE TABLE webhook_deliveries (
    mch_id       TEXT COLLATE "C" NOT NULL,
    endpoint_id  TEXT COLLATE "C" NOT NULL,
    event_id     TEXT COLLATE "C" NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    attempts     BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    lease_token  TEXT NOT NULL,
    PRIMARY KEY (mch_id, endpoint_id, event_id)
);

CREATE INDEX webhook_deliveries_by_due ON webhook_deliveries (mch_id, endpoint_id, state, due_at);

CREATE TABLE webhook_attempts (
    mch_id      TEXT COLLATE "C" NOT NULL,
    endpoint_id TEXT COLLATE "C" NOT NULL,
    attempt_id  TEXT COLLATE "C" NOT NULL,
    event_id    TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status      BIGINT,
    answer      TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    PRIMARY KEY (mch_id, endpoint_id, attempt_id)
);
