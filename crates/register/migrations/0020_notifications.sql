-- What people are to be told, each once: an import that is held or refused, an automation that fails or is well again.
-- `about` tells one thing from all others. `outcome` is NULL until somebody was told ('sent') or need not be ('nobody', when
-- no address was set; 'late', when it could not be sent for days). `error` says why the last try failed.

CREATE TABLE notifications (
    id INTEGER PRIMARY KEY,
    company_id INTEGER NOT NULL REFERENCES companies (id),
    event TEXT NOT NULL,
    about TEXT NOT NULL,
    at TEXT NOT NULL,
    import_id INTEGER,
    automation TEXT,
    message TEXT NOT NULL,
    outcome TEXT,
    told_at TEXT,
    error TEXT,
    UNIQUE (company_id, about)
);
CREATE INDEX notifications_to_send ON notifications (company_id, id) WHERE outcome IS NULL;
CREATE INDEX notifications_of_automation ON notifications (company_id, automation, id) WHERE automation IS NOT NULL;
