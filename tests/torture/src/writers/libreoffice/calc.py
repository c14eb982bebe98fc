"""A person at LibreOffice Calc: opens an export, edits it, and saves it as text where it is told to.

Takes a command a line: "open", "save DAY", "close", "quit"; prints "done" after each.
"""

import pathlib
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

# Semicolons, UTF-8, the six columns as text.
TEXT = {"FilterName": "Text - txt - csv (StarCalc)", "FilterOptions": "59,34,76,1,1/2/2/2/3/2/4/2/5/2/6/2"}


def properties(**values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def connect(pipe):
    """LibreOffice takes connections some time after its start."""
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for _ in range(600):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.1)
    sys.exit("LibreOffice takes no connection")


def main():
    pipe, export, exchange, copies = sys.argv[1:]
    context = connect(pipe)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    document = None
    saved = False
    for line in sys.stdin:
        command, *words = line.split()
        if command == "open":
            url = pathlib.Path(export).as_uri()
            document = desktop.loadComponentFromURL(url, "_blank", 0, properties(Hidden=True, **TEXT))
            saved = False
        elif command == "save":
            document.Sheets.getByIndex(0).getCellByPosition(1, 1).String = f"As of day {words[0]}"
            # What is to arrive, for comparison.
            document.storeToURL((pathlib.Path(copies) / f"{words[0]}.txt").as_uri(), properties(**TEXT))
            if saved:
                document.store()
            else:
                document.storeAsURL(pathlib.Path(exchange).as_uri(), properties(**TEXT))
            saved = True
        elif command == "close":
            document.close(True)
        elif command == "quit":
            desktop.terminate()
        print("done", flush=True)


main()
