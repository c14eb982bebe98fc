"""What is measured with, installed and printed."""
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class At:
    """Where everything is: the files that are made, and the release build."""
    work = ROOT / "target/bench"
    program = ROOT / "target/release/service-suite"
    limits = ROOT / "target/release/examples/limits"


@dataclasses.dataclass
class Took:
    """What a process took: seconds on the clock, seconds of processors, the most resident MiB."""
    seconds: float
    processor: float | None
    peak: float | None
    printed: bytes = b""


# A process begins with the most memory of the one that started it, so a small one does.
STARTER = """
import os, sys, time
begun = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - begun
os.write(int(sys.argv[1]), f"{seconds} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss / 1024}".encode())
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"""


def settled(memory=1 << 30):
    """Everyone begins alike: what others wrote is on the disk, and this much memory was in use a moment ago.

    The host of a virtual machine may take back memory that is free, and gives it again page by page: copying a file of
    200 MB takes 0.27 s in memory that was in use, and 0.69 s in memory that was not. By chance one would have the one, and
    the next the other. Linux hands free memory back two seconds after the first of it became free, so what others freed is
    waited for before."""
    os.sync()
    block, file = bytes(8 << 20), At.work / "memory"
    with open(file, "wb", buffering=0) as out:
        for _ in range(memory // len(block)):
            out.write(block)
    time.sleep(2.5)
    file.unlink()


def timed(command, environment=None, stdin=None, alike=True):
    """Runs a process that must succeed. It begins as all others do, unless nobody asks how long it takes."""
    if alike:
        settled()
    command = [str(part) for part in command]
    told, tell = os.pipe()
    try:
        process = subprocess.Popen([sys.executable, "-S", "-E", "-c", STARTER, str(tell), *command], env=environment,
                                   pass_fds=[tell], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        try:
            printed, _ = process.communicate(stdin.encode() if stdin else b"")
        except BaseException:
            # Whoever ends this script ends what it waits for.
            os.killpg(process.pid, signal.SIGTERM)
            raise
        assert process.returncode == 0, (command, process.returncode, printed[-2000:])
        seconds, processor, peak = map(float, os.read(told, 1000).split())
    finally:
        os.close(told), os.close(tell)
    return Took(seconds, processor, peak, printed)


def limit(*arguments):
    """What the least takes that any such program does: see crates/service-suite/examples/limits.rs."""
    return timed([At.limits, *arguments])


def median(values):
    return statistics.median(values)


def summed(parts, kind):
    """The medians of several runs, each so many times."""
    return sum(times * median([getattr(run, kind) for run in runs]) for times, runs in parts)


# --- what is installed ----------------------------------------------------------------------------------------------

def as_root(*command):
    subprocess.run([*([] if os.getuid() == 0 else ["sudo"]), *command], check=True, stdout=sys.stderr)


def need(program, package):
    """A program, and the Debian package that brings it."""
    if not shutil.which(program):
        as_root("apt-get", "update", "-q")
        as_root("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends", package)


def python(package):
    """A Python of its own with a package from PyPI."""
    folder = ROOT / "target/bench-python"
    if not (folder / "bin/pip").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    if subprocess.run([folder / "bin/python", "-c", f"import {package}"], stderr=subprocess.DEVNULL).returncode:
        subprocess.run([folder / "bin/pip", "install", "-q", package], check=True, stdout=sys.stderr)
    return folder / "bin/python"


def build():
    """The release builds of the program and of the limits."""
    for what in (["--bin", "service-suite"], ["--example", "limits"]):
        subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "-p", "service-suite", *what], cwd=ROOT, check=True)


# --- what is printed ------------------------------------------------------------------------------------------------

class Table:
    """What is printed, and kept in a file for the picture and for those who compare."""

    def __init__(self, **head):
        self.missed, self.head, self.sections, self.points = 0, head, [], []

    def title(self, text):
        self.sections.append({"title": text, "lines": [], "goals": []})
        print(f"\n{text}", flush=True)

    def line(self, what, value, other=""):
        self.sections[-1]["lines"].append([what, value, other])
        print(f"  {what:<52} {value:>12}  {other}".rstrip(), flush=True)

    def took(self, what, runs):
        """A line for several runs: the median on the clock, of processor time, and the most memory."""
        about = [f"{median([run.processor for run in runs]):.2f} s of processors"] if runs[0].processor is not None else []
        about += [f"{max(run.peak for run in runs):.0f} MiB"] if runs[0].peak is not None else []
        self.line(what, f"{median([run.seconds for run in runs]):.2f} s", ", ".join(about))

    def point(self, axis, what, at, run):
        """A point of the picture."""
        self.points.append({"axis": axis, "what": what, "at": at, "seconds": round(run.seconds, 3),
                            "processor": round(run.processor, 3), "peak": round(run.peak)})

    def goal(self, what, ratio, most, processors=None):
        """A ratio that should be at most `most`, and the same of processor time, which others on the machine change less. A
        clock on a busy machine fails nothing: it is only told."""
        kept = ratio <= most
        self.missed += not kept
        goal = {"what": what, "ratio": round(ratio, 4), "most": round(most, 4), "reached": kept}
        more = ""
        if processors is not None:
            goal["processors"] = round(processors, 4)
            more = f" (of processors {processors:.2f} x)"
        self.sections[-1]["goals"].append(goal)
        print(f"  {what:<52} {ratio:>10.2f} x  goal: at most {most:.3g} x: {'reached' if kept else 'NOT REACHED'}{more}", flush=True)

    def compared(self, what, ours, theirs, most):
        """The goal that runs of ours take at most `most` times as long as those of others, each (times, runs)."""
        seconds = median([run.seconds for run in ours]) / summed(theirs, "seconds")
        known = all(run.processor is not None for _, runs in theirs for run in runs)
        processors = median([run.processor for run in ours]) / summed(theirs, "processor") if known else None
        self.goal(what, seconds, most, processors)

    def keep(self, path, **more):
        path.write_text(json.dumps({**self.head, **more, "sections": self.sections, "points": self.points}, indent=1, ensure_ascii=False) + "\n")
