#!/usr/bin/env python3
"""An ERP system for a story: Tryton with its party module, on its SQLite backend.

    erp.py first FOLDER FILE     makes the database in FOLDER, with parties; exports them to FILE
    erp.py second FOLDER FILE    changes some, adds some; exports all again

FILE is written as Tryton's desktop client writes an export of all listed fields. What is printed is what Tryton itself
knows, read through its models and not through the export, as one JSON document:

    {"header": [...], "customers": [{"number", "name", ...}], "created": n, "updated": n, "further_addresses": n}

All companies and people are invented.
"""
import csv
import datetime
import json
import os
import subprocess
import sys
from numbers import Number

DATABASE = "erp"

# What a clerk chooses in the client's export window, in this order.
EXPORTED = [
    "code",
    "name",
    "addresses/street",
    "addresses/attn",
    "addresses/postal_code",
    "addresses/city",
    "addresses/subdivision/name",
    "addresses/country/code",
    "phone",
    "mobile",
    "fax",
    "email",
    "website",
    "tax_identifier/code",
    "lang/code",
    "create_date",
]

COUNTRIES = [
    ("DK", "Denmark"), ("NO", "Norway"), ("SE", "Sweden"), ("FI", "Finland"), ("IS", "Iceland"), ("DE", "Germany"),
    ("FO", "Faroe Islands"), ("AX", "Åland Islands"), ("CI", "Côte d'Ivoire"),
]

SUBDIVISIONS = [
    ("DE", "DE-BY", "Bayern", "land"), ("DE", "DE-NI", "Niedersachsen", "land"),
    ("SE", "SE-M", "Skåne län", "county"), ("NO", "NO-55", "Troms", "county"), ("FI", "FI-19", "Varsinais-Suomi", "region"),
]

# Name, street, attention of, postcode, city, subdivision, country, language.
PLACES = [
    ("Ørnbæk Ventilation A/S", "Skovløbervænget 7", None, "6200", "Aabenraa", None, "DK", "da"),
    ("Bådsmandens Rør & Smede ApS", "Åboulevarden 112, 3. tv.", None, "8000", "Aarhus C", None, "DK", "da"),
    ("Æbelø Frugtplantage I/S", "Kærgårdsvej 4\nBogense Mark", None, "5400", "Bogense", None, "DK", "da"),
    ("Kvist \"Og\" Kvas A/S", "Østergade 1", "Sørine Kjær", "7100", "Vejle", None, "DK", "da"),
    ("Tømrer, Murer & Co.", "Sønder Allé 9", None, "0999", "Testby", None, "DK", "da"),
    ("Fjordlys Elektro AS", "Storgata 88", "Åse Brønnøysund", "9008", "Tromsø", "NO-55", "NO", "nb"),
    ("Håløygen Båtbyggeri AS", "Sjøgata 3", None, "8006", "Bodø", None, "NO", "nb"),
    ("Blåbærlia Gård", "Nedre Vei 14\nPostboks 77", None, "2850", "Lena", None, "NO", "nb"),
    ("Skånska Möbelsnickare AB", "Järnvägsgatan 21", None, "252 24", "Helsingborg", "SE-M", "SE", "sv"),
    ("Älvsjö Kyl och Värme HB", "Götalandsvägen 220", None, "125 44", "Älvsjö", None, "SE", "sv"),
    ("Smörgåsköket i Ystad AB", "Stora Östergatan 5", None, "271 34", "Ystad", "SE-M", "SE", "sv"),
    ("Järvenpään Hyötytyö Oy", "Mannilantie 43", None, "04400", "Järvenpää", None, "FI", "fi"),
    ("Yöpöllön Leipomo Ky", "Läntinen Pitkäkatu 12 A", None, "20100", "Turku", "FI-19", "FI", "fi"),
    ("Þorgrímur Fiskvinnsla ehf.", "Hafnarstræti 99", None, "600", "Akureyri", None, "IS", "is"),
    ("Føroya Ullvirki Sp/f", "Niels Finsens gøta 10", None, "100", "Tórshavn", None, "FO", None),
    ("Grüntal Gemüsegroßhandel GmbH", "Straße am Münster 5", "Frau Döring-Weiß", "80331", "München", "DE-BY", "DE", "de"),
    ("Müller, Schäfer & Söhne OHG", "Königsallee 60; Hinterhof", None, "30159", "Hannover", "DE-NI", "DE", "de"),
    ("Übersee-Kontor Bößmann e.K.", "Kleine Bäckerstraße 2\nc/o Jörg Weiß\n2. Hof", None, "21335", "Lüneburg", "DE-NI", "DE", "de"),
    ("Åländska Rederi Ab", "Östra Esplanadgatan 7", None, "22100", "Mariehamn", None, "AX", "sv"),
    ("Cacao d’Abidjan — Nordisk Import", "Rue Treich-Laplène", None, None, "Abidjan", None, "CI", None),
]

# Tax numbers that are well formed for their country; invented.
TAX = {"DK": ("eu_vat", "DK13585628"), "SE": ("eu_vat", "SE123456789701"), "DE": ("eu_vat", "DE136695976"),
       "FI": ("eu_vat", "FI20774740")}


def start():
    from trytond import config
    config.update_etc(os.environ["TRYTOND_CONFIG"])
    from trytond.pool import Pool
    Pool.start()
    pool = Pool(DATABASE)
    pool.init()
    return pool


def configure(folder):
    path = os.path.join(folder, "trytond.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"[database]\nuri = sqlite://\npath = {folder}\n")
    os.environ["TRYTOND_CONFIG"] = path
    os.environ["TZ"] = "UTC"


def make_database(folder):
    """What an administrator of Tryton does at a shell; an SQLite database begins as an empty file."""
    open(os.path.join(folder, f"{DATABASE}.sqlite"), "xb").close()
    secret = os.path.join(folder, "password")
    with open(secret, "w", encoding="utf-8") as file:
        file.write("an-invented-password-4711")
    admin = os.path.join(os.path.dirname(sys.executable), "trytond-admin")
    subprocess.run(
        [admin, "-c", os.environ["TRYTOND_CONFIG"], "-d", DATABASE, "-u", "party", "--activate-dependencies",
         "--email", "erp@example.com"],
        check=True, stdout=sys.stderr, env={**os.environ, "TRYTONPASSFILE": secret})


def contacts(number, name, country):
    """Contact mechanisms of a party: not everybody has each."""
    plain = "".join(c for c in name.lower() if "a" <= c <= "z")[:12]
    calling = {"DK": "+45", "NO": "+47", "SE": "+46", "FI": "+358", "IS": "+354", "DE": "+49", "FO": "+298",
               "AX": "+358", "CI": "+225"}[country]
    values = [("phone", f"{calling} 55 {number:02d} 12 34")]
    if number % 2:
        values.append(("email", f"post.{number}@{plain}.example"))
    if number % 3 == 0:
        values.append(("mobile", f"{calling} 40 00 {number:02d} 9"))
    if number % 7 == 0:
        values.append(("fax", f"{calling} 55 {number:02d} 12 35"))
    if number % 5 == 0:
        values.append(("website", f"https://{plain}{number}.example/"))
    if number % 11 == 0:
        values.append(("email", f"rechnung.{number}@{plain}.example"))
    return [{"type": kind, "value": value} for kind, value in values]


def party(pool, number, place, branch=""):
    """The values of a party, as its form would send them."""
    name, street, attention, postcode, city, subdivision, country, language = place
    Country, Subdivision, Lang = pool.get("country.country"), pool.get("country.subdivision"), pool.get("ir.lang")
    address = {"street_unstructured": street, "postal_code": postcode, "city": city,
               "country": Country.search([("code", "=", country)])[0].id}
    if attention:
        address["attn"] = attention
    if subdivision:
        address["subdivision"] = Subdivision.search([("code", "=", subdivision)])[0].id
    values = {
        "name": name + branch,
        "addresses": [("create", [address])],
        "contact_mechanisms": [("create", contacts(number, name, country))],
    }
    if language:
        values["lang"] = Lang.search([("code", "=", language)])[0].id
    if country in TAX and not branch:
        kind, code = TAX[country]
        values["identifiers"] = [("create", [{"type": kind, "code": code}])]
    return values


def first(pool):
    """The parties of the first export: 60 with an address each, two of them with a further one."""
    Country, Subdivision = pool.get("country.country"), pool.get("country.subdivision")
    Party, Address, Lang = pool.get("party.party"), pool.get("party.address"), pool.get("ir.lang")
    german = Lang.search([("code", "=", "de")])
    for code, name in [("da", "Danish"), ("nb", "Norwegian Bokmål"), ("sv", "Swedish"), ("is", "Icelandic")]:
        Lang.copy(german, {"code": code, "name": name})
    Country.create([{"code": code, "name": name} for code, name in COUNTRIES])
    of = {country.code: country.id for country in Country.search([])}
    Subdivision.create([
        {"country": of[country], "code": code, "name": name, "type": kind} for country, code, name, kind in SUBDIVISIONS
    ])
    branches = ["", " · Filial Øst", " · Süd"]
    parties = Party.create([
        party(pool, number, PLACES[number % len(PLACES)], branches[number // len(PLACES)]) for number in range(60)
    ])
    Address.create([
        {"party": parties[index].id, "street_unstructured": "Lagervej 3", "city": "Køge", "country": of["DK"]}
        for index in (4, 25)
    ])
    return {"created": len(parties), "updated": 0}


def second(pool):
    """What clerks do in a week: each party is changed in one way."""
    Party, Address = pool.get("party.party"), pool.get("party.address")
    Mechanism = pool.get("party.contact_mechanism")
    Country = pool.get("country.country")
    parties = Party.search([], order=[("id", "ASC")])

    renamed = parties[3:6]
    for number, one in enumerate(renamed):
        one.name = f"{one.name} (før: nr. {number + 1})"
    Party.save(renamed)

    moved = [one.addresses[0] for one in parties[10:15]]
    norway = Country.search([("code", "=", "NO")])[0]
    for number, address in enumerate(moved):
        address.street_unstructured = f"Nygårdsgaten {number + 1}\nOppgang B"
        address.postal_code = f"50{number + 10}"
        address.city = "Bergen"
        address.country = norway
        address.subdivision = None
    Address.save(moved)

    called = [next(m for m in one.contact_mechanisms if m.type == "phone") for one in parties[20:24]]
    for number, mechanism in enumerate(called):
        mechanism.value = f"+45 70 70 70 7{number}"
    Mechanism.save(called)

    # Those who have an e-mail address and lose it: the register must not keep it.
    silent = [one for one in parties[31:41] if one.email][:3]
    Mechanism.delete([m for one in silent for m in one.contact_mechanisms if m.type == "email"])

    # Opened and saved without a change.
    Party.write(parties[50:52], {"name": parties[50].name})
    Party.write(parties[51:52], {"name": "Häggströms Bokhållning — åter"})

    added = Party.create([party(pool, 60 + number, PLACES[number], " · Nyåben") for number in range(7)])
    # The second of the two that were opened has got another name.
    return {"created": len(added), "updated": len(renamed) + len(moved) + len(called) + len(silent) + 1}


def export(pool, file):
    """Tryton's export, written by its client's rules: UTF-8 with a mark, commas, the language's dates, CR LF."""
    Party, Lang = pool.get("party.party"), pool.get("ir.lang")
    date = Lang.search([("code", "=", "de")])[0].date
    rows = Party.export_data_domain([], EXPORTED, order=[("name", "ASC")], header=True)
    with open(file, "w", encoding="utf_8_sig", newline="") as out:
        writer = csv.writer(out, quotechar='"', delimiter=",")
        for row in rows:
            writer.writerow([shown(value, date) for value in row])
    return rows[0]


def shown(value, date):
    """A value as the client shows it in a CSV file with "use locale format"."""
    if isinstance(value, datetime.datetime):
        return value.strftime(date + " %X")
    if isinstance(value, datetime.date):
        return value.strftime(date)
    if isinstance(value, Number):
        return f"{value:.12g}"
    return value


def known(pool):
    """What Tryton knows of each party, by attribute."""
    def of(one):
        address = one.addresses[0]

        def mechanism(*kinds):
            return next((m.value for m in one.contact_mechanisms if m.type in kinds), None)

        return {
            "number": one.code,
            "name": one.name,
            "address1": address.street or None,
            "contact": address.attn or None,
            "postcode": address.postal_code or None,
            "city": address.city or None,
            "region": address.subdivision.name if address.subdivision else None,
            "country": address.country.code if address.country else None,
            "phone": mechanism("phone"),
            "mobile": mechanism("mobile"),
            "fax": mechanism("fax"),
            "email": mechanism("email"),
            "website": mechanism("website"),
            "tax_number": one.tax_identifier.code if one.tax_identifier else None,
            "language": one.lang.code if one.lang else None,
            "created_on": one.create_date.date().isoformat(),
        }
    return [of(one) for one in pool.get("party.party").search([], order=[("id", "ASC")])]


def main():
    what, folder, file = sys.argv[1:]
    configure(folder)
    if what == "first":
        make_database(folder)
    pool = start()
    from trytond.transaction import Transaction
    with Transaction().start(DATABASE, 1, context={"language": "en"}) as transaction:
        changes = {"first": first, "second": second}[what](pool)
        transaction.commit()
    with Transaction().start(DATABASE, 1, context={"language": "en"}, readonly=True):
        Party = pool.get("party.party")
        further = sum(len(one.addresses) - 1 for one in Party.search([]))
        customers = known(pool)
        header = export(pool, file)
    json.dump({"header": header, "customers": customers, "further_addresses": further, **changes}, sys.stdout)


if __name__ == "__main__":
    main()
