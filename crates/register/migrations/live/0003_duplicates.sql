-- Likely duplicates: which pairs of records the last look found. It can always be found again.
--
-- A look writes its pairs under a number of its own, and is the one that counts when it is whole. `history_id` is the last
-- entry of the history when it began, `rules` says by which rules it compared. `noted_at` is when a look that is under way
-- last told how far it has come, NULL while none is.

CREATE TABLE duplicate_looks (
    register TEXT PRIMARY KEY,
    look INTEGER NOT NULL,
    begun INTEGER NOT NULL,
    at TEXT,
    history_id INTEGER NOT NULL,
    rules INTEGER NOT NULL,
    records INTEGER NOT NULL,
    pairs INTEGER NOT NULL,
    noted_at TEXT,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL
);

CREATE TABLE duplicate_pairs (
    register TEXT NOT NULL,
    look INTEGER NOT NULL,
    first_id INTEGER NOT NULL,
    second_id INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    PRIMARY KEY (register, look, first_id, second_id)
);
CREATE INDEX duplicate_pairs_by_second ON duplicate_pairs (register, look, second_id);
CREATE INDEX duplicate_pairs_by_weight ON duplicate_pairs (register, look, weight DESC, first_id, second_id);
