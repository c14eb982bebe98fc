"""What people use instead of this program, each as its own manual recommends it for a large file that is loaded again."""
import atexit
import os
import pathlib
import pwd
import shutil
import subprocess

from .files import COLUMNS
from .tools import At, Took, as_root, need, python, timed


def assigned(prefix="excluded"):
    return ", ".join(f"{column} = {prefix}.{column}" for column in COLUMNS[1:])


def both(table, other):
    return [f"({', '.join(f'{name}.{column}' for column in COLUMNS[1:])})" for name in (table, other)]


class Sqlite:
    """The sqlite3 shell: .import into a temporary table, then one statement that writes only what differs."""
    name = "sqlite3 shell"

    def __init__(self, indexes=False):
        if indexes:
            self.name = "sqlite3 shell with the same indexes"
        need("sqlite3", "sqlite3")
        self.path = At.work / "peers/sqlite.db"
        self.indexes = indexes

    def clear(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for file in self.path.parent.glob("sqlite.db*"):
            file.unlink()

    def bring_in(self, file):
        old, new = both("customers", "excluded")
        first = not self.path.exists()
        script = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS customers (number TEXT PRIMARY KEY, {', '.join(COLUMNS[1:])});
CREATE TEMP TABLE incoming ({', '.join(COLUMNS)});
.mode csv
.separator ;
.import --skip 1 {file} incoming
INSERT INTO customers SELECT * FROM incoming WHERE true ON CONFLICT (number) DO UPDATE SET {assigned()}
    WHERE {old} IS NOT {new};
"""
        if self.indexes and first:
            script += """
CREATE INDEX by_name ON customers (lower(name));
CREATE INDEX by_city ON customers (lower(city));
CREATE VIRTUAL TABLE words USING fts5 (text, content = '', detail = 'none');
INSERT INTO words (rowid, text) SELECT rowid, number || ' ' || name || ' ' || name2 || ' ' || city || ' ' || phone || ' ' || email || ' ' || tax_number
    FROM customers;
"""
        return timed(["sqlite3", self.path], stdin=script)

    def rows(self):
        return int(subprocess.check_output(["sqlite3", self.path, "SELECT count(*) FROM customers"]))

    def stop(self):
        self.clear()


class DuckDb:
    """DuckDB: read_csv and MERGE INTO."""

    def __init__(self, cores):
        self.name, self.cores = f"DuckDB, {cores} core{'s' if cores > 1 else ''}", cores
        self.path = At.work / "peers/duck.db"
        self.python = python("duckdb")

    def clear(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for file in self.path.parent.glob("duck.db*"):
            file.unlink()

    def bring_in(self, file):
        old, new = both("customers", "incoming")
        script = f"""
import duckdb
c = duckdb.connect({str(self.path)!r}, config={{"threads": {self.cores}}})
c.execute("CREATE TABLE IF NOT EXISTS customers (number VARCHAR PRIMARY KEY, {', '.join(f'{column} VARCHAR' for column in COLUMNS[1:])})")
c.execute('''MERGE INTO customers USING (SELECT * FROM read_csv({str(file)!r}, delim=';', quote='"', header=false, skip=1,
    all_varchar=true, names={COLUMNS})) AS incoming ON customers.number = incoming.number
    WHEN MATCHED AND {old} IS DISTINCT FROM {new} THEN UPDATE SET {assigned('incoming')}
    WHEN NOT MATCHED THEN INSERT VALUES ({', '.join(f'incoming.{column}' for column in COLUMNS)})''')
c.close()
"""
        return timed([self.python, "-c", script])

    def rows(self):
        script = f"import duckdb; print(duckdb.connect({str(self.path)!r}).execute('SELECT count(*) FROM customers').fetchone()[0])"
        return int(subprocess.check_output([self.python, "-c", script]))

    def stop(self):
        self.clear()


class Postgres:
    """PostgreSQL: COPY into an unlogged table, then an upsert of what is distinct. A server of its own, without a port: it
    listens at a socket in its own folder."""
    name = "PostgreSQL"

    def __init__(self):
        if not list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            need("psql", "postgresql-client")
            as_root("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends", "postgresql")
        programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        self.bin, self.user = programs[-1].parent, "postgres" if os.getuid() == 0 else None
        # As root its folder must be reachable for another user, which the project's need not be.
        self.folder = pathlib.Path(subprocess.check_output(["mktemp", "-d", "-p", "/var/tmp"], text=True).strip())
        atexit.register(self.stop)
        if self.user:
            shutil.chown(self.folder, self.user)
        self.do("initdb", "-D", self.folder / "data", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust")
        self.do("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o",
                f"-k {self.folder} -c listen_addresses= -c max_wal_size=4GB", "start")

    def do(self, program, *arguments):
        subprocess.run([str(part) for part in (self.bin / program, *arguments)], check=True, user=self.user,
                       stdout=subprocess.DEVNULL, cwd="/")

    def sql(self, script, alike=False):
        user = self.user or pwd.getpwuid(os.getuid()).pw_name
        took = timed(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", user, "postgres"], stdin=script, alike=alike)
        # The server does the work, in processes of its own.
        return Took(took.seconds, None, None, took.printed)

    def clear(self):
        self.sql("SET client_min_messages = warning; DROP TABLE IF EXISTS customers; DROP TABLE IF EXISTS incoming; CHECKPOINT;")

    def bring_in(self, file):
        old, new = both("customers", "excluded")
        text = ", ".join(f"{column} text" for column in COLUMNS[1:])
        return self.sql(f"""
SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS customers (number text PRIMARY KEY, {text});
CREATE UNLOGGED TABLE incoming (number text, {text});
\\copy incoming FROM '{file}' WITH (FORMAT csv, DELIMITER ';', HEADER)
INSERT INTO customers SELECT * FROM incoming ON CONFLICT (number) DO UPDATE SET {assigned()}
    WHERE {old} IS DISTINCT FROM {new};
DROP TABLE incoming;
""", alike=True)

    def rows(self):
        return int(self.sql("SELECT count(*) FROM customers;").printed)

    def stop(self):
        if (self.folder / "data/postmaster.pid").exists():
            self.do("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

