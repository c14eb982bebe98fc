-- Pairs of records of which somebody said that they are no duplicates, with what they had in common then, as a JSON list:
-- when they have anything else in common the hint comes back. `first_id` is the smaller one. Who said so stands in the
-- history of both as well.

CREATE TABLE dismissed_duplicates (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    register TEXT NOT NULL,
    first_id INTEGER NOT NULL,
    second_id INTEGER NOT NULL,
    rests_on TEXT NOT NULL,
    dismissed_by TEXT NOT NULL,
    dismissed_at TEXT NOT NULL,
    PRIMARY KEY (company_id, register, first_id, second_id)
);
