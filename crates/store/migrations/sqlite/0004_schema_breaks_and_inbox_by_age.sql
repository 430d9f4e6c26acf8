-- A migration that only adds leaves programs that do not know it at work. One that they would not
-- survive says so here, in its own text: from `version` on, a program must know migration
-- `oldest_program`. See docs/adr/0003. It has no merchant and no key: a row is never changed.

CREATE TABLE schema_breaks (
    version        INTEGER NOT NULL,
    oldest_program INTEGER NOT NULL
) STRICT;

-- So that old notifications are found without looking at all of them.

CREATE INDEX inbox_by_age ON inbox (mch_id, received_at);
