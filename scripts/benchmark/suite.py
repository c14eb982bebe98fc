"""This program: a data folder of its own, its commands, and its running `serve`."""
import datetime
import itertools
import json
import os
import shutil
import signal
import subprocess
import time

from .files import FIELDS, WIDTHS
from .tools import At, timed


def places():
    """The characters of each cell of a fixed width, counted from 1."""
    return [f"{end - width + 1}-{end}" for end, width in zip(itertools.accumulate(WIDTHS), WIDTHS)]


LAYOUTS = {
    "delimited": 'delimiter = ";"\ndecimal-separator = ","',
    "fixed-width": f'header-lines = 0\ndecimal-separator = ","\ncells = {json.dumps(places())}',
    "excel": 'decimal-separator = "."',
}


class Suite:
    """A data folder of its own; each command is a whole process."""

    def __init__(self, name, layout="delimited", encoding="utf-8", settle="1s"):
        self.folder = At.work / "suites" / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.environment = {**os.environ, "SERVICE_SUITE_DATA": str(self.folder / "data")}
        named = layout == "excel"
        columns = [f'{{ from = {json.dumps(field) if named else at}, field = "{field}" }}' for at, field in enumerate(FIELDS, 1)]
        settings = self.folder / "settings.toml"
        settings.write_text(f"""
[erp-system]
settle = "{settle}"
[[formats]]
name = "Customers"
register = "customers"
default = true
filename = "customers.{"xlsx" if layout == "excel" else "txt"}"
layout = "{layout}"
{"" if layout == "excel" else f'encoding = "{encoding}"'}
{LAYOUTS[layout]}
columns = [{", ".join(columns)}]
[[automations]]
name = "customers-from-erp"
active = true
""", encoding="utf-8")
        self.run("settings", "apply", str(settings), alike=False)

    def run(self, *arguments, alike=True):
        """Runs a command, which is a process of its own."""
        return timed([At.program, *arguments], self.environment, alike=alike)

    def bring_in(self, file):
        """Imports a file; what it took, and its report."""
        took = self.run("import", "customers", str(file), "--json")
        report = json.loads(took.printed)
        assert report["state"] == "done" and not report["refused"], report
        return took, report

    def copy(self, name):
        """The same data folder once more."""
        other = object.__new__(Suite)
        other.folder = At.work / "suites" / name
        shutil.rmtree(other.folder, ignore_errors=True)
        shutil.copytree(self.folder, other.folder, symlinks=True)
        other.environment = {**os.environ, "SERVICE_SUITE_DATA": str(other.folder / "data")}
        return other

    def gone(self):
        shutil.rmtree(self.folder)


class Serve:
    """A running `serve`."""

    def __init__(self, suite):
        begun = time.perf_counter()
        self.process = subprocess.Popen([At.program, "serve", "--listen", "127.0.0.1:0"], env=suite.environment,
                                        stdout=subprocess.PIPE, stderr=open(suite.folder / "serve.log", "wb"), text=True)
        # It prints its address once it listens.
        while "http://" not in (line := self.process.stdout.readline()):
            assert line, (suite.folder / "serve.log").read_text()
        self.ready = time.perf_counter() - begun

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def ready(suite):
    with Serve(suite) as serve:
        return serve.ready


def delivered(suite, file):
    """Puts a file into the exchange folder of a running `serve`; how long after its last write the import began, and how
    long it took from then until the file had gone to the archive."""
    exchange = suite.folder / "data/exchange"
    shutil.copyfile(file, exchange / "customers.tmp")
    os.rename(exchange / "customers.tmp", exchange / "customers.txt")
    written = time.time()
    # It is taken under another name, and removed from there when all is done.
    while any("customers.txt" in name for name in os.listdir(exchange)):
        time.sleep(0.001)
    gone = time.time()
    report = json.loads(suite.run("imports", "list", "--limit", "1", "--json", alike=False).printed)["items"][0]
    assert report["state"] == "done", report
    began = datetime.datetime.fromisoformat(report["started_at"].replace("Z", "+00:00")).timestamp()
    return began - written, gone - began


def one_customer(suite, file):
    """The work on a small file, from the end of the settle time on."""
    with Serve(suite):
        return delivered(suite, file)[1]
