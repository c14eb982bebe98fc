-- Imports that a guard stopped, and what people decided.

-- What each automation holds for a person, as JSON; NULL for the defaults.
ALTER TABLE automations ADD COLUMN guards TEXT;

-- 1 for an export of every record that was applied: the next one is measured by it.
ALTER TABLE imports ADD COLUMN full_export INTEGER NOT NULL DEFAULT 0;
CREATE INDEX imports_full ON imports (company_id, register, id) WHERE full_export = 1;

-- Why an import is or was held, and what it would do: the first changes and problems as JSON. `digest` tells one preview
-- from another: an approval counts only for the preview that was shown. `full` is 1 for an export of every record, which
-- a newer one overtakes.
CREATE TABLE holds (
    import_id INTEGER PRIMARY KEY REFERENCES imports (id),
    reasons TEXT NOT NULL,
    digest TEXT NOT NULL,
    "full" INTEGER NOT NULL,
    deactivated INTEGER NOT NULL,
    changes TEXT NOT NULL,
    problems TEXT NOT NULL,
    held_at TEXT NOT NULL,
    approved_by TEXT,
    approved_at TEXT
);

-- What an undo took back: the values that the import had given (all but the key for a record that it had created), so
-- that a delivery which would bring them back can be held. Approving that forgets them.
CREATE TABLE undone_values (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    register TEXT NOT NULL,
    number TEXT NOT NULL,
    import_id INTEGER NOT NULL REFERENCES imports (id),
    changes TEXT,
    PRIMARY KEY (company_id, register, number, import_id)
);
CREATE INDEX undone_values_by_import ON undone_values (import_id);
