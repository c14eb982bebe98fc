//! The customer files of forty systems: is every column taken for the field that it is?

use erpfile::Limits;
use erpfile::suggest::Sample;
use fastrand::Rng;
use register::suggest::propose;

use crate::customers::{Customer, Words, customers};
use crate::languages::LANGUAGES;
use crate::writer::Writer;

/// A system: its name, the language of its customers, its delimiter, and its columns as `name=what`, separated by `|`.
/// `number`, `name`, `street`, `postcode`, `city`, `phone` and `email` are those that must be found; with `~` before them
/// they hold such values and are none of them.
pub(crate) type System = (&'static str, &'static str, &'static str, &'static str);

/// Those whose files are described in public.
#[rustfmt::skip]
pub(crate) static DESCRIBED: &[System] = &[
    ("Mamut GBAC", "no", ";", "=gbac|=number|=name|=street|=postcode|=city|=first|=person|=phone|=empty|=email|=int|=int|=int|=empty"),
    ("DATEV", "de", ";", "Konto=number|Name (Adressattyp Unternehmen)=name|Unternehmensgegenstand=empty|Name (Adressattyp natürl. Person)=empty|Vorname (Adressattyp natürl. Person)=empty|Adressattyp=int|Kurzbezeichnung=~name|EU-Land=country|EU-UStID=vat|Anrede=empty|Adressart=STR|Straße=street|Postfach=empty|Postleitzahl=postcode|Ort=city|Land=country|Adresszusatz=empty|Telefon=phone|Bemerkung (Telefon)=empty|Telefon GL=~phone|Bemerkung (Telefon GL)=empty|E-Mail=email|Bemerkung (E-Mail)=empty|Internet=web|Fax=empty|Bankleitzahl 1=int|IBAN-Nr. 1=iban|Leerfeld=empty|Kunden-/Lief.-Nr.=~number|Ansprechpartner=person|Zahlungsbedingung=int|Straße (Rechnungsadresse)=~street|Postleitzahl (Rechnungsadresse)=~postcode|Ort (Rechnungsadresse)=~city"),
    ("Visma Business", "no", ",", "=custNo=number|BsNo=orgno|Nm=name|Ad1=street|Ad2=empty|Ad3=empty|PNo=postcode|PArea=city|Ctry=int"),
    ("Tripletex", "no", ";", "Kundenummer=number|Leverandørnummer=empty|Navn=name|Organisasjonsnummer=orgno|Telefon=phone|Mobil=mobile|Faks=empty|Epost=email|Postadresse - linje 1=street|Postadresse - linje 2=empty|Postadresse - postnummer=postcode|Postadresse - sted=city|Postadresse - land=land|Forretningsadresse - linje 1=~street|Forretningsadresse - linje 2=empty|Forretningsadresse - postnummer=~postcode|Forretningsadresse - sted=~city|Forretningsadresse - land=land"),
    ("Fiken", "no", ";", "Navn=name|Orgnr=orgno|Adresse=street|Adresse2=empty|Postnr=postcode|Poststed=city|Land=land|E-post=email|Telefon=phone|Medlemsnummer=number"),
    ("Uni Micro", "no", ";", "Kundenummer=number|Navn=name|Adresse=street|Adressefelt2=empty|Postnr=postcode|Poststed=city|Landkode=country|Land=land|Telefon=phone|Telefax=empty|Mobil=mobile|Email=email|Organisasjonsnr=orgno|Kredittdager=int|Kredittgrense=amount|Factoring=empty|Selgernr=int|Kundekategori=int|Valutakode=currency|Kommentar=empty"),
    ("Timerabbit", "no", ";", "=name|=street|=postcode|=city|=empty|=phone|=email|=web|=person|=mobile|=~email|=empty"),
    ("Fortnox", "sv", ";", "Kundnr=number|Namn=name|E-post=email|Registrerad=date|Postnr=postcode|Ort=city|Belopp=amount|Status=status"),
    ("e-conomic", "da", ",", "Kundenr=number|Navn=name|Gruppe=int|Adresse1=street|Adresse2=empty|Postnummer=postcode|By=city|Land=land|Telefon=phone|E-mail=email"),
    ("Business Central (API)", "en", ",", "id=guid|number=number|displayName=name|type=word|addressLine1=street|addressLine2=empty|city=city|state=empty|country=country|postalCode=postcode|phoneNumber=phone|email=email|currencyCode=currency|balanceDue=amount|taxRegistrationNumber=empty|lastModifiedDateTime=date"),
    ("Dynamics NAV", "en", ",", "No.=number|Name=name|Name 2=empty|Address=street|Address 2=empty|Post Code=postcode|City=city|Country/Region Code=country|Contact=person|Phone No.=phone|E-Mail=email|VAT Registration No.=empty|Customer Posting Group=word|Payment Terms Code=word|Salesperson Code=code|Blocked=empty"),
    ("Dynamics NAV (Danish)", "da", ";", "Nummer=number|Navn=name|Adresse=street|Postnr.=postcode|By=city|Telefon=phone|Mail=email"),
    ("Netvisor", "fi", ";", "Asiakaskoodi=number|Nimi=name|Osoite=street|Postinumero=postcode|Postitoimipaikka=city|Aktiivinen=one|Alennusprosentti=amount|Asiakasryhmä=word|Hintaryhmä=word|Kotisivut=web|Laskutuskieli=word|Lisätietoja=empty|Maa=country|Maksuehto=word|Nimen jatke=empty|Oletusmyyjä=person"),
    ("Unifaun", "sv", ";", "[quickid]=number|[sender]=no|[receiver]=yes|[orgno]=orgnr|[vatno]=empty|[name]=name|[address1]=street|[zipcode]=postcode|[city]=city|[country]=country|[contact]=person|[phone]=phone|[email]=email|[category1text]=empty|[category1no]=empty"),
    ("Sage 50", "en", ",", "A/C=number|Name=name|Address Line 1=street|Address Line 2=empty|Address Line 3=~city|Address Line 4=empty|Address Line 5=~postcode|Contact Name=person|Telephone=phone|Fax=empty|Analysis 1=empty|Analysis 2=empty|Analysis 3=empty|Department=int|VAT Number=empty|M.T.D.=amount|Y.T.D.=amount|Prior Y.T.D.=amount|Credit Limit=amount|Trading Terms Text=empty|Settlement Due Days=int|Sett. Discount (%)=amount|Default Nominal Code=int|Default Tax Code=T1|Trade Contact=empty|Telephone 2=empty|e-mail=email|Web address=web"),
    ("SAP KNA1", "de", ";", "MANDT=one|KUNNR=number|LAND1=country|NAME1=name|STRAS=street|ORT01=city|PSTLZ=postcode|TELF1=phone|SMTP_ADDR=email|SPRAS=D|ERDAT=packed|UPDAT=packed|WAERS=currency|STCEG=vat|STCD1=empty"),
    ("Xero", "en", ",", "*ContactName=name|AccountNumber=number|EmailAddress=email|FirstName=first|LastName=~person|POAttentionTo=empty|POAddressLine1=street|POAddressLine2=empty|POAddressLine3=empty|POAddressLine4=empty|POCity=city|PORegion=empty|POPostalCode=postcode|POCountry=empty|SAAttentionTo=empty|SAAddressLine1=~street|SAAddressLine2=empty|SACity=~city|SARegion=empty|SAPostalCode=~postcode|SACountry=empty|PhoneNumber=phone|FaxNumber=empty|MobileNumber=empty|DDINumber=empty|SkypeName=empty|BankAccountName=empty|BankAccountNumber=empty|TaxNumber=empty|AccountsReceivableTaxCodeName=empty|Website=empty|LegalName=empty|Discount=empty|CompanyNumber=empty|Person1FirstName=empty|Person1LastName=empty|Person1Email=~email"),
    ("Shopify", "en", ",", "Customer ID=guarded|First Name=first|Last Name=~person|Email=email|Accepts Email Marketing=yes|Default Address Company=name|Default Address Address1=street|Default Address Address2=empty|Default Address City=city|Default Address Province Code=empty|Default Address Country Code=country|Default Address Zip=postcode|Default Address Phone=~phone|Phone=phone|Accepts SMS Marketing=no|Total Spent=amount|Total Orders=int|Note=empty|Tax Exempt=no|Tags=empty"),
    ("QuickBooks IIF", "en", "\t", "!CUST=CUST|NAME=name|REFNUM=number|TIMESTAMP=int|BADDR1=~name|BADDR2=street|BADDR3=empty|BADDR4=empty|PHONE1=phone|PHONE2=empty|FAXNUM=empty|EMAIL=email|NOTE=empty|CONT1=person|CTYPE=empty|TERMS=empty|TAXABLE=no|LIMIT=empty|RESALENUM=empty|REP=empty|JOBSTATUS=one"),
    ("C5", "da", ",", "=no|=number|=name|=street|=empty|=postcity|=land|=person|=phone|=empty|=empty|=int|=amount|=no|=empty|=empty|=empty|=empty|=currency|=word|=word|=empty|=no|=empty|=I25|=empty|=empty|=empty|=no|=empty|=empty|=no|=no|=empty|=amount|=amount|=amount|=amount|=amount|=amount|=amount|=slashed|=amount|=amount|=~name|=empty|=empty|=empty|=empty|=empty|=empty|=empty|=email|=empty|=mobile|=empty|=empty|=empty|=empty|=empty|=no|=slashed|=slashed|=slashed|=slashed|=empty|=empty|=empty|=empty|=empty"),
];

/// Those that nobody looked at while the vocabulary was made.
#[rustfmt::skip]
pub(crate) static UNSEEN: &[System] = &[
    ("Uniconta", "da", ";", "Account=number|Name=name|Address1=street|Address2=empty|ZipCode=postcode|City=city|Country=land|Phone=phone|ContactEmail=email|CompanyRegNo=cvr|Group=word|Payment=word|Currency=currency|CreditMax=amount|Blocked=no|Created=date"),
    ("PowerOffice Go", "no", ";", "Kundenr=number|Kundenavn=name|Org.nr=orgno|E-postadresse=email|Telefonnummer=phone|Fakturaadresse linje 1=street|Fakturaadresse linje 2=empty|Fakturaadresse postnr=postcode|Fakturaadresse sted=city|Fakturaadresse landkode=country|Leveringsadresse linje 1=~street|Leveringsadresse postnr=~postcode|Leveringsadresse sted=~city|Betalingsbetingelser=int|Arkivert=no"),
    ("24SevenOffice", "no", ";", "Id=number|Firmanavn=name|Organisasjonsnummer=orgno|Postadresse=street|Postnummer=postcode|Poststed=city|Besøksadresse=~street|Tlf. arbeid=phone|Mobiltelefon=mobile|E-post (primær)=email|Faktura e-post=~email|Kundeansvarlig=person"),
    ("Visma Administration", "sv", "\t", "Kundnummer=number|Namn=name|Utdelningsadress=street|Utdelningsadress 2=empty|Postnr=postcode|Postadress=city|Land=country|Telefon 1=phone|Telefon 2=empty|Fax=empty|E-post=email|Vår referens=person|Er referens=person|Betalningsvillkor=int|Momsreg.nr=empty|Orgnr=orgnr|Kreditgräns=amount|Leveransadress=~street|Lev postnr=~postcode|Lev ort=~city"),
    ("Jeeves", "sv", ";", "FtgNr=number|FtgNamn=name|FtgPostAdr1=street|FtgPostAdr2=empty|FtgPostNr=postcode|FtgPostAdr3=city|LandsKod=country|ComNr_Tel=phone|ComNr_Epost=email|OrgNr=orgnr|ValKod=currency|KundKategoriKod=int"),
    ("Procountor", "fi", ";", "Asiakasnumero=number|Asiakkaan nimi=name|Y-tunnus=ytunnus|Lähiosoite=street|Postinro=postcode|Toimipaikka=city|Maa=land|Puhelinnumero=phone|Sähköpostiosoite=email|Laskutusosoite: katuosoite=~street|Laskutusosoite: postinumero=~postcode|Maksuehto (pv)=int|Viivästyskorko=amount"),
    ("Lexware", "de", ";", "Kunden-Nr=number|Matchcode=~name|Anrede=empty|Firma=name|Name=~person|Vorname=first|Zusatz=empty|Ansprechpartner=person|Strasse und Hausnr.=street|Land=country|PLZ=postcode|Ort=city|Telefon 1=phone|Telefon 2=empty|Mobiltelefon=mobile|E-Mail=email|Kreditinstitut=word|IBAN=iban|USt.-IdNr.=vat|Lieferanschrift Straße=~street|Lieferanschrift PLZ=~postcode|Lieferanschrift Ort=~city"),
    ("JTL-Wawi", "de", ";", "Interner Schlüssel=int2|Kundennummer=number|Kundengruppe=word|Anrede=empty|Firma=name|Firmenzusatz=empty|Vorname=first|Nachname=~person|Strasse=street|Adresszusatz=empty|PLZ=postcode|Ort=city|Bundesland=empty|Land=land|ISO-Land=country|Telefonnummer=phone|Mobil=empty|Fax=empty|E-Mail-Adresse=email|Webseite=web|Geburtstag=empty|Gesperrt=no|Newsletter=yes|Erstellt am=date"),
    ("microtech büro+", "de", "\t", "AdrNr=number|SuchBeg=~name|Anrede=empty|Na1=~name1|Na2=name|Na3=empty|Str=street|PLZ=postcode|Ort=city|LandKennz=country|Tel=phone|Fax=empty|EMail1=email|UStId=vat|ZahlBedNr=int"),
    ("Exact Globe", "nl", ";", "Debiteurcode=number|Debiteurnaam=name|Adresregel 1=street|Adresregel 2=empty|Postcode=postcode|Plaats=city|Landcode=country|Telefoonnummer=phone|Faxnummer=empty|E-mail=email|Btw-nummer=empty|KvK-nummer=empty|Betalingsconditie=int|Kredietlimiet=amount|Contactpersoon=person|Geblokkeerd=no"),
    ("SnelStart", "nl", ",", "Relatiecode=number|Naam=name|Straat=street|Postcode=postcode|Plaats=city|Land=land|Correspondentie straat=~street|Correspondentie postcode=~postcode|Correspondentie plaats=~city|Telefoon=phone|Mobiele telefoon=mobile|E-mail=email|Factuur e-mail=~email|Btw-nummer=empty|Krediettermijn=int|IBAN=iban|Memo=empty"),
    ("EBP", "fr", ";", "Code (tiers)=number|Nom=name|Adresse 1 (facturation)=street|Adresse 2 (facturation)=empty|Code postal (facturation)=postcode|Ville (facturation)=city|Code Pays (facturation)=country|Téléphone fixe (contact)=phone|Téléphone portable (contact)=mobile|E-mail (contact)=email|N° TVA intracommunautaire=empty|Adresse 1 (livraison)=~street|Code postal (livraison)=~postcode|Ville (livraison)=~city|SIREN=empty|Encours autorisé=amount"),
    ("Sage 100", "fr", "\t", "CT_Num=number|CT_Intitule=name|CT_Contact=person|CT_Adresse=street|CT_Complement=empty|CT_CodePostal=postcode|CT_Ville=city|CT_Pays=land|CT_Telephone=phone|CT_Telecopie=empty|CT_EMail=email|CT_Identifiant=empty|CT_Siret=empty|CT_Encours=amount"),
    ("Salesforce", "en", ",", "Account ID=guid|Account Name=name|Account Number=number|Type=word|Billing Street=street|Billing City=city|Billing State/Province=empty|Billing Zip/Postal Code=postcode|Billing Country=land|Shipping Street=~street|Shipping City=~city|Shipping Zip/Postal Code=~postcode|Phone=phone|Fax=empty|Email=email|Website=web|Industry=word|Annual Revenue=amount|Created Date=date"),
    ("QuickBooks Online", "en", ",", "Customer ID=number|Customer full name=name|Company name=~name|Phone numbers=phone|Email=email|Billing street=street|Billing city=city|Billing state=empty|Billing postcode=postcode|Billing country=land|Shipping street=~street|Shipping city=~city|Open balance=amount|Notes=empty"),
    ("NetSuite", "en", ",", "Internal ID=int2|Entity Number=number|Company Name=name|Address 1=street|Address 2=empty|City=city|State/Province=empty|Zip Code=postcode|Country=land|Office Phone=phone|Fax=empty|Email=email|Terms=word|Credit Limit=amount|Balance=amount|Inactive=no|Date Created=date"),
    ("Oracle EBS", "en", "|", "CUSTOMER_NUMBER=number|CUSTOMER_NAME=name|ADDRESS1=street|ADDRESS2=empty|ADDRESS3=empty|CITY=city|POSTAL_CODE=postcode|STATE=empty|COUNTRY=country|PHONE_NUMBER=phone|EMAIL_ADDRESS=email|CUSTOMER_CLASS_CODE=word|PAYMENT_TERMS_NAME=word|TAX_REFERENCE=empty|CREATION_DATE=date|STATUS=A"),
    ("Infor M3", "sv", ";", "OKCONO=one|OKDIVI=empty|OKCUNO=number|OKSTAT=int|OKCUNM=name|OKCUA1=street|OKCUA2=empty|OKPONO=postcode|OKTOWN=city|OKCSCD=country|OKPHNO=phone|OKTFNO=empty|OKYREF=person|OKVRNO=empty|OKCUCD=currency|OKMAIL=email"),
    ("JD Edwards", "en", ",", "ABAN8=number|ABALPH=name|ALADD1=street|ALADD2=empty|ALCTY1=city|ALADDZ=postcode|ALCTR=country|WPPH1=phone|EAEMAL=email|ABAC01=word|ABTAX=empty"),
    ("Monitor", "sv", ";", "Kundkod=number|Kundnamn=name|Adressrad 1=street|Adressrad 2=empty|Postnummer=postcode|Postort=city|Landskod=country|Telefonnr=phone|E-postadress=email|Kundkategori=word|Valuta=currency|Betalningsvillkor=int|Säljare=person|Blockerad=no"),
];

/// What came of a system's file.
pub(crate) struct Outcome {
    pub(crate) name: &'static str,
    /// Whether all of the fields that must be found were.
    pub(crate) right: bool,
    /// Whether a column was taken for the key that is not.
    pub(crate) wrong_key: bool,
    /// Each field that is wrong, with the column that it was taken from.
    pub(crate) wrong: Vec<String>,
}

/// The fields that must be found, with the words for their columns.
const FIELDS: &[(&str, &str)] = &[
    ("number", "number"),
    ("name", "name"),
    ("street", "address1"),
    ("postcode", "postcode"),
    ("city", "city"),
    ("phone", "phone"),
    ("email", "email"),
];

/// Makes a file of a system and asks what it is.
pub(crate) fn outcome(system: &System, words: Words, seed: u64, rows: usize) -> anyhow::Result<Outcome> {
    let (name, language, delimiter, columns) = *system;
    let mut rng = Rng::with_seed(seed);
    let columns: Vec<(&str, &str)> =
        columns.split('|').map(|column| column.rsplit_once('=').unwrap_or(("", column))).collect();
    let language = LANGUAGES.iter().find(|known| known.code == language).unwrap_or(&LANGUAGES[0]);
    let mut text = String::new();
    let writer = Writer::new(delimiter);
    let header: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    if header.iter().any(|name| !name.is_empty()) {
        text.push_str(&writer.line(&header));
        text.push('\n');
    }
    for (at, customer) in customers(&mut rng, language, words, rows).iter().enumerate() {
        let cells: Vec<String> =
            columns.iter().map(|(_, what)| value(&mut rng, what, customer, at)).collect();
        text.push_str(&writer.line(&cells));
        text.push('\n');
    }
    let proposal = propose(&Sample::new(text.into_bytes(), true), Limits::default())?;
    let mut wrong = Vec::new();
    let mut wrong_key = false;
    for (what, field) in FIELDS {
        let expected = columns
            .iter()
            .position(|(_, column)| column == what || *what == "number" && *column == "guarded");
        let found = proposal.columns.iter().position(|column| column.field == Some(*field));
        if found != expected && (expected.is_some() || *field == "number") {
            let title = |at: Option<usize>| {
                at.and_then(|at| columns.get(at)).map_or("nothing", |(name, _)| *name).to_owned()
            };
            wrong.push(format!("{field} from {} instead of {}", title(found), title(expected)));
            wrong_key |= *field == "number" && found.is_some();
        }
    }
    Ok(Outcome { name, right: wrong.is_empty(), wrong_key, wrong })
}

/// A value of a column.
fn value(rng: &mut Rng, what: &str, customer: &Customer, row: usize) -> String {
    let day = (rng.u16(2015..2026), rng.u8(1..13), rng.u8(1..29));
    match what.trim_start_matches('~') {
        "number" => customer.number.clone(),
        "guarded" => format!("'72104483{:05}", row * 7 + 11),
        "name" => customer.name.clone(),
        "name1" => "Firma".to_owned(),
        "street" => customer.street.clone(),
        "postcode" => customer.postcode.clone(),
        "city" => customer.city.clone(),
        "postcity" => format!("{} {}", customer.postcode, customer.city),
        "phone" => customer.phone.clone(),
        "mobile" => format!("+{} {}", rng.u8(30..49), rng.u32(10_000_000..99_999_999)),
        "email" => customer.email.clone(),
        "person" => customer.person.clone(),
        "first" => ["Kari", "Jo", "Eva", "Max", "Ida"][rng.usize(..5)].to_owned(),
        "empty" => String::new(),
        "int" => rng.u8(1..9).to_string(),
        "int2" => (row + 1).to_string(),
        "one" => "1".to_owned(),
        "amount" => format!("{},{:02}", rng.u16(..9000), rng.u8(..99)),
        "date" => format!("{}-{:02}-{:02}", day.0, day.1, day.2),
        "slashed" => format!("{}/{:02}/{:02}", day.0, day.1, day.2),
        "packed" => format!("{}{:02}{:02}", day.0, day.1, day.2),
        "web" => format!("www.firma{}.example", rng.u8(1..99)),
        "country" => ["DK", "NO", "SE", "DE"][rng.usize(..4)].to_owned(),
        "land" => ["Danmark", "Norge", "Sverige", "Deutschland"][rng.usize(..4)].to_owned(),
        "currency" => ["DKK", "EUR", "NOK"][rng.usize(..3)].to_owned(),
        "word" => ["Standard", "Detail", "Engros"][rng.usize(..3)].to_owned(),
        "code" => ["AB", "CD", "JR"][rng.usize(..3)].to_owned(),
        "status" => ["Aktiv", "Passiv"][rng.usize(..2)].to_owned(),
        "yes" => ["yes", "no"][rng.usize(..2)].to_owned(),
        "no" => "No".to_owned(),
        "vat" => "DE136695976".to_owned(),
        "orgno" => "923609016".to_owned(),
        "orgnr" => "556016-0680".to_owned(),
        "ytunnus" => "0112038-9".to_owned(),
        "cvr" => "13585628".to_owned(),
        "iban" => "DK5000400440116243".to_owned(),
        "guid" => format!("2f0a1c3e-{:04x}-4444-8888-{:012x}", rng.u16(..), rng.u32(..)),
        "gbac" => "GBAC10".to_owned(),
        other => other.to_owned(),
    }
}
