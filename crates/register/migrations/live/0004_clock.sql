-- When the program last looked at the clock, and for how long of its running time the clock has gone on as it should since
-- it last jumped. One row.
CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seen_at TEXT NOT NULL,
    agreed_ms INTEGER NOT NULL
);
