-- Refunds; see the file for SQLite.

ALTER TABLE orders ADD COLUMN refund_reserved_fen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN refund_count BIGINT NOT NULL DEFAULT 0;

CREATE TABLE refunds (
    mch_id         TEXT COLLATE "C" NOT NULL,
    refund_no      TEXT COLLATE "C" NOT NULL,
    order_no       TEXT COLLATE "C" NOT NULL,
    transaction_id TEXT NOT NULL,
    amount_fen     BIGINT NOT NULL CHECK (amount_fen >= 0),
    total_fen      BIGINT NOT NULL CHECK (total_fen >= 0),
    reason         TEXT,
    notify_url     TEXT,
    origin         TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    facts          TEXT NOT NULL,
    version        BIGINT NOT NULL CHECK (version >= 1),
    PRIMARY KEY (mch_id, refund_no)
);

CREATE INDEX refunds_by_order ON refunds (mch_id, order_no, refund_no);

CREATE TABLE refund_history (
    mch_id    TEXT COLLATE "C" NOT NULL,
    refund_no TEXT COLLATE "C" NOT NULL,
    version   BIGINT NOT NULL,
    facts     TEXT NOT NULL,
    cause     TEXT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (mch_id, refund_no, version)
);
