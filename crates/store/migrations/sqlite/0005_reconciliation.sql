-- Bills held against the books. What was found is kept with its key, so that two who compare the same
-- day at once, or one who does so twice, list each difference once and tell of it once.

-- The payments of a day, in its order. Unpaid orders are not in it.
CREATE INDEX orders_by_payment ON orders (mch_id, paid_at, order_no) WHERE paid_at IS NOT NULL;
CREATE INDEX refunds_by_creation ON refunds (mch_id, created_at, refund_no);

CREATE TABLE reconciliations (
    mch_id          TEXT    NOT NULL,
    bill_date       TEXT    NOT NULL,
    bill_kind       TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    rows_read       INTEGER NOT NULL,
    rows_unreadable INTEGER NOT NULL,
    payments_fen    INTEGER NOT NULL,
    refunds_fen     INTEGER NOT NULL,
    detail          TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (mch_id, bill_date, bill_kind)
) STRICT, WITHOUT ROWID;

-- A payment has no refund_no: an empty text, because a key has no NULL. Not announced yet: an empty
-- event_id.
CREATE TABLE reconciliation_differences (
    mch_id         TEXT    NOT NULL,
    bill_date      TEXT    NOT NULL,
    bill_kind      TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    transaction_id TEXT    NOT NULL,
    refund_no      TEXT    NOT NULL,
    order_no       TEXT    NOT NULL,
    billed_fen     INTEGER,
    booked_fen     INTEGER,
    state          TEXT    NOT NULL,
    found_at       INTEGER NOT NULL,
    seen_at        INTEGER NOT NULL,
    settled_at     INTEGER,
    event_id       TEXT    NOT NULL,
    PRIMARY KEY (mch_id, bill_date, bill_kind, kind, transaction_id, refund_no)
) STRICT, WITHOUT ROWID;

-- What stands in the bill of another day than in the books.
CREATE TABLE reconciliation_strays (
    mch_id         TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    refund_no      TEXT NOT NULL,
    bill_date      TEXT NOT NULL,
    PRIMARY KEY (mch_id, transaction_id, refund_no, bill_date)
) STRICT, WITHOUT ROWID;
