-- The same tables as on SQLite; see there for the rules. COLLATE "C" compares keys byte by byte on
-- every machine: an order that depends on the system's language would change under an index.

CREATE TABLE merchants (
    mch_id       TEXT COLLATE "C" NOT NULL,
    merchant_key TEXT NOT NULL,
    name         TEXT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (mch_id)
);

CREATE TABLE sessions (
    mch_id     TEXT COLLATE "C" NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL,
    app_id     TEXT NOT NULL,
    openid     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (mch_id, token_hash)
);

CREATE INDEX sessions_by_expiry ON sessions (mch_id, expires_at);

CREATE TABLE goods (
    mch_id     TEXT COLLATE "C" NOT NULL,
    goods_id   TEXT COLLATE "C" NOT NULL,
    title      TEXT NOT NULL,
    price_fen  BIGINT NOT NULL CHECK (price_fen >= 0),
    image      TEXT,
    stock      BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (mch_id, goods_id)
);

CREATE TABLE orders (
    mch_id           TEXT COLLATE "C" NOT NULL,
    order_no         TEXT COLLATE "C" NOT NULL,
    app_id           TEXT NOT NULL,
    openid           TEXT COLLATE "C" NOT NULL,
    amount_fen       BIGINT NOT NULL CHECK (amount_fen >= 0),
    description      TEXT NOT NULL,
    notify_url       TEXT NOT NULL,
    metadata         TEXT,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    state            TEXT COLLATE "C" NOT NULL,
    version          BIGINT NOT NULL CHECK (version >= 1),
    prepay_id        TEXT,
    prepay_issued_at BIGINT,
    transaction_id   TEXT,
    paid_at          BIGINT,
    refunded_fen     BIGINT NOT NULL CHECK (refunded_fen BETWEEN 0 AND amount_fen),
    closed_at        BIGINT,
    PRIMARY KEY (mch_id, order_no)
);

CREATE INDEX orders_by_buyer ON orders (mch_id, openid, order_no);
CREATE INDEX orders_by_state ON orders (mch_id, state, order_no);

CREATE TABLE order_history (
    mch_id   TEXT COLLATE "C" NOT NULL,
    order_no TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL,
    state    TEXT COLLATE "C" NOT NULL,
    cause    TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (mch_id, order_no, version)
);

CREATE TABLE inbox (
    mch_id              TEXT COLLATE "C" NOT NULL,
    order_no            TEXT COLLATE "C" NOT NULL,
    notification_id     TEXT COLLATE "C" NOT NULL,
    event_type          TEXT NOT NULL,
    serial              TEXT NOT NULL,
    signature_timestamp TEXT NOT NULL,
    nonce               TEXT NOT NULL,
    signature           TEXT NOT NULL,
    body                BYTEA NOT NULL,
    received_at         BIGINT NOT NULL,
    outcome             TEXT NOT NULL,
    PRIMARY KEY (mch_id, order_no, notification_id)
);

CREATE TABLE outbox (
    mch_id       TEXT COLLATE "C" NOT NULL,
    event_id     TEXT COLLATE "C" NOT NULL,
    order_no     TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    event_schema BIGINT NOT NULL,
    event_data   TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (mch_id, event_id)
);

CREATE TABLE idempotency (
    mch_id          TEXT COLLATE "C" NOT NULL,
    scope           TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    request_hash    TEXT NOT NULL,
    order_no        TEXT COLLATE "C" NOT NULL,
    lease_until     BIGINT NOT NULL,
    answer          TEXT,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (mch_id, scope, idempotency_key)
);

CREATE INDEX idempotency_by_age ON idempotency (mch_id, created_at);

CREATE TABLE jobs (
    mch_id       TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    due_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    lease_token  TEXT NOT NULL,
    PRIMARY KEY (mch_id, kind, subject)
);

CREATE INDEX jobs_by_due ON jobs (mch_id, kind, due_at);

CREATE TABLE exceptions (
    mch_id   TEXT COLLATE "C" NOT NULL,
    order_no TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    fact     TEXT COLLATE "C" NOT NULL,
    detail   TEXT NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (mch_id, order_no, kind, fact)
);

CREATE INDEX exceptions_by_event ON exceptions (mch_id, event_id);
