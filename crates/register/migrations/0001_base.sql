-- What every register stands on: settings, formats, automations, people, the ledger and the history.
--
-- Written so that PostgreSQL can run it with the types INTEGER -> BIGINT and BLOB -> BYTEA. Times are RFC 3339 text in
-- UTC with milliseconds, which sorts as time does. Every row belongs to a company; there is one, with id 1.

CREATE TABLE companies (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
INSERT INTO companies (id, name) VALUES (1, '');

-- One row per group of settings ("erp-system"); the value is one JSON document.
CREATE TABLE settings (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (company_id, name)
);

-- The number of changes to settings, formats and automations: a running program looks here and reads them anew.
CREATE TABLE settings_version (
    company_id INTEGER PRIMARY KEY REFERENCES companies (id),
    version INTEGER NOT NULL
);
INSERT INTO settings_version (company_id, version) VALUES (1, 0);

CREATE TABLE formats (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    register TEXT NOT NULL,
    version INTEGER NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (company_id, name)
);

CREATE TABLE automations (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    name TEXT NOT NULL,
    active INTEGER NOT NULL,
    changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, name)
);

CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'administrator')),
    password_hash TEXT,
    created_at TEXT NOT NULL
);

-- Links that work once: set-up, choosing a password, signing in to the demo. Only the hash of the secret is kept.
CREATE TABLE links (
    secret_hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('choose-password', 'sign-in')),
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
);

-- The ledger: one row per import, for ever. `step` is how far the way of a file has come, for the next start.
CREATE TABLE imports (
    id INTEGER PRIMARY KEY,
    company_id INTEGER NOT NULL REFERENCES companies (id),
    automation TEXT,
    register TEXT NOT NULL,
    file TEXT NOT NULL,
    started_by TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('waiting', 'importing', 'done', 'held', 'refused', 'undone', 'superseded')),
    step TEXT NOT NULL,
    reason TEXT,
    format TEXT NOT NULL,
    format_version INTEGER NOT NULL,
    format_mark TEXT NOT NULL,
    identity TEXT,
    size INTEGER,
    modified_at TEXT,
    sha256 TEXT,
    read_rows INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0,
    same_as INTEGER,
    proof TEXT NOT NULL DEFAULT '[]',
    kept_path TEXT,
    started_at TEXT NOT NULL,
    finished_at TEXT
);
CREATE INDEX imports_by_state ON imports (company_id, state, id);
CREATE INDEX imports_by_automation ON imports (company_id, automation, id);

CREATE TABLE problems (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    seq INTEGER NOT NULL,
    line INTEGER,
    column_position INTEGER,
    field TEXT,
    value TEXT,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    hint TEXT NOT NULL,
    PRIMARY KEY (import_id, seq)
);
CREATE INDEX problems_by_code ON problems (import_id, code, seq);

-- The bytes of each refused row as they stood in the file, in the file's encoding.
CREATE TABLE refused_rows (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    line INTEGER NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (import_id, line)
);

-- One row per record and import or edit, holding the changed fields as JSON; a creation is one short row.
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    company_id INTEGER NOT NULL REFERENCES companies (id),
    register TEXT NOT NULL,
    record_id INTEGER NOT NULL,
    at TEXT NOT NULL,
    import_id INTEGER,
    person TEXT,
    line INTEGER,
    kind TEXT NOT NULL CHECK (kind IN ('created', 'updated')),
    changes TEXT
);
CREATE INDEX history_by_record ON history (company_id, register, record_id, id);

-- The number of records of each register, kept by the transaction that changes it: counting a million takes too long.
CREATE TABLE register_counts (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    register TEXT NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (company_id, register)
);
