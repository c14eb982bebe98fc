//! Words of Europe's languages, of which customers are made: invented people and companies in real places.

/// What customer files of a language are made of. Words are separated by `|`.
pub(crate) struct Language {
    pub(crate) code: &'static str,
    /// The names of number, name, street, postcode, city, phone, e-mail and notes.
    pub(crate) header: &'static str,
    pub(crate) trades: &'static str,
    pub(crate) people: &'static str,
    pub(crate) forms: &'static str,
    pub(crate) streets: &'static str,
    pub(crate) cities: &'static str,
    /// The encodings that files of the language come in, beside those of Unicode.
    pub(crate) encodings: &'static str,
}

const WESTERN: &str = "windows-1252|iso-8859-1|iso-8859-15|cp850|cp858|macintosh";
const GERMAN: &str = "windows-1252|iso-8859-1|iso-8859-15|cp437|cp850|cp858|macintosh";
const NORDIC: &str = "windows-1252|iso-8859-1|iso-8859-15|cp850|cp858|cp865|macintosh";
const CENTRAL: &str = "windows-1250|iso-8859-2|cp852";
const CYRILLIC: &str = "windows-1251|iso-8859-5|cp866";

#[rustfmt::skip]
pub(crate) static LANGUAGES: &[Language] = &[
    Language {
        code: "da", header: "Kundenr|Navn|Adresse|Postnr|By|Telefon|E-mail|Bemærkning", forms: "ApS|A/S|I/S|", encodings: NORDIC,
        trades: "Bageriet|Tømrer|Smedjen|Blomsterhuset|Møbelsnedkeri|Rørlægger|Købmand|Vinduespudser|Gæstgiveri|Slagteren|Trælast|Gørtler|Fiskehandler|Ålekroen|Hørkram|Ismejeri|Æblegården|Cykelsmed|Elektriker|Øllageret",
        people: "Jørgensen|Sørensen|Nielsen|Østergaard|Kjær|Bæk|Møller|Rasmussen|Højgaard|Søgaard|Ågesen|Lund|Skov|Brøndum|Thøgersen|Bjerre|Krogh|Nygård|Vestergaard|Frøslev",
        streets: "Søndergade|Vestergade|Nørregade|Kærvej|Åboulevarden|Skovvænget|Østre Allé|Møllevej|Torvet|Kirkestræde|Håndværkervej|Bygaden|Grønnegade|Ved Åen|Fælledvej|Industrivej|Strandvejen|Højbro Plads|Præstevænget|Enghavevej",
        cities: "Århus C|Ålborg|Odense|København K|Esbjerg|Hjørring|Sæby|Næstved|Rønne|Køge|Tønder|Aabenraa|Nykøbing F|Vejle|Holbæk|Ærøskøbing|Brønderslev|Skive|Helsingør|Lemvig",
    },
    Language {
        code: "no", header: "Kundenr|Navn|Adresse|Postnr|Poststed|Telefon|E-post|Merknad", forms: "AS|ASA|ENK|", encodings: NORDIC,
        trades: "Snekkeri|Rørlegger|Bakeri|Fjellstue|Båtforening|Bilverksted|Sjømat|Målermester|Gårdsbutikk|Byggevare|Kjøttforretning|Blåbærhagen|Hytteservice|Frisør|Bokhandel|Skogdrift|Elektro|Kaffebrenneri|Lærverksted|Østersbar",
        people: "Sæther|Bråthen|Ødegård|Hansen|Bø|Håland|Nygård|Strøm|Bjørnstad|Olsen|Kråkenes|Løken|Dahl|Fossøy|Røed|Vågen|Larsen|Grønli|Åsen|Moen",
        streets: "Storgata|Åsveien|Kirkegata|Fjellveien|Grønlandsleiret|Sjøgata|Øvre Slottsgate|Havnegata|Bjørkeveien|Torggata|Skolegata|Tårnveien|Industriveien|Elvegata|Gågata|Nordre gate|Løkkeveien|Måltrostveien|Bråtaveien|Strandgata",
        cities: "Oslo|Bergen|Tromsø|Bodø|Ålesund|Hønefoss|Gjøvik|Drammen|Førde|Kristiansand|Sandnessjøen|Brønnøysund|Måløy|Tønsberg|Lillehammer|Røros|Tynset|Mosjøen|Hammerfest|Sarpsborg",
    },
    Language {
        code: "sv", header: "Kundnr|Namn|Adress|Postnr|Ort|Telefon|E-post|Anteckning", forms: "AB|HB||AB", encodings: NORDIC,
        trades: "Måleri|Snickeri|Rörläggare|Åkeri|Trädgård|Plåtslageri|Bageri|Fönsterputs|Möbler|Färghandel|Järnaffär|Köttbutik|Bygg|Städservice|Båtvarv|Blomsterhandel|Kläder|Elfirma|Gårdsbutik|Läderverkstad",
        people: "Åkesson|Öberg|Lindström|Sjöberg|Nyström|Hägglund|Björk|Svensson|Ström|Lööf|Nordén|Söderlund|Åström|Eklund|Höglund|Persson|Löfgren|Wahlström|Håkansson|Ågren",
        streets: "Östra Förstadsgatan|Kärrvägen|Storgatan|Sjövägen|Södra Vägen|Ringvägen|Björkgatan|Skolgatan|Åsgatan|Kungsgatan|Hamngatan|Älvsborgsgatan|Fabriksgatan|Norra Ågatan|Smedjegatan|Torggatan|Ängsvägen|Lövgatan|Brogränd|Mälarvägen",
        cities: "Malmö|Göteborg|Växjö|Östersund|Umeå|Luleå|Örebro|Jönköping|Västerås|Gävle|Norrköping|Sundsvall|Åre|Borås|Skövde|Härnösand|Lund|Ängelholm|Trollhättan|Kalmar",
    },
    Language {
        code: "fi", header: "Asiakasnumero|Nimi|Osoite|Postinumero|Postitoimipaikka|Puhelin|Sähköposti|Lisätietoja", forms: "Oy|Ky|Tmi|Oyj", encodings: WESTERN,
        trades: "Leipomo|Puusepänliike|Sähköasennus|Kalastamo|Rakennus|Kukkakauppa|Ääni ja Valo|Metsänhoito|Hätäpalvelu|Kenkäkauppa|Työkalu|Maalaamo|Ravintola|Pöytä ja Tuoli|Järvimatkat|Lämpö|Kahvila|Viljelijät|Autokorjaamo|Räätäli",
        people: "Mäkinen|Hämäläinen|Järvinen|Väisänen|Nieminen|Kärkkäinen|Lehtonen|Säilä|Töyry|Korhonen|Heikkilä|Rönkä|Pöysti|Laine|Mäntylä|Hänninen|Vähä|Koskinen|Pitkänen|Räsänen",
        streets: "Mäkitie|Koivukatu|Järvenpääntie|Hämeentie|Keskuskatu|Pääskylänkatu|Satamakatu|Yliopistonkatu|Tehtaankatu|Lähdepolku|Kirkkokatu|Metsätie|Rantakuja|Työmiehenkatu|Mäntytie|Koulukatu|Asemakatu|Sepänkatu|Peltotie|Ylätie",
        cities: "Helsinki|Jyväskylä|Hämeenlinna|Seinäjoki|Tampere|Mikkeli|Äänekoski|Riihimäki|Ylöjärvi|Järvenpää|Oulu|Kemijärvi|Lappeenranta|Mäntsälä|Kotka|Pietarsaari|Närpiö|Hyvinkää|Iisalmi|Sodankylä",
    },
    Language {
        code: "de", header: "Kundennummer|Name|Straße|PLZ|Ort|Telefon|E-Mail|Bemerkung", forms: "GmbH|KG|OHG|AG|e.K.", encodings: GERMAN,
        trades: "Bäckerei|Tischlerei|Gärtnerei|Getränkehandel|Dachdecker|Möbelhaus|Schlosserei|Metzgerei|Küchenstudio|Fliesenleger|Büromarkt|Autohaus|Glaserei|Höhenarbeiten|Kältetechnik|Spedition|Weingut|Blumenladen|Hörgeräte|Sägewerk",
        people: "Müller|Größmann|Schäfer|Böhm|Köhler|Weiß|Krüger|Lößner|Schmidt|Jäger|Hübner|Bauer|Vögele|Meißner|Günther|Kaiser|Frühauf|Nährig|Dörfler|Strauß",
        streets: "Kölner Straße|Hauptstraße|Mühlenweg|Bahnhofstraße|Am Rößlein|Schloßallee|Lindenweg|Gartenstraße|Königsplatz|Grüner Weg|Bürgermeisterstraße|Schulstraße|Dorfstraße|Mörikestraße|Kirchgasse|Weißdornweg|An der Brücke|Industriering|Höhenweg|Ludwigstraße",
        cities: "München|Köln|Düsseldorf|Nürnberg|Göttingen|Fürth|Saarbrücken|Würzburg|Lübeck|Hamburg|Gießen|Münster|Görlitz|Tübingen|Osnabrück|Berlin|Neumünster|Weißenfels|Lörrach|Dresden",
    },
    Language {
        code: "nl", header: "Klantnummer|Naam|Adres|Postcode|Plaats|Telefoon|E-mail|Opmerking", forms: "B.V.|VOF|N.V.|", encodings: WESTERN,
        trades: "Bakkerij|Cafetaria|Timmerbedrijf|Hoveniers|Coöperatie|Loodgieter|Kwekerij|Patisserie Chloë|Bloemen|Drukkerij|Installatie|Crèche|Ideële Reclame|Slagerij|Vishandel|Reünie|Café|Scheepswerf|Textiel|Beëdigd Vertalers",
        people: "de Vries|van Dijk|Daniëls|Jansen|Mariën|Bakker|Joëlle Smit|Zoë de Boer|Visser|Meijer|Brouwers|André Bos|Noëlle Kok|Hermans|de Wit|Michèle Mol|Peeters|Willems|Renée Post|Kuijpers",
        streets: "Hoofdstraat|Prinsengracht|Dorpsstraat|Koninginneweg|Zuiderzeelaan|Industrieweg|Molenstraat|Schoolstraat|Curaçaostraat|Singel|Kerkplein|Beethovenlaan|Haarlemmerdijk|Reeënlaan|Stationsweg|Vijverlaan|Marktstraat|Ruïnelaan|Kade|Oude Gracht",
        cities: "Amsterdam|Utrecht|Delft|'s-Hertogenbosch|Haarlem|Breda|Zwolle|Groningen|Maastricht|Leiden|Venlo|Arnhem|Tilburg|Eindhoven|IJmuiden|Knegsel|Curaçao|Gent|Sint Andriës|Hoorn",
    },
    Language {
        code: "fr", header: "Numéro|Nom|Adresse|Code postal|Ville|Téléphone|Courriel|Remarque", forms: "SARL|SAS|SA|EURL", encodings: WESTERN,
        trades: "Boulangerie|Société Générale|Menuiserie|Électricité|Bâtiment|Épicerie|Forêts et Bois|Mécanique|Café de la Gare|Hôtellerie|Imprimerie|Façades|Pâtisserie|Chaudières|Librairie|Fromagerie|Équipement|Traiteur|Plâtrerie|Maçonnerie",
        people: "Lefèvre|Desprès|Béranger|Dubois|François|Gérard|Hélène Noël|Moreau|Bézier|Lemaître|Côté|Rivière|Martin|Benoît|Crépin|Laforêt|Étienne|Pélissier|Girard|Théron",
        streets: "rue de la Forêt|Chemin du Château|avenue de la République|rue Haute|place de l'Église|rue des Lilas|boulevard Liberté|quai du Rhône|rue du Moulin|allée des Chênes|rue Saint-Honoré|route de Genève|rue Pasteur|impasse du Pré|rue de l'Abbé|cours Mirabeau|rue Molière|rue du Général|passage étroit|rue Neuve",
        cities: "Orléans|Besançon|Nîmes|Saint-Étienne|Angoulême|Lyon|Béziers|Châteauroux|Évreux|Mâcon|Paris|Sète|Alès|Brive|Chambéry|Épinal|Genève|Nantes|Liège|Compiègne",
    },
    Language {
        code: "es", header: "Código|Nombre|Dirección|Código postal|Ciudad|Teléfono|Correo|Observación", forms: "S.L.|S.A.||S.L.U.", encodings: WESTERN,
        trades: "Panadería|Carpintería|Construcción|Peluquería|Señalización|Librería|Fontanería|Pescadería|Jardinería|Diseño|Electrónica|Bodega|Distribución|Cafetería|Cerámica|Café|Impresión|Años Dorados|Ferretería|Telecomunicación",
        people: "García|Muñoz|Ibáñez|Rodríguez|Peña|López|Núñez|Sánchez|Gómez|Ordóñez|Díaz|Martín|Jiménez|Ruiz|Castaño|Álvarez|Vázquez|Cortés|Romero|Bermúdez",
        streets: "Calle Mayor|Avenida de la Constitución|Plaza de España|Calle Núñez|Paseo Marítimo|Calle Colón|Ronda Sur|Calle del Río|Avenida Andalucía|Calle León|Travesía Álamo|Calle Olmo|Camino Viejo|Calle Jardín|Gran Vía|Calle San José|Calle Bailén|Plaza Peñón|Calle Sol|Calle Córdoba",
        cities: "Málaga|Córdoba|León|Cádiz|A Coruña|Logroño|Madrid|Jaén|Almería|Ávila|Cáceres|Sevilla|Gijón|Mérida|Alcañiz|Logroño|Vigo|Castellón|San Sebastián|Mahón",
    },
    Language {
        code: "pt", header: "Número|Nome|Morada|Código postal|Localidade|Telefone|Correio|Observações", forms: "Lda|S.A.|Lda.|", encodings: WESTERN,
        trades: "Padaria|Construções|Carpintaria|Comércio|Serviços|Informática|Móveis|Confecções|Mercearia São João|Refeições|Electrónica|Importação|Cerâmica|Peças Auto|Decoração|Farmácia|Café Central|Transportes|Sapataria|Alimentação",
        people: "Gonçalves|Conceição|Araújo|Simões|Magalhães|João Reis|Antão|Silva|Assunção|Guimarães|Brandão|Lourenço|Falcão|Mendonça|Sá|Inês Luz|Leitão|Pereira|Bragança|Calção",
        streets: "Rua da Conceição|Avenida da República|Rua São Bento|Praça do Comércio|Travessa do Açougue|Largo da Sé|Rua do Pinhão|Rua Nova|Avenida João XXI|Rua das Flores|Calçada da Glória|Rua Camões|Estrada Velha|Rua Capitão|Rua do Sol|Rua António|Beco da Lapa|Rua Direita|Praceta Fontão|Rua da Estação",
        cities: "Lisboa|Évora|Guimarães|Setúbal|Portimão|São João da Madeira|Bragança|Olhão|Porto|Covilhã|Faro|Leça|Águeda|Loulé|Gondomar|Santarém|Vila Conceição|Maçores|Alcobaça|Ovar",
    },
    Language {
        code: "it", header: "Codice|Nome|Indirizzo|CAP|Città|Telefono|Posta|Attività", forms: "S.r.l.|S.p.A.|snc|", encodings: WESTERN,
        trades: "Panificio|Società Agricola|Falegnameria|Caffè Roma|Qualità Italia|Autofficina|Gioielleria|Novità Casa|Pasticceria|Edilizia|Libertà Viaggi|Osteria Perchè No|Tipografia|Vetreria|Università Popolare|Salumeria|Perù Import|Cantina|Comunità|Gelateria",
        people: "Rossi|Niccolò Bianchi|Forlì|Cantù|Andrà|Ferrari|Mosè Conti|Nonò|Colombo|Ricci|Calò|Barbè|Marino|Salomè Riva|Greco|Costà|Gallo|Fabrè|Lombardi|Barillà",
        streets: "Via Roma|Piazza Libertà|Viale Università|Via Garibaldi|Corso Unità d'Italia|Via Nazionale|Via Mazzini|Via Santità|Via Verdi|Via Gesù|Via Dante|Piazza Carità|Via Forlì|Via Torino|Via Bontà|Vicolo Corto|Via Carlo Calà|Via Nuova|Via Maestà|Via Po",
        cities: "Milano|Forlì|Cantù|Roma|Mondovì|Torino|Nardò|Cefalù|Napoli|Patù|Bari|San Donà|Verona|Scalò|Genova|Lecce|Temù|Gambolò|Palermo|Ardè",
    },
    Language {
        code: "is", header: "Númer|Nafn|Heimilisfang|Póstnúmer|Staður|Sími|Netfang|Athugasemd", forms: "ehf.|hf.|", encodings: "windows-1252|iso-8859-1|cp850|cp861|macintosh",
        trades: "Bakaríið|Smíðaverkstæði|Fiskbúðin|Húsgögn|Rafmagn|Gróðurhús|Veitingahús|Bókabúð|Þvottahús|Bílaleiga|Útgerðin|Ísbúðin|Kjötbúð|Ferðir|Sælgæti|Málarar|Trésmiðja|Ullarvörur|Prentsmiðja|Ölgerð",
        people: "Jónsson|Þórðarson|Guðmundsdóttir|Björnsson|Ólafsdóttir|Sigurðsson|Ægisson|Hörður|Ásgeirsson|Þór|Kristín|Magnúsdóttir|Ýr|Stefánsson|Óskarsson|Friðrik|Hafþór|Íris|Sæmundsson|Únn",
        streets: "Laugavegur|Skólavörðustígur|Hafnargata|Þórsgata|Ægisgata|Austurstræti|Bræðraborgarstígur|Hverfisgata|Öldugata|Suðurgata|Norðurbraut|Ármúli|Síðumúli|Sæbraut|Túngata|Aðalstræti|Miðbær|Bæjargata|Götuhús|Höfðabakki",
        cities: "Reykjavík|Akureyri|Hafnarfjörður|Kópavogur|Ísafjörður|Egilsstaðir|Húsavík|Seyðisfjörður|Selfoss|Garðabær|Borgarnes|Sauðárkrókur|Höfn|Ólafsvík|Siglufjörður|Keflavík|Blönduós|Vík|Þorlákshöfn|Stykkishólmur",
    },
    Language {
        code: "pl", header: "Numer|Nazwa|Ulica|Kod pocztowy|Miejscowość|Telefon|E-mail|Uwagi", forms: "Sp. z o.o.|S.A.||", encodings: CENTRAL,
        trades: "Piekarnia|Zakład Stolarski|Usługi|Sklep Spożywczy|Przedsiębiorstwo|Hurtownia Części|Księgarnia|Łazienki|Żagle|Ślusarz|Wędliny|Meble|Zieleń|Budowa Dróg|Oświetlenie|Drukarnia|Środki Czystości|Cukiernia|Odzież|Gospodarstwo",
        people: "Wójcik|Dąbrowski|Kowalska|Święch|Żak|Łukasik|Nowak|Gołębiewska|Jabłoński|Piątek|Zając|Król|Wróbel|Szczęsny|Maj|Pawłowski|Źródło|Głowacka|Sroka|Ćwik",
        streets: "ul. Świętokrzyska|ul. Żółta|ul. Długa|Aleja Róż|ul. Słoneczna|ul. Księżycowa|plac Wolności|ul. Łąkowa|ul. Polna|ul. Kościuszki|ul. Źródlana|ul. Rzemieślnicza|ul. Główna|ul. Mickiewicza|ul. Dębowa|ul. Dąbrowskiego|ul. Ogrodowa|ul. Stawowa|ul. Zgoda|ul. Jesienna",
        cities: "Łódź|Kraków|Gdańsk|Poznań|Wrocław|Białystok|Częstochowa|Rzeszów|Toruń|Warszawa|Świdnica|Elbląg|Bełchatów|Ełk|Opole|Przemyśl|Grudziądz|Jelenia Góra|Sopot|Żory",
    },
    Language {
        code: "cs", header: "Číslo|Jméno|Ulice|PSČ|Město|Telefon|E-mail|Poznámka", forms: "s.r.o.|a.s.|spol.|", encodings: CENTRAL,
        trades: "Pekařství|Truhlářství|Květinářství|Řeznictví|Zámečnictví|Stavební firma|Nábytek|Lékárna|Tiskárna|Občerstvení|Čalounictví|Dřevo|Knihkupectví|Železářství|Cukrárna|Vodoinstalace|Služby|Hračky|Účetní kancelář|Pivovar",
        people: "Dvořák|Němec|Procházka|Černý|Veselý|Růžička|Beneš|Kučera|Šťastný|Žák|Pospíšil|Hájek|Kříž|Horáková|Bartoš|Urban|Ďurica|Kolář|Navrátil|Zeman",
        streets: "Příčná|Žižkova|Náměstí Míru|Dlouhá|Školní|Nádražní|Pražská|Lípová|U Dubu|Komenského|Zahradní|Květná|Průmyslová|Husova|Mánesova|Polní|Růžová|Široká|Krátká|Šafaříkova",
        cities: "Plzeň|Ústí nad Labem|České Budějovice|Brno|Praha|Olomouc|Zlín|Hradec Králové|Jihlava|Děčín|Opava|Třebíč|Liberec|Kroměříž|Náchod|Tábor|Písek|Přerov|Žďár|Mělník",
    },
    Language {
        code: "hu", header: "Szám|Név|Utca|Irányítószám|Város|Telefon|E-mail|Megjegyzés", forms: "Kft.|Bt.|Zrt.|", encodings: CENTRAL,
        trades: "Pékség|Asztalos|Virágüzlet|Szűcs és Társa|Építőipari|Hűtőház|Könyvesbolt|Műszaki|Gépjármű|Élelmiszer|Bútor|Tűzifa|Húsüzem|Kertészet|Nyomda|Erdőgazdaság|Vízvezeték|Üveges|Játék|Őstermelő",
        people: "Kovács|Szabó|Tóth|Nagy|Horváth|Kőszegi|Szűcs|Németh|Balogh|Farkas|Győri|Bíró|Fűzfa|Mészáros|Erdős|Kiss|Lőrincz|Sükösd|Vörös|Csík",
        streets: "Fő utca|Petőfi utca|Kossuth tér|Rákóczi út|Széchenyi utca|Őrház utca|Dózsa György út|Hősök tere|Temető utca|Erdő sor|Béke út|Szőlő utca|Ady Endre út|Árpád utca|Gyöngyvirág utca|Zöldfa utca|Bem tér|Jókai utca|Malom köz|Fűzes utca",
        cities: "Budapest|Győr|Szeged|Pécs|Debrecen|Kőszeg|Székesfehérvár|Nyíregyháza|Gödöllő|Szolnok|Eger|Békéscsaba|Hódmezővásárhely|Kecskemét|Vác|Fűzfő|Keszthely|Szentendre|Jászberény|Dunaújváros",
    },
    Language {
        code: "hr", header: "Broj|Naziv|Ulica|Poštanski broj|Mjesto|Telefon|E-mail|Napomena", forms: "d.o.o.|d.d.|obrt|", encodings: CENTRAL,
        trades: "Pekarnica|Stolarija|Cvjećara|Građevina|Knjižara|Mesnica|Kovačnica|Uljara|Vodoinstalater|Ribarnica Škver|Namještaj|Tiskara|Željezara|Slastičarnica|Prijevoz|Čistionica|Konoba|Ugostiteljstvo|Šumarija|Rasvjeta Đurđica",
        people: "Horvat|Kovačević|Babić|Đurić|Šimić|Knežević|Perić|Vuković|Čović|Žagar|Jurić|Grgić|Mlinarić|Pavić|Šarić|Novak|Bošnjak|Đokić|Tomić|Žuljević",
        streets: "Ulica kneza Branimira|Trg slobode|Čakovečka|Školska ulica|Ilica|Đurđevačka|Riječka cesta|Obala|Vukovarska|Šetalište|Zagrebačka|Željeznička|Gajeva|Kralja Tomislava|Vinogradska|Šumska|Dolac|Lučka|Crkvena|Poljička",
        cities: "Zagreb|Šibenik|Čakovec|Požega|Split|Varaždin|Osijek|Križevci|Đakovo|Rijeka|Poreč|Zadar|Virovitica|Županja|Sisak|Makarska|Koprivnica|Našice|Pula|Metković",
    },
    Language {
        code: "lv", header: "Numurs|Nosaukums|Adrese|Pasta indekss|Pilsēta|Tālrunis|E-pasts|Piezīmes", forms: "SIA|AS||", encodings: "windows-1257|iso-8859-13",
        trades: "Maizes ceptuve|Būvniecība|Ziedu bāze|Grāmatnīca|Kokzāģētava|Ēdināšana|Metālapstrāde|Zvejnieks|Mēbeles|Apģērbi|Autoserviss|Tirdzniecība|Dārzkopība|Kafejnīca|Šūšana|Logi|Ūdens|Elektrība|Pārtika|Ķīmija",
        people: "Bērziņš|Kļaviņa|Ozols|Kalniņš|Liepiņa|Jansons|Zariņš|Siliņš|Vītols|Pētersons|Āboliņš|Krūmiņa|Eglītis|Balodis|Rozītis|Dūmiņš|Šmits|Ķauķis|Vanags|Ģēģeris",
        streets: "Brīvības iela|Ģertrūdes iela|Pļavu iela|Rīgas iela|Tērbatas iela|Skolas iela|Jūras iela|Mūkusalas iela|Dārza iela|Lāčplēša iela|Upes iela|Stacijas iela|Priežu iela|Čaka iela|Kr. Barona iela|Ziedoņa iela|Jelgavas ceļš|Zaļā iela|Vidus iela|Šķūņu iela",
        cities: "Rīga|Jūrmala|Liepāja|Jelgava|Daugavpils|Rēzekne|Valmiera|Cēsis|Kuldīga|Ogre|Tukums|Jēkabpils|Sigulda|Salaspils|Olaine|Alūksne|Madona|Talsi|Bauska|Līvāni",
    },
    Language {
        code: "lt", header: "Numeris|Pavadinimas|Adresas|Pašto kodas|Miestas|Telefonas|El. paštas|Pastabos", forms: "UAB|AB||UAB", encodings: "windows-1257|iso-8859-13",
        trades: "Kepykla|Statyba|Gėlių namai|Knygynas|Žuvis|Baldų dirbtuvė|Medžio darbai|Elektra|Šiluma|Vaistinė|Ūkininkas|Automobilių servisas|Grožio salonas|Mėsos parduotuvė|Skalbykla|Langų centras|Kavinė Ąžuolas|Spaustuvė|Drabužiai|Įranga",
        people: "Kazlauskas|Jankauskienė|Petrauskas|Žukauskas|Balčiūnas|Urbonas|Šimkus|Vaitkūnas|Butkus|Mažeika|Stankevičius|Račkauskas|Čepas|Jonaitis|Rūkas|Paulauskas|Gudžiūnas|Bružas|Lukošius|Ąžuolaitis",
        streets: "Gedimino pr.|Vilniaus g.|Laisvės al.|Žalioji g.|Šv. Jono g.|Pušų g.|Kęstučio g.|Taikos pr.|Ąžuolų g.|Sodų g.|Maironio g.|Žemaitės g.|Tilto g.|Upės g.|Saulės g.|Parko g.|Mokyklos g.|Dariaus ir Girėno g.|Turgaus g.|Klaipėdos g.",
        cities: "Vilnius|Kaunas|Klaipėda|Šiauliai|Panevėžys|Alytus|Marijampolė|Mažeikiai|Jonava|Utena|Kėdainiai|Telšiai|Visaginas|Tauragė|Ukmergė|Plungė|Kretinga|Šilutė|Radviliškis|Palanga",
    },
    Language {
        code: "tr", header: "Numara|Ünvan|Adres|Posta kodu|Şehir|Telefon|E-posta|Açıklama", forms: "Ltd. Şti.|A.Ş.||", encodings: "windows-1254|iso-8859-9",
        trades: "Fırın|Mobilya|Yıldız Tekstil|İnşaat|Kırtasiye|Çiçekçilik|Güneş Enerji|Otomotiv|Gıda Sanayi|Matbaa|Eczane|Kuyumcu|Ayakkabı|Bilişim|Lokanta|Demirci|Ağaç İşleri|Nakliyat|Kumaş|Zeytincilik",
        people: "Yılmaz|Öztürk|Şahin|Çelik|Kaya|Aydın|Doğan|Kılıç|Arslan|Güneş|Koç|Özdemir|Kurt|Şimşek|Polat|Işık|Erdoğan|Bulut|Taş|Güler",
        streets: "Çiçek Sokağı|Şişli Caddesi|Atatürk Bulvarı|İstiklal Caddesi|Gül Sokak|Bağdat Caddesi|Cumhuriyet Mah.|Yıldırım Sok.|Fatih Cad.|Öğretmenler Cad.|Sanayi Sitesi|Kızılay Meydanı|Barış Sok.|Çınar Sok.|İnönü Cad.|Değirmen Sok.|Liman Cad.|Okul Sok.|Köprü Cad.|Zafer Mah.",
        cities: "İstanbul|Eskişehir|Ankara|İzmir|Diyarbakır|Muğla|Çanakkale|Kırşehir|Bursa|Aydın|Şanlıurfa|Antalya|Balıkesir|Çorum|Elazığ|Iğdır|Nevşehir|Tekirdağ|Uşak|Adana",
    },
    Language {
        code: "ru", header: "Код|Название|Улица|Индекс|Город|Телефон|Почта|Примечание", forms: "ООО|АО|ИП|", encodings: CYRILLIC,
        trades: "Хлебозавод|Мебель|Строительство|Цветы|Книжный дом|Рыба|Торговый дом|Электрика|Типография|Аптека|Молоко|Автосервис|Одежда|Кафе|Лесопилка|Сад|Ремонт|Мясной двор|Окна|Вода",
        people: "Иванов|Петрова|Сидоров|Кузнецов|Смирнова|Попов|Соколов|Лебедев|Новикова|Морозов|Волков|Зайцев|Павлова|Егоров|Козлов|Степанов|Фёдоров|Щукин|Юдина|Жуков",
        streets: "ул. Садовая|ул. Ленина|проспект Мира|ул. Лесная|Невский проспект|ул. Гагарина|пл. Победы|ул. Школьная|ул. Полевая|ул. Мира|пер. Узкий|ул. Заречная|ул. Центральная|ул. Новая|ул. Речная|ул. Зелёная|шоссе Энтузиастов|ул. Южная|ул. Цветочная|ул. Пушкина",
        cities: "Москва|Казань|Тверь|Самара|Уфа|Пермь|Воронеж|Омск|Тула|Сочи|Рязань|Псков|Орёл|Курск|Томск|Калуга|Чебоксары|Саратов|Ярославль|Мурманск",
    },
    Language {
        code: "el", header: "Κωδικός|Όνομα|Οδός|Ταχ. Κώδικας|Πόλη|Τηλέφωνο|Ταχυδρομείο|Σημείωση", forms: "ΑΕ|ΕΠΕ|ΟΕ|", encodings: "windows-1253|iso-8859-7",
        trades: "Αρτοποιείο|Έπιπλα|Ανθοπωλείο|Βιβλιοπωλείο|Κρεοπωλείο|Ταβέρνα|Ξυλουργείο|Φαρμακείο|Τεχνική|Ηλεκτρικά|Καφενείο|Εμπορική|Ύφασμα|Ελαιόλαδο|Τυπογραφείο|Μεταφορές|Υδραυλικά|Κήπος|Ψάρια|Οινοποιείο",
        people: "Παπαδάκης|Γεωργίου|Νικολάου|Δημητρίου|Παππάς|Ιωάννου|Μακρής|Αντωνίου|Βασιλείου|Χατζής|Κωνσταντίνου|Οικονόμου|Σταθόπουλος|Ρήγας|Λαμπρόπουλος|Καραγιάννης|Φωτίου|Ζαχαρίας|Μαυρίδης|Αγγελής",
        streets: "Λεωφόρος Αθηνών|Ερμού|Πανεπιστημίου|Ακαδημίας|Εθνικής Αντιστάσεως|Κηφισίας|Σταδίου|Αγίου Δημητρίου|Τσιμισκή|Μητροπόλεως|Βενιζέλου|Ελευθερίας|Ιπποκράτους|Παπάγου|Σόλωνος|Θησέως|Αριστοτέλους|Εγνατία|Πατησίων|Φιλίππου",
        cities: "Θεσσαλονίκη|Αθήνα|Πάτρα|Ηράκλειο|Λάρισα|Βόλος|Ιωάννινα|Χανιά|Καβάλα|Ρόδος|Σέρρες|Κοζάνη|Τρίπολη|Λαμία|Κόρινθος|Ξάνθη|Δράμα|Σπάρτη|Κέρκυρα|Χίος",
    },
    Language {
        code: "en", header: "Customer No|Name|Address|Postcode|Town|Telephone|E-mail|Notes", forms: "Ltd|Plc|LLP|", encodings: WESTERN,
        trades: "Café Royal|Bakery|Joinery|Zoë's Flowers|Plumbing|Motors|Fiancé Bridal|Books|Crêperie|Builders|Naïve Gallery|Fishmonger|Résumé Services|Brewery|Décor|Garden Centre|Pâté & Co|Printers|Electrics|Façade Cleaning",
        people: "Smith|Brontë|O'Brien|Chloë Hall|Renée Ward|Baker|Siân Jones|Walker|Seán Murphy|Turner|Hughes|André King|Moore|Wood|Zoë Clarke|Hill|José Cole|Cooper|Mills|Noël Reed",
        streets: "High Street|Station Road|Mill Lane|Church Street|Park Avenue|Queen's Road|The Green|Victoria Street|Bridge Street|London Road|Kings Close|Castle Street|Albert Road|New Street|Manor Drive|School Lane|West Street|Chapel Hill|Market Place|Orchard Way",
        cities: "Leeds|York|London|Bristol|Cardiff|Exeter|Bath|Norwich|Derby|Dún Laoghaire|Glasgow|Oxford|Durham|Hull|Truro|Lincoln|Poole|Chester|Dublin|Ely",
    },
];
