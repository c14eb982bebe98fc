"""Files of invented customers: a first load, and the file of the next night."""
import random

from .tools import At

FIELDS = ["number", "name", "name2", "address1", "address2", "postcode", "city", "country", "phone", "email",
          "tax_number", "group", "payment_terms", "credit_limit"]
HEADER = ["Number", "Name", "Name 2", "Address 1", "Address 2", "Postcode", "City", "Country", "Phone", "E-mail",
          "VAT number", "Group", "Terms", "Credit limit"]
WIDTHS = [8, 48, 24, 24, 24, 8, 14, 2, 20, 40, 12, 10, 12, 10]
# The columns in SQL: two of the names above are words of the language.
COLUMNS = ["number", "name", "name2", "address1", "address2", "postcode", "city", "country", "phone", "email",
           "tax_number", "customer_group", "payment_terms", "credit_limit"]

FIRST = ["Ørnbæk", "Skovgaard", "Fjordlys", "Grüntal", "Blåfjell", "Håløygen", "Älvsjö", "Sjöholm", "Bådsmand", "Kvist"]
SECOND = ["Ventilation", "Elektro", "Regnskap", "Møbler", "Rederi", "Gemüse", "Båtbyggeri", "Smede", "Frugt", "Lager"]
KIND = ["A/S", "ApS", "AS", "AB", "GmbH", "Oy", "I/S"]
CITIES = [("8000", "Aarhus C", "DK"), ("6200", "Aabenraa", "DK"), ("9008", "Tromsø", "NO"), ("80331", "München", "DE"),
          ("252 24", "Helsingborg", "SE"), ("20100", "Turku", "FI"), ("4006", "Stavanger", "NO"), ("5400", "Bogense", "DK")]


def customer(number, night=0):
    """The cells of a customer; another `night` gives it another telephone number."""
    mix = (number * 2654435761 + 12345) % 2**32
    postcode, city, country = CITIES[mix % 8]
    mark = ";" if number % 20 == 0 else ""
    return [f"{number:07d}", f"{FIRST[mix // 8 % 10]} {SECOND[mix // 80 % 10]}{mark} nr. {number} {KIND[number % 7]}",
            f"c/o {SECOND[mix // 800 % 10]}lageret", f"Nygade {mix // 7 % 200}, {number % 7}. tv.",
            f"Bygning {mix // 31 % 31}, port {number % 5}", postcode, city, country,
            f"+45 {mix % 10**8:08d}{' ' + str(night) if night else ''}", f"post.{number}@firma{mix % 9973}.example",
            vat_number(mix), f"Gruppe {number % 12}", f"Netto {number % 9} uger", f"{number % 5000},50"]


def vat_number(mix):
    """A Danish VAT number whose check digit is right: a wrong one would be a warning for each customer."""
    digits = 1_000_000 + mix // 3 % 9_000_000
    while True:
        check = -sum(weight * int(digit) for weight, digit in zip((2, 7, 6, 5, 4, 3, 2), str(digits))) % 11
        if check < 10:
            return f"DK{digits}{check}"
        digits += 1


def delimited(cells):
    return ";".join(f'"{cell}"' if ";" in cell else cell for cell in cells) + "\r\n"


def fixed(cells):
    return "".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS)) + "\r\n"


def write(name, numbers, changed=(), encoding="utf-8", line=delimited):
    path = At.work / "files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    changed = frozenset(changed)
    with open(path, "w", encoding=encoding, newline="") as out:
        if line is delimited:
            out.write(delimited(HEADER))
        batch = []
        for number in numbers:
            batch.append(line(customer(number, int(number in changed))))
            if len(batch) == 20_000:
                out.write("".join(batch))
                batch.clear()
        out.write("".join(batch))
    return path


def next_night(rows, share=0.005, more=0.001, **how):
    """The file of the next night, in which some rows are changed and some are new; how many it has, and which changed."""
    changed = random.Random(7).sample(range(rows), int(rows * share))
    total = rows + int(rows * more)
    return write(f"{prefix(rows, how)}-{share}.txt", range(total), changed, **how), total, changed


def nights(rows, **how):
    """The file of the first load, and that of the next night."""
    return write(f"{prefix(rows, how)}.txt", range(rows), **how), *next_night(rows, **how)


def prefix(rows, how):
    return "-".join([how.get("encoding", "utf-8"), how.get("line", delimited).__name__, str(rows)])
