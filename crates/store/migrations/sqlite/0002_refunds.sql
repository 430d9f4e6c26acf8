-- Refunds. What an order has promised to pay back is kept in the order's own row: a guard on it makes
-- sure that refunds which are asked for at the same time never exceed what was paid.

ALTER TABLE orders ADD COLUMN refund_reserved_fen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN refund_count INTEGER NOT NULL DEFAULT 0;

CREATE TABLE refunds (
    mch_id         TEXT    NOT NULL,
    refund_no      TEXT    NOT NULL,
    order_no       TEXT    NOT NULL,
    transaction_id TEXT    NOT NULL,
    amount_fen     INTEGER NOT NULL CHECK (amount_fen >= 0),
    total_fen      INTEGER NOT NULL CHECK (total_fen >= 0),
    reason         TEXT,
    notify_url     TEXT,
    origin         TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    state          TEXT    NOT NULL,
    facts          TEXT    NOT NULL,
    version        INTEGER NOT NULL CHECK (version >= 1),
    PRIMARY KEY (mch_id, refund_no)
) STRICT, WITHOUT ROWID;

CREATE INDEX refunds_by_order ON refunds (mch_id, order_no, refund_no);

CREATE TABLE refund_history (
    mch_id    TEXT    NOT NULL,
    refund_no TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    facts     TEXT    NOT NULL,
    cause     TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (mch_id, refund_no, version)
) STRICT, WITHOUT ROWID;
