-- Imports can be taken back.
--
-- The history notes what an undo did: the values that a record has again, or all values of a record that was removed.
-- `undo_of` is the import that was undone; such an entry has a person and no import.

CREATE TABLE history_with_undo (
    id INTEGER PRIMARY KEY,
    company_id INTEGER NOT NULL REFERENCES companies (id),
    register TEXT NOT NULL,
    record_id INTEGER NOT NULL,
    at TEXT NOT NULL,
    import_id INTEGER,
    undo_of INTEGER,
    person TEXT,
    line INTEGER,
    kind TEXT NOT NULL CHECK (kind IN ('created', 'updated', 'removed')),
    changes TEXT
);
INSERT INTO history_with_undo (id, company_id, register, record_id, at, import_id, person, line, kind, changes)
    SELECT id, company_id, register, record_id, at, import_id, person, line, kind, changes FROM history;
DROP TABLE history;
ALTER TABLE history_with_undo RENAME TO history;
CREATE INDEX history_by_record ON history (company_id, register, record_id, id);
CREATE INDEX history_by_people ON history (company_id, register, id) WHERE import_id IS NULL;

-- The last entry of the history before the import was applied: its own lie between this one and `history_id`, since
-- they are written in one transaction. 0 for imports that are older than this column.
ALTER TABLE imports ADD COLUMN history_before INTEGER NOT NULL DEFAULT 0;

-- When and by whom it was undone, and how many records have their earlier values again, were removed, or were left
-- because something newer had changed them.
ALTER TABLE imports ADD COLUMN undone_at TEXT;
ALTER TABLE imports ADD COLUMN undone_by TEXT;
ALTER TABLE imports ADD COLUMN undo_restored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN undo_removed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN undo_left INTEGER NOT NULL DEFAULT 0;

-- The entries of the history that an undo of their import left as they are.
CREATE TABLE undo_left (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    history_id INTEGER NOT NULL,
    PRIMARY KEY (import_id, history_id)
);
