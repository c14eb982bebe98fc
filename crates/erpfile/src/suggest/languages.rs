//! How often the letters beyond a to z occur in Europe's languages, and words by which a customer file gives its
//! language away.
//!
//! The numbers are occurrences in ten thousand letters of running text, rounded; only their proportions matter.

/// A language as far as the guessing of encodings needs it.
pub(super) struct Language {
    /// Its letters beyond a to z, in lower case, with how often they occur.
    pub(super) letters: &'static [(char, u16)],
    /// Words of headers, addresses and company names in ASCII, in lower case; `-` before or behind one stands for
    /// any beginning or end.
    pub(super) words: &'static [&'static str],
}

/// The languages of the files.
#[rustfmt::skip]
pub(super) const LANGUAGES: &[Language] = &[
    // da
    Language {
        letters: &[('å', 119), ('æ', 87), ('ø', 94), ('é', 4), ('ö', 2), ('ü', 2), ('ä', 2)],
        words: &[
            "kundenr", "kundenummer", "navn", "postnr", "postnummer", "by", "land", "telefon", "mobil", "kontaktperson",
            "cvr", "aps", "a/s", "i/s", "-vej", "-gade", "-torv", "-stien", "vej", "gade", "og", "danmark", "dk", "debitor",
            "-bjerg", "-borg", "-rup", "-lev", "-sted", "kredit", "rabat", "sogn",
        ],
    },
    // no
    Language {
        letters: &[('å', 120), ('æ', 20), ('ø', 90), ('é', 4), ('ö', 2), ('ä', 2), ('ü', 1), ('ò', 1)],
        words: &[
            "kundenr", "kundenummer", "navn", "postnr", "poststed", "sted", "orgnr", "organisasjonsnummer", "epost",
            "telefon", "mobil", "as", "asa", "enk", "-veien", "-vegen", "-gata", "-gaten", "-bakken", "veien", "gata", "og",
            "norge", "no", "-vik", "-nes", "-heim", "-stad", "-sund",
        ],
    },
    // sv
    Language {
        letters: &[('ä', 180), ('å', 134), ('ö', 131), ('é', 5), ('ü', 1), ('æ', 1), ('ø', 1)],
        words: &[
            "kundnr", "kundnummer", "namn", "postnr", "postnummer", "postadress", "ort", "postort", "adress", "telefon",
            "mobil", "orgnr", "organisationsnummer", "epost", "ab", "hb", "-gatan", "-torget", "gatan", "och", "sverige",
            "se", "-stad", "-borg", "-holm", "-sson", "-berg", "kund", "moms",
        ],
    },
    // fi
    Language {
        letters: &[('ä', 358), ('ö', 44), ('å', 2), ('é', 1), ('š', 1), ('ž', 1)],
        words: &[
            "asiakasnumero", "asiakas", "asiakaskoodi", "nimi", "osoite", "postinumero", "postitoimipaikka", "kaupunki",
            "maa", "puhelin", "oy", "oyj", "ky", "tmi", "-katu", "-tie", "-kuja", "-polku", "-nen", "suomi", "ja", "-la",
            "-ki", "-maki", "-koski",
        ],
    },
    // is
    Language {
        letters: &[
            ('ð', 440), ('á', 180), ('í', 157), ('é', 65), ('þ', 145), ('ö', 78), ('ó', 99), ('ú', 61), ('æ', 87), ('ý', 23),
        ],
        words: &["nafn", "heimilisfang", "kennitala", "ehf", "hf", "-gata", "-vegur", "-son", "island", "-fell", "-vik"],
    },
    // de
    Language {
        letters: &[('ü', 65), ('ä', 54), ('ö', 30), ('ß', 31), ('é', 2), ('è', 1), ('ç', 1), ('à', 1)],
        words: &[
            "kundennummer", "kundennr", "kunde", "name", "vorname", "nachname", "firma", "strasse", "str", "-str",
            "-strasse", "-weg", "-platz", "-gasse", "-allee", "plz", "ort", "land", "telefon", "gmbh", "ag", "kg", "ohg",
            "gbr", "und", "deutschland", "-burg", "-dorf", "-heim", "-hausen", "-ingen", "am", "im", "konto", "debitor",
        ],
    },
    // nl
    Language {
        letters: &[('é', 9), ('ë', 12), ('ï', 5), ('ö', 2), ('ü', 2), ('è', 3), ('ê', 1), ('à', 1), ('á', 1)],
        words: &[
            "klantnummer", "klant", "naam", "adres", "postcode", "plaats", "woonplaats", "land", "telefoon", "bv", "b.v.",
            "nv", "vof", "-straat", "-weg", "-laan", "-plein", "-gracht", "-kade", "van", "de", "der", "het", "nederland",
            "btw", "kvk", "-dijk", "-dam",
        ],
    },
    // fr
    Language {
        letters: &[
            ('é', 185), ('è', 40), ('à', 40), ('ê', 22), ('ç', 8), ('â', 5), ('î', 5), ('ô', 6), ('û', 3), ('ù', 3),
            ('ë', 2), ('ï', 3), ('œ', 2), ('ü', 1), ('ö', 1), ('ÿ', 1),
        ],
        words: &[
            "numero", "client", "nom", "prenom", "adresse", "rue", "avenue", "boulevard", "place", "chemin", "ville",
            "code", "postal", "pays", "telephone", "courriel", "sarl", "sas", "sa", "et", "de", "du", "des", "la", "le",
            "les", "saint", "sur", "france", "siret", "societe",
        ],
    },
    // es
    Language {
        letters: &[('á', 50), ('é', 43), ('í', 73), ('ó', 83), ('ú', 17), ('ñ', 31), ('ü', 2), ('ç', 1), ('à', 1)],
        words: &[
            "cliente", "nombre", "calle", "avenida", "plaza", "ciudad", "provincia", "pais", "telefono", "correo", "sl",
            "s.l.", "sa", "de", "del", "la", "el", "los", "san", "y", "cif", "nif", "codigo", "postal", "espana",
        ],
    },
    // pt
    Language {
        letters: &[
            ('ã', 73), ('á', 12), ('é', 34), ('ç', 53), ('í', 13), ('ó', 30), ('õ', 4), ('ê', 45), ('â', 6), ('à', 7),
            ('ú', 21), ('ô', 1),
        ],
        words: &[
            "cliente", "nome", "morada", "rua", "avenida", "localidade", "cidade", "pais", "telefone", "lda", "de", "do",
            "da", "dos", "e", "nif", "portugal", "codigo", "postal",
        ],
    },
    // it
    Language {
        letters: &[('à', 64), ('è', 26), ('é', 6), ('ì', 3), ('ò', 6), ('ù', 17), ('î', 1)],
        words: &[
            "cliente", "nome", "cognome", "indirizzo", "via", "piazza", "viale", "corso", "citta", "provincia", "cap",
            "telefono", "srl", "s.r.l.", "spa", "snc", "di", "della", "del", "e", "italia", "partita", "iva", "sede",
        ],
    },
    // pl
    Language {
        letters: &[
            ('ł', 182), ('ą', 99), ('ę', 111), ('ó', 85), ('ż', 83), ('ś', 66), ('ć', 40), ('ń', 20), ('ź', 6),
        ],
        words: &[
            "klient", "nazwa", "ulica", "ul", "miasto", "kod", "pocztowy", "kraj", "telefon", "nip", "sp", "z", "o.o.",
            "-ski", "-ska", "-owa", "-ego", "polska", "aleja", "plac", "os",
        ],
    },
    // cs
    Language {
        letters: &[
            ('á', 222), ('í', 304), ('é', 133), ('ě', 164), ('ř', 121), ('š', 82), ('č', 95), ('ž', 99), ('ý', 107),
            ('ů', 69), ('ú', 10), ('ť', 4), ('ň', 2), ('ď', 2), ('ó', 3),
        ],
        words: &[
            "zakaznik", "jmeno", "nazev", "ulice", "mesto", "psc", "stat", "telefon", "ico", "dic", "s.r.o.", "a.s.",
            "spol", "praha", "brno", "nad", "-ova", "-ska", "nam",
        ],
    },
    // sk
    Language {
        letters: &[
            ('á', 200), ('í', 140), ('é', 120), ('š', 90), ('č', 100), ('ž', 90), ('ý', 110), ('ľ', 40), ('ú', 100),
            ('ť', 60), ('ň', 25), ('ô', 20), ('ó', 15), ('ď', 15), ('ä', 10), ('ĺ', 2), ('ŕ', 1),
        ],
        words: &[
            "zakaznik", "meno", "nazov", "ulica", "mesto", "psc", "krajina", "telefon", "ico", "s.r.o.", "a.s.",
            "bratislava", "nad", "-ova", "nam",
        ],
    },
    // hu
    Language {
        letters: &[
            ('á', 344), ('é', 343), ('ö', 82), ('ó', 100), ('ő', 88), ('ü', 50), ('í', 50), ('ú', 25), ('ű', 20),
        ],
        words: &[
            "vevo", "ugyfel", "nev", "cim", "utca", "ut", "ter", "varos", "iranyitoszam", "orszag", "telefon", "kft",
            "bt", "zrt", "es", "budapest", "megye", "-hegy", "-utca",
        ],
    },
    // ro
    Language {
        letters: &[('ă', 245), ('â', 90), ('î', 140), ('ș', 60), ('ş', 60), ('ț', 60), ('ţ', 60)],
        words: &[
            "client", "nume", "adresa", "strada", "str", "oras", "judet", "cod", "telefon", "srl", "s.r.l.", "sa", "nr",
            "bucuresti", "romania", "si", "-escu",
        ],
    },
    // hr
    Language {
        letters: &[('č', 100), ('ć', 60), ('đ', 30), ('š', 100), ('ž', 60)],
        words: &[
            "kupac", "naziv", "ime", "adresa", "ulica", "grad", "mjesto", "drzava", "telefon", "d.o.o.", "oib", "zagreb",
            "-vic", "-ic", "kranj", "stranka", "naslov", "posta", "cesta",
        ],
    },
    // et
    Language {
        letters: &[('ä', 90), ('õ', 95), ('ü', 60), ('ö', 20), ('š', 3), ('ž', 2)],
        words: &["klient", "nimi", "aadress", "linn", "postiindeks", "telefon", "maantee", "tn", "as", "eesti", "tallinn", "tartu", "-mae"],
    },
    // lv
    Language {
        letters: &[
            ('ā', 400), ('ī', 180), ('ē', 170), ('š', 80), ('ū', 50), ('ņ', 40), ('ļ', 40), ('ž', 25), ('ķ', 12), ('č', 12),
            ('ģ', 12),
        ],
        words: &["klients", "nosaukums", "adrese", "iela", "pilseta", "pasta", "indekss", "telefons", "sia", "riga", "latvija", "novads"],
    },
    // lt
    Language {
        letters: &[
            ('ė', 170), ('š', 120), ('ž', 70), ('ų', 140), ('ū', 50), ('į', 60), ('č', 40), ('ą', 70), ('ę', 20),
        ],
        words: &[
            "klientas", "pavadinimas", "adresas", "gatve", "g", "miestas", "pasto", "kodas", "telefonas", "uab",
            "vilnius", "kaunas", "lietuva", "-as", "-is", "-ius",
        ],
    },
    // tr
    Language {
        letters: &[('ı', 511), ('ş', 178), ('ü', 185), ('ç', 116), ('ğ', 113), ('ö', 78), ('â', 2)],
        words: &["musteri", "adi", "unvan", "adres", "sokak", "sok", "cadde", "cad", "mah", "il", "ilce", "sehir", "telefon", "ltd", "sti", "vergi", "no", "istanbul", "ankara"],
    },
    // ru
    Language {
        letters: &[
            ('о', 1097), ('е', 845), ('а', 801), ('и', 735), ('н', 670), ('т', 626), ('с', 547), ('р', 473), ('в', 454),
            ('л', 440), ('к', 349), ('м', 321), ('д', 298), ('п', 281), ('у', 262), ('я', 201), ('ы', 190), ('ь', 174),
            ('г', 170), ('з', 165), ('б', 159), ('ч', 144), ('й', 121), ('х', 97), ('ж', 94), ('ш', 73), ('ю', 64),
            ('ц', 48), ('щ', 36), ('э', 32), ('ф', 26), ('ъ', 4), ('ё', 4), ('і', 5), ('ї', 5), ('є', 5),
        ],
        words: &["ru", "ooo"],
    },
    // el
    Language {
        letters: &[
            ('α', 1060), ('ο', 900), ('ι', 800), ('ε', 770), ('τ', 740), ('ν', 620), ('σ', 500), ('ς', 400), ('ρ', 440),
            ('η', 420), ('κ', 400), ('π', 400), ('υ', 390), ('λ', 310), ('μ', 330), ('ί', 240), ('ό', 200), ('ω', 180),
            ('ά', 190), ('γ', 180), ('έ', 180), ('δ', 170), ('θ', 120), ('χ', 120), ('ή', 130), ('ύ', 110), ('φ', 90),
            ('ώ', 80), ('β', 70), ('ξ', 50), ('ζ', 40), ('ψ', 20), ('ϊ', 5), ('ΐ', 2),
        ],
        words: &["gr", "ae", "epe"],
    },
    // en
    Language {
        letters: &[('é', 3), ('ö', 1), ('ü', 1), ('á', 1), ('ñ', 1)],
        words: &[
            "customer", "number", "name", "address", "street", "road", "city", "town", "postcode", "zip", "country", "phone",
            "email", "contact", "company", "ltd", "inc", "plc", "the", "and", "vat", "no", "account",
        ],
    },
];
