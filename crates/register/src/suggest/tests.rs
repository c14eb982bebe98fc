use erpfile::suggest::Sample;
use erpfile::{Limits, Repeated};

use super::{Proposal, propose};
use crate::{CUSTOMERS, PRODUCTS};

fn proposed(text: &str) -> Proposal {
    propose(&Sample::new(text.into(), true), Limits::default()).unwrap()
}

/// The fields of the columns, `-` for those that are not read.
fn fields(proposal: &Proposal) -> String {
    proposal.columns.iter().map(|column| column.field.unwrap_or("-")).collect::<Vec<_>>().join(" ")
}

/// Files, and the fields of their columns.
const FILES: &[(&str, &str)] = &[
    (
        "Kundenr;Navn;Gruppe;Adresse1;Adresse2;Postnummer;By;Land\n1;Bager ApS;1;Gade 4;;8000;Aarhus;DK\n2;Smed A/S;1;Vej 2;;9000;Aalborg;DK\n3;Maler I/S;2;Torv 1;;5000;Odense;DK\n",
        "number name group address1 address2 postcode city country",
    ),
    (
        "Kundnr;Namn;Utdelningsadress;Postnr;Postort;Telefon;E-post;Org.nr\n10;Måleri AB;Gatan 4;211 31;Malmö;040-123456;a@m.example;556016-0680\n11;Snickeri AB;Vägen 2;252 21;Lund;046-123456;b@s.example;\n",
        "number name address1 postcode city phone email tax_number",
    ),
    (
        "Kunden-Nr.;Firma;Vorname;Nachname;Straße;PLZ;Ort;Telefon;USt-IdNr.\n10;Müller GmbH;Eva;Lenz;Ring 3;80331;München;089 123456;DE136695976\n11;Kaiser KG;Uwe;Bach;Weg 5;50667;Köln;0221 123456;\n",
        "number name contact contact address1 postcode city phone tax_number",
    ),
    (
        "Klantnummer,Naam,Adres,Postcode,Plaats,Telefoon,E-mailadres,BTW-nummer\n10,Smit BV,Hoofdstraat 1,3511 AB,Utrecht,030-1234567,a@smit.example,NL123456789B01\n11,Bos VOF,Kade 2,2611 AB,Delft,015-1234567,b@bos.example,\n",
        "number name address1 postcode city phone email tax_number",
    ),
    (
        "Asiakasnumero;Nimi;Katuosoite;Postinumero;Postitoimipaikka;Puhelin;Sähköposti;Y-tunnus\n10;Kala Oy;Katu 4;00100;Helsinki;09 123456;a@k.example;0112038-9\n11;Puu Oy;Tie 2;33100;Tampere;03 123456;b@p.example;\n",
        "number name address1 postcode city phone email tax_number",
    ),
    (
        "Code client;Raison sociale;Adresse;Code postal;Ville;Téléphone;Courriel;N° TVA\nC10;Boulangerie SARL;3, rue Haute;45000;Orléans;02 38 12 34 56;a@b.example;FR12345678901\nC11;Menuiserie SAS;Chemin Bas 4;25000;Besançon;03 81 12 34 56;c@d.example;\n",
        "number name address1 postcode city phone email tax_number",
    ),
    (
        "OKCUNO;OKCUNM;OKCUA1;OKPONO;OKTOWN;OKPHNO;OKVRNO\n10;Smed AS;Gata 1;0150;Oslo;22123456;923609016\n11;Dal AS;Gata 2;5003;Bergen;55123456;\n",
        "number name address1 postcode city phone tax_number",
    ),
    (
        "CT_Num;CT_Intitule;CT_Adresse;CT_CodePostal;CT_Ville;CT_Telephone;CT_EMail\nC10;Boulangerie SARL;3, rue Haute;45000;Orléans;0238123456;a@b.example\nC11;Menuiserie SAS;Chemin 4;25000;Besançon;0381123456;c@d.example\n",
        "number name address1 postcode city phone email",
    ),
    (
        "id,number,displayName,addressLine1,city,postalCode,phoneNumber,email\n2f0a1c3e-aaaa-4444-8888-000000000001,10000,Adatum,Main 1,Leeds,LS1 4AB,0113 4960000,a@a.example\n2f0a1c3e-aaaa-4444-8888-000000000002,20000,Trey,High 2,York,YO1 9ZZ,01904 123456,b@b.example\n",
        "- number name address1 city postcode phone email",
    ),
    (
        "Billing Street,Billing City,Billing Postal Code,Shipping Street,Shipping City,Shipping Postal Code,Account Name,Account Number,Phone\nMain 1,Leeds,LS1 4AB,Dock 9,Hull,HU1 1AA,Acme Ltd,A-1,0113 4960000\nHigh 2,York,YO1 9ZZ,,,,Bolt Ltd,A-2,01904 123456\n",
        "address1 city postcode - - - name number phone",
    ),
    (
        "Debiteurnr;Bedrijfsnaam;Straat;Huisnr;Toev.;Postcode;Woonplaats;Betalingsbet.\n10;Smit BV;Hoofdstraat;1;A;3511 AB;Utrecht;30 dgn\n11;Bos VOF;Kade;22;;2611 AB;Delft;14 dgn\n",
        "number name address1 address1 address1 postcode city payment_terms",
    ),
    (
        "customer_no,external_ref,legal_name,addr_line_1,zip,town,country_iso2\nA-1,,Acme Ltd,Main 1,LS1 4AB,Leeds,GB\nA-2,,Bolt Ltd,High 2,YO1 9ZZ,York,GB\n",
        "number - name address1 postcode city country",
    ),
    (
        "Code client;Raison sociale;Adresse;Complément d'adresse;Code postal;Ville\nC10;Boulangerie SARL;3, rue Haute;Bât. B;45000;Orléans\nC11;Menuiserie SAS;Chemin Bas 4;;25000;Besançon\n",
        "number name address1 address2 postcode city",
    ),
    (
        "KDNR|KDNAM1|KDNAM2|KDSTR|KDPLZ|KDORT|KDLIM|KDSPER\n10|Müller GmbH|Filiale|Ring 3|80331|München|500.00|0\n11|Kaiser KG||Weg 5|50667|Köln|0.00|1\n12|Lenz AG||Gasse 1|20095|Hamburg|10.00|0\n",
        "number name name2 address1 postcode city credit_limit blocked",
    ),
    (
        // What an address is called is none of its lines, and days until something is due are no balance.
        "Code,Name,Address: Name,Address: Field1 (Contact person),Address: Field2 (Street),Postcode,City,Due days\n1000,Groothandel BV,Groothandel BV,Eva Bos,Havenweg 5,3011 AA,Rotterdam,30\n1001,Bouw BV,Bouw BV,,Molenstraat 11,9711 JA,Groningen,14\n",
        "number name - - address1 postcode city payment_terms",
    ),
    (
        "CardCode\tCardName\tGroupCode\tAddress\tZipCode\tCity\tPhone1\tCntctPrsn\tLicTradNum\tCreditLine\tfrozenFor\nC10\tMicro BV\t100\tKade 4\t2514 AA\tTiel\t0418-555123\tEva Bos\tNL123456782B90\t50.00\tN\nC11\tParam BV\t100\tSingel 12\t5301 AB\tEde\t0344-555456\t\t\t10.00\tY\n",
        "number name group address1 postcode city phone contact tax_number credit_limit inactive",
    ),
    (
        "Customer Number,Company Name,Billing Address,Billing City,Billing Code,Shipping Address,Shipping City,Shipping Code\nC-1,Acme Ltd,High Street 12,London,SW1A 1AA,Dock 2,London,SW1A 1AA\nC-2,Tea Ltd,Mill Lane 3,Leeds,LS1 4AP,Mill Lane 3,Leeds,LS1 4AP\n",
        "number name address1 city postcode - - -",
    ),
    (
        "Debiteur;Naam;Straat;Huisnummer;Postcode;Woonplaats;Mobiele telefoon;Krediettermijn;Non-actief\n10;Smit BV;Kade;1;3511 AB;Utrecht;06-11223344;30;False\n11;Bos VOF;Weg;22;2611 AB;Delft;;14;True\n",
        "number name address1 address1 postcode city mobile payment_terms inactive",
    ),
    (
        // Beside a first name a name is the last one, where a company has a column of its own.
        "Nummer;Anrede;Firma;Vorname;Name;Strasse;PLZ;Ort\n10;Firma;Holz GmbH;Eva;Lenz;Ring 3;80331;München\n11;Herr;;Jörg;Bach;Weg 5;50667;Köln\n12;Firma;Stein AG;;;Gasse 1;20095;Hamburg\n",
        "number - name contact contact address1 postcode city",
    ),
    (
        "10;Bager Ølund ApS;Søndergade 4;8000;Aarhus;86123456;post@bager.example\n11;Træhuset A/S;Kærvej 2;9000;Aalborg;98123456;info@trae.example\n14;Smed & Søn;Vestergade 11;5000;Odense;66123456;\n",
        "number name address1 postcode city phone email",
    ),
    (
        "GBAC10;10;Fjord AS;Storgata 1:Bygg B;0151;Oslo;Ola;Dal;22123456;;a@f.example;1;2;3;\nGBAC10;11;Dal AS;Storgata 2;0152;Oslo;Kari;Vik;22123457;;b@f.example;1;2;3;\n",
        "- number name address1 postcode city - contact phone fax email - - group -",
    ),
];

#[test]
fn the_name_is_asked_for_where_no_column_is_called_so() {
    for (header, asked) in [("Kundennr;Zeichnung;PLZ;Ort", true), ("Kundennr;Bezeichnung;PLZ;Ort", false)] {
        let proposal =
            proposed(&format!("{header}\n10;Eva Müller;80331;München\n11;Uwe Kaiser;50667;Köln\n"));
        let question =
            proposal.questions.iter().any(|question| question.sentence == "Which column is the name?");
        assert_eq!(question, asked, "{header}: {:?}", proposal.questions);
        assert_eq!(fields(&proposal).contains("name"), !asked, "{header}");
    }
}

#[test]
fn countries_as_vehicles_carry_them_are_translated() {
    for (values, taken) in
        [(["D", "A"], true), (["D", "DE"], true), (["DE", "AT"], true), (["D", "Q"], false)]
    {
        let [one, two] = values;
        let proposal = proposed(&format!(
            "Kunden-Nr.;Firma;Straße;PLZ;Ort;Land\n10;Müller GmbH;Ring 3;80331;München;{one}\n11;Kaiser KG;Weg 5;50667;Köln;{two}\n"
        ));
        let country = proposal.format.columns.iter().find(|column| column.field == "country");
        assert_eq!(country.is_some(), taken, "{values:?}");
        let translated = country.and_then(|column| column.codes.get("D")).map(String::as_str);
        assert_eq!(translated, (taken && one == "D").then_some("DE"), "{values:?}");
    }
}

#[test]
fn columns_are_told_by_their_names_and_values() {
    let wrong: Vec<String> = FILES
        .iter()
        .filter_map(|(text, expected)| {
            let proposal = proposed(text);
            let found = fields(&proposal);
            (found != *expected).then(|| format!("{expected}\n{found}\n{text}{:?}\n", proposal.questions))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_key_is_asked_for_where_it_is_not_certain() {
    for text in [
        // Two numbers, either of which may be it.
        "Nummer A;Nummer B;Navn;By\n10;501;Bager;Aarhus\n11;502;Smed;Odense\n12;503;Maler;Vejle\n",
        // The same number on several rows.
        "Kundenr;Navn;By\n10;Bager;Aarhus\n11;Smed;Odense\n10;Maler;Vejle\n12;Tømrer;Vejle\n10;Slagter;Vejle\n",
        // None at all.
        "Navn;By;Telefon\nBager ApS;Aarhus;86123456\nSmed ApS;Odense;66123456\n",
        // Rows that are counted.
        "1;501;Bager ApS;Aarhus\n2;502;Smed ApS;Odense\n3;507;Maler ApS;Vejle\n4;508;Murer ApS;Vejle\n",
        // The customer's code, and the customer's account in the books.
        "Code;Nom;Ville;N° de compte\nDUPONT;Dupont SARL;Nantes;411DUPONT\nHERVE;Hervé SAS;Lyon;411HERVE\n",
        // The kind of a line.
        "!CUST\tNAME\tBADDR1\tPHONE1\n!VEND\tNAME\tPHONE1\nVEND\tMill\t1\nCUST\tBager ApS\tGade 1\t86123456\nCUST\tSmed ApS\tGade 2\t86123457\n",
        // A constant.
        "Kunde;Navn;By\nK;Bager ApS;Aarhus\nK;Smed ApS;Odense\n",
        // A supplier's.
        "Leverandørnr;Navn;By\n10;Bager ApS;Aarhus\n11;Smed ApS;Odense\n",
    ] {
        let proposal = proposed(text);
        assert!(!fields(&proposal).contains("number"), "{}\n{text}", fields(&proposal));
        assert!(proposal.questions.iter().any(|question| question.sentence.contains("tells one")), "{text}");
    }
}

#[test]
fn products_are_told_from_customers() {
    let proposal = proposed(
        "Varenr;Beskrivelse;Salgspris;Kostpris;Enhed;Lager\n10;Skrue;1,50;0,75;stk;100\n11;Søm;2,50;1,75;stk;50\n",
    );
    assert_eq!(proposal.register.map(|register| register.name), Some("products"));
    assert_eq!(fields(&proposal), "number name sales_price cost_price unit stock");
    let customers = proposed("Kundenr;Navn;By\n10;Bager;Aarhus\n11;Smed;Odense\n");
    assert_eq!(customers.register.map(|register| register.name), Some("customers"));
}

#[test]
fn a_known_system_is_recognised_with_its_columns_in_another_order_and_case() {
    let kna1 = "ort01;pstlz;kunnr;name1;stras;land1;zzfield\nKöln;50667;0000100001;Müller GmbH;Weg 1;DE;x\nBonn;53111;0000100002;Kaiser KG;Ring 2;DE;y\n";
    let proposal = proposed(kna1);
    assert_eq!(proposal.preset, Some("SAP customers (KNA1)"));
    assert_eq!(fields(&proposal), "city postcode number name address1 country -");
}

#[test]
fn what_a_known_system_always_writes_is_proposed_though_the_sample_does_not_show_it() {
    let line = |number: &str, first: &str, last: &str, mail: &str| {
        format!(
            "GBAC10;{number};Fjord AS {number};Storgata 1:Bygg B;0151;Oslo;{first};{last};22123456;;{mail};1;2;3;\n"
        )
    };
    let lines = [line("10", "Ola", "Dal", "a@f.example"), line("11", "Kari", "Vik", "b@f.example")];
    let proposal = proposed(&lines.concat());
    assert_eq!(proposal.preset, Some("Mamut customers (GBAC)"));
    let format = &proposal.format;
    assert_eq!((&*format.records, &*format.date_format), ("GBAC*", "%Y%m%d"));
    assert_eq!(format.decimal_separator, erpfile::DecimalSeparator::Point);
    let of = |format: &erpfile::Format, field: &str| {
        let column = format.columns.iter().find(|column| column.field == field).unwrap();
        (column.title(), column.line_break.clone())
    };
    assert_eq!(of(format, "address1"), ("4".to_owned(), ":".to_owned()));
    assert_eq!(of(format, "contact"), ("7 + 8".to_owned(), String::new()));
    assert_eq!(crate::mapping::complaints(&CUSTOMERS, format), []);
    // A line for each contact of one customer.
    let second = line("10", "Eva", "Moe", "c@f.example");
    let proposal = proposed(&[&lines[0], &second, &lines[1]].map(String::as_str).concat());
    assert_eq!(proposal.format.repeated, Repeated::Contacts);
    assert_eq!(of(&proposal.format, "contact.name").0, "7 + 8");
}

#[test]
fn days_without_separators_in_a_file_without_a_header_are_no_telephone_numbers() {
    let proposal = proposed(
        "0010;Bager Bo;Torvet 1;6760;Ribe;20240115\n0011;Smed Ib;Havnen 2;6800;Varde;20231201\n0012;Maler Al;Gade 3;6700;Esbjerg;20190504\n",
    );
    assert_eq!(fields(&proposal), "number name address1 postcode city -");
}

#[test]
fn a_column_whose_name_another_one_has_too_is_found_by_its_place() {
    let proposal = proposed(
        "Kundenr;Navn;E-post;By;E-post\n10;Bager;a@b.example;Aarhus;\n11;Smed;c@d.example;Odense;\n",
    );
    let email = proposal.format.columns.iter().find(|column| column.field == "email").unwrap();
    assert_eq!(email.from, [erpfile::ColumnFrom::Position(3)]);
}

#[test]
fn numbered_groups_of_columns_are_contacts() {
    for (text, expected) in [
        (
            "Kundenr;Navn;Kontakt 1 Navn;Kontakt 1 E-mail;Kontakt 1 Stilling;Kontakt 2 Navn;Kontakt 2 E-mail;Kontakt 2 Stilling\n\
             10;Bager ApS;Anna Olsen;a@b.example;Chef;Bo Lund;b@b.example;Salg\n11;Smed A/S;Carl Holm;c@s.example;;;;\n",
            "number name contact.1.name contact.1.email contact.1.title contact.2.name contact.2.email contact.2.title",
        ),
        (
            "Customer No,Company,Email,Person1FirstName,Person1LastName,Person1Email,Person1IncludeInEmails,Person2FirstName,Person2LastName,Person2Email,Person2IncludeInEmails\n\
             10,Acme Ltd,x@acme.example,Anna,Olsen,a@acme.example,TRUE,Bo,Lund,b@acme.example,FALSE\n11,Bolt Ltd,y@bolt.example,,,,,,,,\n",
            "number name email contact.1.name contact.1.name contact.1.email - contact.2.name contact.2.name contact.2.email -",
        ),
        // One contact is the customer's own.
        (
            "Kundenr;Navn;Kontaktperson;Telefon 1;Telefon 2\n10;Bager ApS;Anna Olsen;86123456;20301010\n11;Smed A/S;Bo Lund;98123456;\n",
            "number name contact phone mobile",
        ),
    ] {
        let proposal = proposed(text);
        assert_eq!(fields(&proposal), expected, "{text}");
        assert_eq!(proposal.format.repeated, Repeated::Refuse);
        assert_eq!(crate::mapping::complaints(&crate::CUSTOMERS, &proposal.format), []);
    }
    let joined = proposed(
        "Nr;Firma;Person1Fornavn;Person1Efternavn;Person2Fornavn;Person2Efternavn\n10;Bager ApS;Anna;Olsen;Bo;Lund\n11;Smed A/S;Eva;Holm;;\n",
    );
    let of_second = joined.format.columns.iter().find(|column| column.field == "contact.2.name").unwrap();
    assert_eq!((of_second.from.len(), of_second.join.as_deref()), (2, Some(" ")));
}

#[test]
fn lines_that_differ_in_their_contact_only_are_contacts_and_others_are_not() {
    let lines = "Kundenr;Navn;By;Kontaktperson;Mail\n10;Bager ApS;Aarhus;Anna Olsen;a@b.example\n10;Bager ApS;Aarhus;Bo Lund;b@b.example\n11;Smed A/S;Odense;;\n";
    let proposal = proposed(lines);
    assert_eq!(fields(&proposal), "number name city contact.name contact.email");
    assert_eq!(proposal.format.repeated, Repeated::Contacts);
    assert_eq!(crate::mapping::complaints(&crate::CUSTOMERS, &proposal.format), []);
    // Another town on one of the lines: nobody can tell.
    let other = proposed(&lines.replace("10;Bager ApS;Aarhus;Bo", "10;Bager ApS;Ribe;Bo"));
    assert_eq!(other.format.repeated, Repeated::Refuse);
    // The mail of the customer itself stays that.
    let own = proposed(&lines.replace("b@b.example", "a@b.example"));
    assert_eq!(fields(&own), "number name city contact.name email");
}

/// The columns of the proposed format, in short: `name=First name+Last name`, `city=Post/By:city`.
fn made(text: &str) -> Vec<String> {
    let proposal = proposed(text);
    let short = |column: &erpfile::Column| {
        let from: Vec<String> = column.from.iter().map(ToString::to_string).collect();
        let part = if column.part == erpfile::Part::Whole {
            String::new()
        } else {
            format!(":{}", column.part.word())
        };
        let dates = if column.date_format.is_empty() { "" } else { " in excel days" };
        let codes: Vec<String> =
            column.codes.iter().map(|(code, value)| format!(" {code}->{value}")).collect();
        let broken =
            if column.line_break.is_empty() { String::new() } else { format!(" {}", column.line_break) };
        format!("{}={}{part}{dates}{}{broken}", column.field, from.join("+"), codes.concat())
    };
    let mut columns: Vec<String> = proposal.format.columns.iter().map(short).collect();
    columns.sort();
    columns
}

#[test]
fn fields_are_made_of_what_the_columns_hold() {
    for (text, wanted) in [
        // Postcode and city in one column.
        (
            "Kundenr;Navn;Postnr./by\n10;Bager Olsen;8000 Aarhus C\n11;Smed;DK-5000 Odense\n12;Maler;9000 Aalborg\n",
            &["city=Postnr./by:city", "name=Navn", "number=Kundenr", "postcode=Postnr./by:postcode"][..],
        ),
        // Days as a spreadsheet counts them.
        (
            "Kundenr;Navn;Oprettet\n10;Bager Olsen;45231\n11;Smed;44986\n12;Maler;\n",
            &["created_on=Oprettet in excel days", "name=Navn", "number=Kundenr"],
        ),
        // First and last name, whichever comes first; a contact where the customer is a company.
        (
            "Customer no;Last name;First name;City\n10;Olsen;Ole;Aarhus\n11;Smed;Anna;Odense\n12;Maler;Eva;Vejle\n",
            &["city=City", "name=First name+Last name", "number=Customer no"],
        ),
        (
            "Customer no;Company;First name;Last name\n10;Olsen ApS;Ole;Olsen\n11;Smed A/S;Anna;Smed\n12;M ApS;Eva;Maler\n",
            &["contact=First name+Last name", "name=Company", "number=Customer no"],
        ),
        // Words that stand for yes and no.
        (
            "Kundenr;Navn;Status\n10;Bager Olsen;Aktiv\n11;Smed;Passiv\n12;Maler;Aktiv\n",
            &["inactive=Status Aktiv->0 Passiv->1", "name=Navn", "number=Kundenr"],
        ),
        // A line break as a program for web pages writes it.
        (
            "Kundenr;Navn;Adresse\n10;Bager Olsen;Gade 1<br>2. sal\n11;Smed;Vej 2<BR />st.\n",
            &["address1=Adresse <br>", "name=Navn", "number=Kundenr"],
        ),
        ("Kundenr;Navn;Status\n10;Bager Olsen;A\n11;Smed;P\n12;Maler;A\n", &["name=Navn", "number=Kundenr"]),
    ] {
        assert_eq!(made(text), wanted, "{text}");
    }
    let asked = proposed("Kundenr;Navn;Spærret\n10;Bager Olsen;A\n11;Smed;S\n12;Maler;A\n").questions;
    let asked = asked.iter().find(|question| question.sentence.contains("mean blocked")).unwrap();
    assert_eq!(asked.choices, ["A", "S"]);
}

#[test]
fn what_the_values_leave_open_is_asked_only_where_it_matters() {
    for (text, keys) in [
        (
            "Kundenr;Navn;Kreditmaks\n10;Bager ApS;1.234\n11;Smed ApS;10.000\n12;Maler ApS;500\n",
            &["thousands"][..],
        ),
        ("Kundenr;Navn;Kreditmaks\n10;Bager ApS;1.234\n11;Smed ApS;1.500.000\n12;Maler ApS;500\n", &[]),
        ("Kundenr;Navn;Kreditmaks\n10;Bager ApS;1.234\n11;Smed ApS;12,50\n12;Maler ApS;500\n", &[]),
        // A column that is no field.
        ("Kundenr;Navn;Udgave\n10;Bager ApS;1.234\n11;Smed ApS;1.235\n12;Maler ApS;1.236\n", &[]),
        ("Kundenr;Navn;Telefon\n'0010;Bager ApS;'01234567\n'0011;Smed ApS;'87654321\n", &["apostrophe"]),
        ("Kundenr;Navn;By\n0010;Hotel ApS;'s-Hertogenbosch\n0011;Smed ApS;Odense\n", &[]),
    ] {
        let asked: Vec<&str> = proposed(text).questions.iter().map(|question| question.key).collect();
        assert_eq!(asked, keys, "{text}");
    }
}

#[test]
fn own_fields_get_the_columns_that_are_called_so() {
    let own = crate::own_fields::OwnField {
        register: "customers".to_owned(),
        name: "route".to_owned(),
        label: "Kørselsrute".to_owned(),
        kind: crate::own_fields::OwnKind::Text,
        choices: Vec::new(),
    };
    let mut proposal =
        proposed("Kundenr;Navn;By;kørselsrute\n10;Bager ApS;Aarhus;Nord\n11;Smed ApS;Odense;Syd\n");
    assert_eq!(fields(&proposal), "number name city -");
    proposal.add_own_fields(&[own]);
    assert_eq!(fields(&proposal), "number name city route");
    let column = proposal.format.columns.last().unwrap();
    assert_eq!((column.field.as_str(), &column.from[0].to_string()[..]), ("route", "kørselsrute"));
}

#[test]
fn names_alone_say_which_column_is_which_field() {
    let header = |text: &str| text.split(';').map(str::to_owned).collect::<Vec<_>>();
    for (register, names, wanted) in [
        (
            &CUSTOMERS,
            "Kundenr;Navn;Adresse;Postnr;By;Telefon;Ukendt",
            "number name address1 postcode city phone -",
        ),
        // A number of another kind is not the customer's, though no other column is.
        (&CUSTOMERS, "Company name;Post code;Organisation number", "name postcode tax_number"),
        (&CUSTOMERS, "KUNNR;NAME1;ORT01;PSTLZ;STCEG", "number name city postcode tax_number"),
        (&PRODUCTS, "Varenr;Navn;Salgspris;Beholdning", "number name sales_price stock"),
    ] {
        let fields = super::by_names(register, &header(names));
        let fields: Vec<&str> = fields.into_iter().map(|field| field.unwrap_or("-")).collect();
        assert_eq!(fields.join(" "), wanted, "{names}");
    }
}

#[test]
fn a_number_of_something_else_is_never_taken_for_the_key() {
    let rows = |row: &dyn Fn(usize) -> String| (1..=12).map(row).collect::<Vec<_>>().join("\n");
    let key = |proposal: &Proposal| {
        let taken = proposal.columns.iter().find(|column| column.field == Some("number"));
        let asked = proposal.found.questions.iter().chain(&proposal.questions);
        let asked = asked.filter(|question| question.sentence.contains("tells one customer from another"));
        (taken.map(|column| column.header.clone()), asked.count())
    };
    // Postcodes that happen to differ.
    for name in ["Postal Code", "Post No.", "Code postal", "Kod pocztowy", "Postnr", "Código postal"] {
        let rows = rows(&|at| {
            format!("AB{at:03};Firma {at} ApS;Gade {at};{};Ribe;86 12 34 {at:02}", 7000 + 37 * at)
        });
        let proposal = proposed(&format!("Kürzel;Name;Address;{name};City;Phone\n{rows}\n"));
        assert_eq!(key(&proposal), (None, 1), "{name}");
        assert!(
            fields(&proposal).starts_with("- name address1 postcode city phone"),
            "{name}: {}",
            fields(&proposal)
        );
    }
    for name in [
        "Invoice no",
        "Contract number",
        "Serial no",
        "Dept No",
        "Fakturakonto",
        "Reference number",
        "Your customer number",
        "Member card no",
        "Old customer number",
        "Alte Kundennummer",
        "Gammelt kundenr",
        "Legacy ID",
        "CRM ID",
        "Box no",
        "Employee number",
        "Lfd. Nr.",
        "Municipality code",
        "Code APE",
        "Journal code",
        "Compte collectif",
    ] {
        let rows = rows(&|at| format!("X{at:02}Y;Firma {at} ApS;Gade {at};Ribe;{}", 5000 + 13 * at));
        let proposal = proposed(&format!("Kürzel;Name;Address;City;{name}\n{rows}\n"));
        assert_eq!(key(&proposal), (None, 1), "{name}: {}", fields(&proposal));
    }
    let rows = rows(&|at| format!("X{at:02}Y;Firma {at} GmbH;Weg {at};Bonn;{at:02}.03.2019"));
    let proposal = proposed(&format!("Kürzel;Name;Straße;Ort;Kunde seit\n{rows}\n"));
    assert_eq!(
        (key(&proposal), fields(&proposal)),
        ((None, 1), "- name address1 city created_on".to_owned())
    );
}

#[test]
fn telephone_numbers_in_groups_of_three_digits_are_known_by_the_name_of_their_column() {
    for (name, row) in
        [("Telefon", "936 403 381"), ("Teléfono", "+34 936 403 381"), ("Puhelin", "040 123 456")]
    {
        let rows: Vec<String> =
            (10..20).map(|at| format!("{at};Firma {at} AS;{}{at};{at}0000", &row[..row.len() - 2])).collect();
        let proposal = proposed(&format!("Number;Name;{name};Limit\n{}\n", rows.join("\n")));
        assert!(fields(&proposal).starts_with("number name phone"), "{name}: {}", fields(&proposal));
    }
}

#[test]
fn what_the_proposal_would_refuse_or_leave_without_a_name_is_asked_about() {
    let table = [
        // Days in two forms, of which none fits all.
        (
            "Kundenr;Navn;By;Oprettet\n1001;Bager ApS;Ribe;01/02/24\n1002;Smed ApS;Varde;23/04/24\n\
             1003;Sol ApS;Vejle;05/26/24\n1004;Ost ApS;Odense;02/07/23\n",
            "number name city -",
            "Is column Oprettet (such as “01/02/24”) the created on? Its dates are not written in one way",
        ),
        // Private customers have their name elsewhere.
        (
            "Kundennr.;Firma;Vorname;Name;Ort\n1001;Bäcker GmbH;;;Bonn\n1002;;Mia;Muster;Köln\n1003;;Ben;Beispiel;Bonn\n\
             1004;Schmied AG;;;Aachen\n",
            "number name contact contact city",
            "Where is the name of those that have none in column Firma (2 of 4 rows)?",
        ),
        // The contacts of customers: the number of the contact is not the customer's.
        (
            "KontaktId;Kundenr;Firma;Fornavn;Efternavn;Telefon\n501;1001;Bager ApS;Bo;Holm;75123456\n\
             502;1002;Smed ApS;Ib;Krog;75123457\n503;1001;Bager ApS;Lis;Dal;75123458\n504;1003;Sol ApS;Eva;Lund;75123459\n\
             505;1002;Smed ApS;Kim;Bach;75123450\n",
            "- - name contact contact phone",
            "Which column is the number that tells one customer from another?",
        ),
        // The company that the export is of is no customer.
        (
            "Company;CustID;Name;City\nEPIC06;1001;Baker Ltd;Leeds\nEPIC06;1002;Smith Ltd;Derby\n\
             EPIC06;1003;Sun Ltd;York\nEPIC06;1004;Cheese Ltd;Bath\n",
            "- number name city",
            "",
        ),
    ];
    for (text, wanted, asked) in table {
        let proposal = proposed(text);
        assert_eq!(fields(&proposal), wanted, "{text}");
        let found = proposal.questions.iter().any(|question| question.sentence.starts_with(asked));
        assert!(
            if asked.is_empty() { proposal.questions.is_empty() } else { found },
            "{:?}",
            proposal.questions
        );
    }
    // A postcode of letters and digits is no street.
    let postcodes = "10001;Bakkerij de Wit B.V.;Dorpsstraat 12;9071 BG;Breda\n10002;Smid B.V.;Kerkweg 3;1234 AB;Delft\n\
                     10003;Kaas B.V.;Havenkade 7;2611 CK;Gouda\n";
    assert!(
        fields(&proposed(postcodes)).contains("address1 postcode city"),
        "{}",
        fields(&proposed(postcodes))
    );
}

#[test]
fn a_second_address_is_no_second_line_and_names_of_two_words_are_known() {
    let rows = |row: &dyn Fn(usize) -> String| (1..=12).map(row).collect::<Vec<_>>().join("\n");
    let two = rows(&|at| {
        format!("{};Firma {at} B.V.;Dorpsstraat {at};9071 BG;Breda;Havenkade {at};1234 AB;Delft", 1000 + at)
    });
    let found =
        fields(&proposed(&format!("Code;Naam;Adres;Postcode;Plaats;Adres2;Postcode2;Plaats2\n{two}\n")));
    assert!(found.ends_with("name address1 postcode city - - -"), "{found}");
    let lines = rows(&|at| format!("{};Firma {at} ApS;Gade {at};Baghuset;8000;Aarhus C", 1000 + at));
    let found = fields(&proposed(&format!("Kundenr;Navn;Adresse 1;Adresse 2;Postnr;By\n{lines}\n")));
    assert_eq!(found, "number name address1 address2 postcode city");
    for (name, value, field) in [
        ("S-posti", "a{}@b.example", "email"),
        ("El. post", "a{}@b.example", "email"),
        ("Hovednummer", "86 12 34 {}", "phone"),
        ("Vast nummer", "+31 20 123 45 {}", "phone"),
    ] {
        let rows = rows(&|at| {
            format!("{};Firma {at} ApS;Gade {at};{}", 1000 + at, value.replace("{}", &format!("{at:02}")))
        });
        let found = fields(&proposed(&format!("Kundenr;Navn;Adresse;{name}\n{rows}\n")));
        assert_eq!(found, format!("number name address1 {field}"), "{name}");
    }
}
