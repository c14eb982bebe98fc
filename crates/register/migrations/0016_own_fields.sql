-- Fields that an administrator has declared for a register. Each has a column own_<name> in the register's table, which is
-- added when it is declared for the first time and stays, with its values, when the declaration is taken back. Which fields
-- are declared now is said by the settings.

CREATE TABLE own_columns (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    register TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (company_id, register, name)
);
