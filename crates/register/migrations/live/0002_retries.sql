-- How often somebody asked an automation to try again now: a running program looks here and hears of it.
CREATE TABLE retries (
    automation TEXT PRIMARY KEY,
    asked INTEGER NOT NULL
);
