//! What the words in the names of columns mean, in the languages of the files and in the short forms of programs.

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Meaning {
    Customer,
    Number,
    Code,
    Name,
    Company,
    Account,
    Address,
    Street,
    House,
    Line,
    Post,
    Postcode,
    City,
    Region,
    Country,
    Phone,
    Mobile,
    Fax,
    Email,
    Web,
    Tax,
    Organisation,
    Gln,
    Contact,
    FirstName,
    LastName,
    First,
    Last,
    Group,
    Price,
    List,
    Payment,
    Terms,
    Currency,
    Language,
    Credit,
    Limit,
    Discount,
    Percent,
    Balance,
    Blocked,
    Inactive,
    Notes,
    Created,
    Date,
    Product,
    Unit,
    Barcode,
    Cost,
    Sales,
    Stock,
    Description,
    /// Says nothing: main, primary, default, the.
    Main,
    /// Of the invoice: as good as the customer's own where there is no other.
    Billing,
    /// Another name for searching or for short.
    Search,
    Legal,
    /// Of somebody or something else: a supplier, the place of delivery, a bank, a project, a seller.
    Supplier,
    Delivery,
    Visiting,
    Home,
    Other,
    Bank,
    Seller,
    Parent,
    External,
    /// About the value rather than the value: its type, its status, since when it is so, how often.
    About,
    Active,
    Days,
}

use Meaning::{
    About, Account, Active, Address, Balance, Bank, Barcode, Billing, Blocked, City, Code, Company, Contact,
    Cost, Country, Created, Credit, Currency, Customer, Date, Days, Delivery, Description, Discount, Email,
    External, Fax, First, FirstName, Gln, Group, Home, House, Inactive, Language, Last, LastName, Legal,
    Limit, Line, List, Main, Mobile, Name, Notes, Number, Organisation, Other, Parent, Payment, Percent,
    Phone, Post, Postcode, Price, Product, Region, Sales, Search, Seller, Stock, Street, Supplier, Tax,
    Terms, Unit, Visiting, Web,
};

/// Each meaning with its words: in lower case, without accents, `ø` as `o`, `æ` as `ae`, `ß` as `ss`.
pub(super) const WORDS: &[(Meaning, &str)] = &[
    (
        Customer,
        "customer customers cust client clients clientes kunde kunder kunden kund debitor debitoren debitors debtor deb \
         debiteur debiteuren klant klanten relatie afnemer asiakas asiakkaan asiakkaat actor buyer entity entities member members medlem \
         abonnent patron cliente clientes clienti partner party kontragent kontrahent odberatel zakaznik tiers",
    ),
    (
        Number,
        "number numbers numero num nbr no nr nro nummer nummeret numer id ident identifier identifiant lopenr lobenr key sid uid recid n",
    ),
    (Code, "code codes kode koden kod koodi codigo codice cod token iso iso2 iso3 alpha2"),
    (
        Name,
        "name names navn namn naam nimi nimen nom noms nombre nome nazwa intitule denomination denominazione nazev jmeno nombres benaming titel1 nam navne \
         displayname nm",
    ),
    (
        Company,
        "company companies firma firmen firm foretag foretags foretaget virksomhed virksomheds virksomhet bedrift bedrifts \
         selskab selskap bedrijf bedrijfs yritys yrityksen societe entreprise organization organisation organisations \
         organisasjon organisasjons organisatie organisaatio unternehmen unternehmens raison sociale forening corp ftg business \
         ragione empresa",
    ),
    (
        Account,
        "account acct acc konto ac kto tili compte rekening kontonummer kontonr accountnum accountnumber",
    ),
    (
        Address,
        "address addresses adress adresse adresser adressen adres addr adr osoite anschrift direccion indirizzo adresa morada add ad \
               adressefelt",
    ),
    (
        Street,
        "street streets vej gade gate gata vei strasse str straat rue voie katu katuosoite lahiosoite calle via \
         ulica ulice gateadresse gatuadress gatuadressen utdelningsadress utdelning vejnavn gadenavn strassenname straatnaam stras",
    ),
    (
        House,
        "hausnummer hausnr husnr husnummer huisnummer huisnr house housenumber housenr talonumero huisnum housenumberaddition toev toevoeging huisnummertoevoeging huisletter husbogstav bogstav hausnummerzusatz",
    ),
    (Line, "line lines linje linjen ligne zeile linie regel rivi felt felte field fald feld part"),
    (Post, "pocztowy post postal postale postales postalisch poste posti po mailing"),
    (
        Postcode,
        "postcode postcodes postkode postkod postnr postnummer postnumber postnum plz postleitzahl zip zips zipcode zipkode \
         postinumero postinro postikoodi cp codepostal codpostal postalcode pcode postn cap psc",
    ),
    (
        City,
        "city cities town towns by byen bynavn ort orte ortsname sted poststed postort stad stadt wohnort plaats plaatsnaam \
         woonplaats vestigingsplaats postitoimipaikka toimipaikka kaupunki ville commune localite locality miasto miejscowosc mesto obec poblacion localidad localidade comune ciudad citta \
         place suburb gemeente postarea",
    ),
    (
        Region,
        "region regions regio state province provinces provincie provins county fylke lan landsdel landskap landshluti \
         bundesland maakunta departement kanton canton kommune kommun regiao alue district bezirk",
    ),
    (
        Country,
        "country countries countrycode land landet lands land1 lander laender landekode landkode landskod landcode pays maa maakoodi \
         ctry cntry nation nationality nationalitet landesk lkz landkz laenderkennzeichen landerkennzeichen pais paese countryid",
    ),
    (
        Phone,
        "phone phones telephone telephones telefon telefonnr telefonnummer tlf tlfnr tel telf telefoon telefoonnummer telefono \
         telefone puhelin puhelinnumero puh puhelinnro fon rufnummer festnetz fasttelefon landline phonenumber phoneno puhelimet ddi",
    ),
    (
        Mobile,
        "mobile mobil mobilnr mobilnummer mobiltlf mobiltelefon mobilephone mobiltel mobiele handy handynummer cell cellular \
         cellphone gsm matkapuhelin matkapuh kannykka mobiel mobieltje portable natel movil cellulare",
    ),
    (Fax, "fax faxes telefax faks faksi faxnr faxnummer faksnr telecopie telecopieur fx"),
    (
        Email,
        "email emails mail mails epost epostadresse epostadress mailadresse emailadresse emailaddress emailadres sahkoposti \
         sahkopostiosoite spostiosoite sposti courriel smtp mel correo correoelectronico maili emailadress postadresseelektronisk",
    ),
    (
        Web,
        "web website websites www url homepage hjemmeside nettside nettsted nettadresse hemsida webbplats webbsida internet \
         internetadresse webseite webadresse kotisivu kotisivut verkkosivu site siteweb domain domaene weburl",
    ),
    (
        Tax,
        "vat vatnr vatno vatnumber moms momsnr momsregistreringsnummer mva mwst ust ustid ustidnr ustnr umsatzsteuer \
         umsatzsteuerid btw btwnr btwnummer tva alv alvnumero tax taxes taxid taxvat steuer steuernummer steuernr vies stceg stcd1 \
         vatreg intracommunautaire intracom vatregno vatregistration fiscal fiscale partitaiva nif cif nip uidnr uidnummer euvat taxexempt dic icdph",
    ),
    (
        Organisation,
        "orgnr orgno orgnumber orgnum organisasjonsnummer organisasjonsnr organisationsnummer organisationsnr cvr cvrnr cvrnummer \
         cvrno senr sirets siret siren kvk kvknr kvknummer coc cocnumber handelsregister handelsregisternummer hrb ytunnus tunnus ico ico \
         kbo ondernemingsnummer foretaksnummer foretaksnr personnr personnummer registrationnumber registernummer registration reg companyregno org ic regon oib \
         krak krakno",
    ),
    (
        Gln,
        "gln glnnr glnnummer ean eannr eannum eanno eannummer eannumber iln eanlokationsnummer lokationsnummer globallocationnumber lokation",
    ),
    (
        Contact,
        "contact contacts kontakt kontakter kontaktperson kontaktpersoner ansprechpartner ansprechp attention att attn \
         yhteyshenkilo yhteyshenkilon contactpersoon contactpersonen person persons personen persona personne cpers referens \
         referent reference ref references interlocuteur zhd henkilo",
    ),
    (
        FirstName,
        "vorname fornavn fornamn voornaam etunimi prenom firstname givenname given forename fname tilltalsnamn middle middlename voorletters",
    ),
    (
        LastName,
        "nachname efternavn etternavn efternamn achternaam sukunimi surname lastname familyname family familienname lname zuname familie",
    ),
    (First, "first forste erster forsta"),
    (Last, "last letzte letzter seneste sidste siste senaste sista laatste dernier derniere viimeisin"),
    (
        Group,
        "group groups gruppe grupper grupp gruppen groep ryhma groupe category categories kategori kategorie kategoria \
         categorie segment class classe klasse posting kundegruppe kundgrupp kundengruppe klantgroep asiakasryhma kundekategori \
         debitorgruppe debitorgrp grp gr familie2 branche branch branchen bransch bransje toimiala",
    ),
    (
        Price,
        "price prices pris preis preise prijs prijzen hinta hinnat prix tarif tariff prislista prisliste preisliste hinnasto pl",
    ),
    (List, "list liste lista lijst listen luettelo level niveau"),
    (
        Payment,
        "payment payments pay betaling betalings betalning betalnings zahlung zahlungs zahl maksu maksun paiement paiements bet \
         reglement pagamento betaal",
    ),
    (
        Terms,
        "term terms betingelse betingelser vilkar villkor bedingung bedingungen conditie condities ehto ehdot condition conditions \
         konditionen konditioner maksuehto betalingsbetingelse betalingsbetingelser betalingsvilkar betalningsvillkor paymterm \
         zahlungsbedingung zahlungsbedingungen zahlungsziel betalingsconditie betalingstermijn termijn ziel frist betalingsfrist betalingsbet betalbet betalingsbeting betbet betvillkor voorwaarde voorwaarden zahlbed zahlungsbed zahlungskond zahlkond betvilk betvillk maksuehdot",
    ),
    (
        Days,
        "days day dage dager dagar tage tagen dagen paivat paivaa jours delai kredittdager kreditdage kredittid kreditdagar dias",
    ),
    (
        Currency,
        "currency currencies currencycode valuta valutta valuutta valutakode valutakod valutacode wahrung waehrung devise monnaie waers curr cur munteenheid moneda",
    ),
    (
        Language,
        "language languages sprog sprogkode sprak sprakkod sprache lang taal taalcode kieli kielikoodi langue spras idioma laskutuskieli locale",
    ),
    (Credit, "credit kredit kreditt krediet luotto credito"),
    (
        Limit,
        "limit limits max maks maksimum maximum maximal grense grans grenze raja plafond limite limiet luottoraja kreditlimit kredittgrense \
         kreditmax kreditmaks kreditmaksimum kreditgrense kreditgrans kredietlimiet creditlimit kreditramme ramme encours lim krlim kredlim kreditlim",
    ),
    (
        Discount,
        "discount discounts disc rabat rabatt rabatter korting alennus ale remise rabattsatz skonto kontantrabat cashdisc sett",
    ),
    (Percent, "percent percentage pct procent prosent prozent prosentti pourcentage percentuale sats satz"),
    (Balance, "balance saldo kontostand solde utestaende avoin outstanding due tilgode"),
    (
        Blocked,
        "blocked block spaerret spaerre sperret sperre sper sparrad sparr gesperrt blokeret blokkeret blockerad geblokkeerd blokkade \
         estetty myyntikielto bloque onhold hold stopp stop sperrkennzeichen kreditstop lieferstop luottokielto",
    ),
    (
        Inactive,
        "inactive inaktiv nonactief nonactive sommeil disabled passive passiv passivt inactief passiivinen inactif ferme lukket avsluttet closed utgatt hidden avaktiverad poistettu deaktiveret deleted geloscht",
    ),
    (Active, "active aktiv aktivt aktiivinen actief actif enabled"),
    (
        Notes,
        "note notes notat notater noter notiz notizen bemaerkning bemaerkninger merknad merknader kommentar kommentarer comment comments \
         anmarkning anmarkningar anteckning anteckningar bemerkung bemerkungen opmerking opmerkingen notities lisatieto lisatietoja lisatiedot \
         huomautus huom remarque remarques commentaire commentaires memo remark remarks notepad fritekst info infotext text tekst freitext",
    ),
    (
        Created,
        "created create oprettet oprettelse oprettelsesdato opprettet skapad skapat registrerad registreringsdatum upplagd angelegt \
         anlage anlagedatum erstellt erstellungsdatum aangemaakt luotu luonti luontipaiva cree creation opened opret erdat signup \
         kundesiden kundsedan since seit depuis sinds siden sedan asiakkuus",
    ),
    (Date, "date dates dato datum data pvm paiva paivays dt tidspunkt tid time timestamp am le on op at"),
    (
        Product,
        "product products produkt produkter produkte vare varer varu varor artikel artikler artiklar artikels artikkel \
         article articles item items tuote tuotteen produit sku mat matnr material plu",
    ),
    (Unit, "unit units uom enhed enhet einheit mengeneinheit eenheid yksikko unite maaleenhed meins"),
    (
        Barcode,
        "barcode barcodes gtin ean13 ean11 ean8 stregkode strekkode streckkod streepjescode viivakoodi barre barres strichcode upc eancode",
    ),
    (
        Cost,
        "cost costs kost kostpris indkob indkobs innkjop innkjops inkop inkops sjalvkostnad einkauf einkaufs ek einstand einstands inkoop osto achat revient purchase kostprijs varekost",
    ),
    (
        Sales,
        "sales sale selling salg salgs forsaljning forsaljnings verkauf verkaufs vk verkoop myynti vente ventes udsalg utsalg retail out",
    ),
    (
        Stock,
        "stock lager lagerantal lagerbeholdning beholdning lagersaldo bestand lagerbestand voorraad varasto varastosaldo inventory qty quantity antal antall menge anzahl hand onhand quantite maara labst disponibel",
    ),
    (
        Description,
        "description descriptions desc beskrivelse betegnelse benamning bezeichnung omschrijving kuvaus designation libelle varetekst beskrivning maktx title",
    ),
    (
        Main,
        "main primary default standard hoved haupt hovedtelefon ensisijainen principal general generelt own our the of de du des \
         la el und and og och en et ja primaer prim allgemein official office full complete korrespondenz  correspondence \
         main1 work arbejde arbeid arbete dienst zakelijk pro professionnel",
    ),
    (
        Billing,
        "billing bill billto faktura fakturerings fakturering   invoice invoicing rechnung rechnungs  laskutus  laskun facturation facture factuur  facturatie b ba",
    ),
    (
        Search,
        "search searchname such suche suchname suchbegriff sok soge soge sogenavn soke sok matchcode matchkode kortnavn kurzname kurzbezeichnung kurz alias short shortname haku hakunimi nick nickname mnemo zoeknaam zoekcode zoek zkortnavn sortname sort username login user bruker benutzer yomi maiden phonetic",
    ),
    (Legal, "legal trading trade juridisk juridische handels"),
    (
        Supplier,
        "supplier suppliers vendor vendors leverandor leverandors leverandorer leverantor leverantors lieferant lieferanten kreditor kreditoren toimittaja fournisseur leverancier crediteur lief creditor payee",
    ),
    (
        Delivery,
        "delivery deliver shipping ship shipto shipment levering leverings  leverans  liefer lieferung   toimitus  livraison  aflever lever lev sa versand forsendelse fragt frakt freight transport s",
    ),
    (
        Visiting,
        "visiting visit besok besoks   besog besogs forretning forretnings  kaynti  besuch bezoek  physical",
    ),
    (Home, "home privat private privat hjem koti prive domicile"),
    (
        Other,
        "other others anden andet andre annan andra annen autre autres andere alternative alternativ abweichende abweichender abw alt alternate secondary second sekundaer zweite ekstra extra additional zusatz tillaeg zus complement complementaire old previous tidligere gammel gammelt gammal gammalt gamla gamle alte alter altes oud oude ancien ancienne vanha former assistant spouse manager car radio",
    ),
    (
        Bank,
        "bank banks bankkonto banque pankki pankkitili iban bic swift giro gironr gironummer gironumber bankgiro plusgiro postgiro pg bg bankleitzahl blz kontoinhaber sort sepa mandat mandatsreferenz mandate bankverb bankverbindung clearing rib reg2 fik nemkonto",
    ),
    (
        Seller,
        "salesperson salesman salesrep rep saelger selger saljare vertreter verkoper verkaufer verkaeufer myyja vendeur vendor2 commercial oldefault sachbearbeiter betreuer ansvarlig konsulent owner responsible agent representant ourref accountmanager kam",
    ),
    (
        Parent,
        "parent chain kjede kaede konsern koncern concern moder mutter mere centrale headquarters konzern kjedenummer related",
    ),
    (External, "external extern ekstern ekstern fremd fremdsystem foreign edi import legacy crm"),
    (
        About,
        "type typ types art status statut state2 flag kennz kennzeichen method methode metode mode kind level2 valid gultig gueltig gyldig \
         from von fra vom to bis til changed change modified updated update endret aendret andrad geandert gewijzigd modifie muokattu upd \
         count total totals turnover omsaetning omsattning omsetning umsatz chiffre sum amount belob belop betrag summe ytd mtd orders order \
         ordre spend spent interest rente project projekt prosjekt department departments afdeling avdeling avdelning abteilung osasto \
         dimension analysis zone zones password hash gender sex birthday born fodselsdato geburtsdatum dob tags tag role job \
         titel title anrede salutation tiltale adelstitel prefix suffix initials marketing newsletter consent gdpr factoring reminder \
         rykker rykkergebyr purring mahnung mahnsperre mahn paminnelse rounding warehouse lager2 version revision website2 skype \
         facebook linkedin twitter insolvent template layout form print copies kopier format anmeldelse last2 taxable exempt rate \
         salestax procedure accounts receivable payable latitude longitude lat lng geo image photo logo nominal settlement exported sync internal intern interner interne internt seq \
         sequence row rownum linenr index position sortering sorting stat statistic statistik collector factor edi2 route tour rute \
         locked lock dim fixed temp dummy test reserved leerfeld filler leer blank unused category2 client2 mandt mandant",
    ),
];

/// Words that are found as whole words only, since longer ones hold them by chance. Of words with two letters only those
/// for "number" are looked for inside of others.
pub(super) const WHOLE_ONLY: &[&str] = &[
    "acc", "add", "art", "iso", "nam", "lim", "sper", "alt", "abw", "ale", "bet", "bis", "cap", "car", "cif",
    "cur", "cell", "data", "deb", "desc", "dim", "due", "fon", "for", "form", "fra", "from", "gate", "geo",
    "hand", "her", "home", "ico", "info", "item", "items", "lat", "last", "lan", "lev", "lng", "maa", "mat",
    "mel", "main", "nif", "nip", "old", "org", "ort", "out", "own", "pay", "per", "place", "po", "poste",
    "pro", "psc", "ref", "reg", "rep", "role", "row", "sex", "site", "sid", "sort", "stat", "such", "sum",
    "tag", "temp", "test", "tid", "til", "tour", "uid", "user", "via", "vom", "von", "web", "key", "text",
    "the", "und", "and", "hold", "rue", "term", "rate", "base", "cost", "mere", "stad", "by",
];

/// Words of two letters that are found inside of longer ones.
pub(super) const SHORT_INSIDE: &[&str] = &["nr", "no", "id"];
