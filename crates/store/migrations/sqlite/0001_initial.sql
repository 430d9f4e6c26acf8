-- Rules: the merchant is the first column of every key; texts, integers and one raw body; times are
-- milliseconds since 1970 and written by the program; keys rise with time where they can.
-- WITHOUT ROWID keeps a row in its key's tree: one tree to write instead of two.

CREATE TABLE merchants (
    mch_id       TEXT    NOT NULL,
    merchant_key TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    updated_at   INTEGER NOT NULL,
    PRIMARY KEY (mch_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    mch_id     TEXT    NOT NULL,
    token_hash TEXT    NOT NULL,
    app_id     TEXT    NOT NULL,
    openid     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (mch_id, token_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_expiry ON sessions (mch_id, expires_at);

CREATE TABLE goods (
    mch_id     TEXT    NOT NULL,
    goods_id   TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    price_fen  INTEGER NOT NULL CHECK (price_fen >= 0),
    image      TEXT,
    stock      INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (mch_id, goods_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    mch_id           TEXT    NOT NULL,
    order_no         TEXT    NOT NULL,
    app_id           TEXT    NOT NULL,
    openid           TEXT    NOT NULL,
    amount_fen       INTEGER NOT NULL CHECK (amount_fen >= 0),
    description      TEXT    NOT NULL,
    notify_url       TEXT    NOT NULL,
    metadata         TEXT,
    created_at       INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    state            TEXT    NOT NULL,
    version          INTEGER NOT NULL CHECK (version >= 1),
    prepay_id        TEXT,
    prepay_issued_at INTEGER,
    transaction_id   TEXT,
    paid_at          INTEGER,
    refunded_fen     INTEGER NOT NULL CHECK (refunded_fen BETWEEN 0 AND amount_fen),
    closed_at        INTEGER,
    PRIMARY KEY (mch_id, order_no)
) STRICT, WITHOUT ROWID;

CREATE INDEX orders_by_buyer ON orders (mch_id, openid, order_no);
CREATE INDEX orders_by_state ON orders (mch_id, state, order_no);

CREATE TABLE order_history (
    mch_id   TEXT    NOT NULL,
    order_no TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    state    TEXT    NOT NULL,
    cause    TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (mch_id, order_no, version)
) STRICT, WITHOUT ROWID;

-- Notifications as they came, for a person who must know what WeChat said. Bodies are large, so
-- this table has row ids; the key begins with the order, whose number rises with time, because
-- the ids that WeChat gives to notifications are random.
CREATE TABLE inbox (
    mch_id              TEXT    NOT NULL,
    order_no            TEXT    NOT NULL,
    notification_id     TEXT    NOT NULL,
    event_type          TEXT    NOT NULL,
    serial              TEXT    NOT NULL,
    signature_timestamp TEXT    NOT NULL,
    nonce               TEXT    NOT NULL,
    signature           TEXT    NOT NULL,
    body                BLOB    NOT NULL,
    received_at         INTEGER NOT NULL,
    outcome             TEXT    NOT NULL,
    PRIMARY KEY (mch_id, order_no, notification_id)
) STRICT;

CREATE TABLE outbox (
    mch_id       TEXT    NOT NULL,
    event_id     TEXT    NOT NULL,
    order_no     TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    event_schema INTEGER NOT NULL,
    event_data   TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (mch_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    mch_id          TEXT    NOT NULL,
    scope           TEXT    NOT NULL,
    idempotency_key TEXT    NOT NULL,
    request_hash    TEXT    NOT NULL,
    order_no        TEXT    NOT NULL,
    lease_until     INTEGER NOT NULL,
    answer          TEXT,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (mch_id, scope, idempotency_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_by_age ON idempotency (mch_id, created_at);

CREATE TABLE jobs (
    mch_id       TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    due_at       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    lease_token  TEXT    NOT NULL,
    PRIMARY KEY (mch_id, kind, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_by_due ON jobs (mch_id, kind, due_at);

CREATE TABLE exceptions (
    mch_id   TEXT    NOT NULL,
    order_no TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    fact     TEXT    NOT NULL,
    detail   TEXT    NOT NULL,
    event_id TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (mch_id, order_no, kind, fact)
) STRICT, WITHOUT ROWID;

CREATE INDEX exceptions_by_event ON exceptions (mch_id, event_id);
