-- What is of the moment: sessions, failed sign-ins, the progress of running imports, the state of automations. It has a
-- file of its own, so that none of it waits for an import's transaction; losing it loses no business data.

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    person_id INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE sign_in_failures (
    account TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL
);

CREATE TABLE progress (
    import_id INTEGER PRIMARY KEY,
    phase TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE TABLE automation_states (
    automation TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
