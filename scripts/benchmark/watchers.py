"""What people use to watch a folder."""
import os
import pathlib
import subprocess

from .tools import ROOT, need, python


WATCHERS = {
    "chokidar (Node.js)": ("node", """
const { watch } = require("chokidar");
watch(process.argv[2], { awaitWriteFinish: { stabilityThreshold: 10000 } }).on("ready", () => console.log("ready"));
"""),
    "watchdog (Python)": ("python", """
import sys, time
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer
observer = Observer()
observer.schedule(FileSystemEventHandler(), sys.argv[1])
observer.start()
print("ready", flush=True)
observer.join()
"""),
    "WatchService (Java)": ("java", """
import java.nio.file.*;
public class Watch {
    public static void main(String[] args) throws Exception {
        WatchService service = FileSystems.getDefault().newWatchService();
        Path.of(args[0]).register(service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
        System.out.println("ready");
        service.take();
    }
}
"""),
}


def watcher(name, folder):
    """Starts a program that watches a folder, and waits until it does."""
    kind, text = WATCHERS[name]
    need("node", "nodejs"), need("npm", "npm"), need("javac", "default-jdk-headless")
    home = ROOT / "target/bench-watchers"
    home.mkdir(parents=True, exist_ok=True)
    if kind == "node":
        if not (home / "node_modules/chokidar").exists():
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", home, "chokidar@4"], check=True)
        (home / "watch.cjs").write_text(text)
        command = ["node", home / "watch.cjs", folder]
    elif kind == "python":
        (home / "watch.py").write_text(text)
        command = [python("watchdog"), home / "watch.py", folder]
    else:
        (home / "Watch.java").write_text(text)
        subprocess.run(["javac", "-d", home, home / "Watch.java"], check=True)
        command = ["java", "-cp", home, "Watch", folder]
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().strip() == "ready"
    return process


def used(pid):
    """Seconds of processor time so far, and resident MiB now."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), resident / 1024
