-- What pages ask for again and again, counted once: the problems of an import by code, and how long an import took.

-- Written with the outcome of the import; there is no row for a code that does not occur.
CREATE TABLE problem_counts (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    code TEXT NOT NULL,
    problems INTEGER NOT NULL,
    PRIMARY KEY (import_id, code)
);
INSERT INTO problem_counts (import_id, code, problems)
    SELECT import_id, code, count(*) FROM problems GROUP BY import_id, code;

-- From taking the file to the outcome, in milliseconds, never negative; NULL before the outcome, and for imports whose
-- outcome is older than this column.
ALTER TABLE imports ADD COLUMN took_ms INTEGER;
