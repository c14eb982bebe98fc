-- What an administrator saw at the path of an exchange folder and accepted, as text that only the program understands.
-- Before, it was not noted, so whatever was accepted before counts no more.
ALTER TABLE accepted_folders ADD COLUMN seen TEXT;
