-- Bills held against the books. What was found is kept with its key, so that two who compare the same
-- day at once, or one who does so twice, list each difference once and tell of it once.

-- The payments of a day, in its order. Unpaid orders are not in it.
CREATE INDEX orders_by_payment ON orders (mch_id, paid_at, order_no) WHERE paid_at IS NOT NULL;
CREATE INDEX refunds_by_creation ON refunds (mch_id, created_at, refund_no);

CREATE TABLE reconciliations (
    mch_id          TEXT COLLATE "C" NOT NULL,
    bill_date       TEXT COLLATE "C" NOT NULL,
    bill_kind       TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    rows_read       BIGINT NOT NULL,
    rows_unreadable BIGINT NOT NULL,
    payments_fen    BIGINT NOT NULL,
    refunds_fen     BIGINT NOT NULL,
    detail          TEXT NOT NULL,
    at              BIGINT NOT NULL,
    PRIMARY KEY (mch_id, bill_date, bill_kind)
);

-- A payment has no refund_no: an empty text, because a key has no NULL. Not announced yet: an empty
-- event_id.
CREATE TABLE reconciliation_differences (
    mch_id         TEXT COLLATE "C" NOT NULL,
    bill_date      TEXT COLLATE "C" NOT NULL,
    bill_kind      TEXT COLLATE "C" NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    transaction_id TEXT COLLATE "C" NOT NULL,
    refund_no      TEXT COLLATE "C" NOT NULL,
    order_no       TEXT NOT NULL,
    billed_fen     BIGINT,
    booked_fen     BIGINT,
    state          TEXT COLLATE "C" NOT NULL,
    found_at       BIGINT NOT NULL,
    seen_at        BIGINT NOT NULL,
    settled_at     BIGINT,
    event_id       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (mch_id, bill_date, bill_kind, kind, transaction_id, refund_no)
);

-- What stands in the bill of another day than in the books.
CREATE TABLE reconciliation_strays (
    mch_id         TEXT COLLATE "C" NOT NULL,
    transaction_id TEXT COLLATE "C" NOT NULL,
    refund_no      TEXT COLLATE "C" NOT NULL,
    bill_date      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (mch_id, transaction_id, refund_no, bill_date)
);
