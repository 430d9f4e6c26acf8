-- Which programs the tables fit; see the file for SQLite.

CREATE TABLE schema_breaks (
    version        BIGINT NOT NULL,
    oldest_program BIGINT NOT NULL
);

-- So that old notifications are found without looking at all of them.

CREATE INDEX inbox_by_age ON inbox (mch_id, received_at);
