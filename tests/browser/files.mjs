// The files of an ERP system that does not exist. All companies are invented.

const HEADER = "Kundenr;Navn;Adresse;Postnr;By;Land;Telefon;E-mail;Kreditmax;Oprettet";

/** Rows that a person would recognise; the fourth cannot be read, the sixth names no customer. */
const ROWS = [
  "1;Ørnbæk Ventilation A/S;Skovløbervænget 7;6200;Åbenrå;DK;+45 88888 123;post.1@ornbaek.example;12500,50;31-12-2020",
  "2;Grüntal Gemüsegroßhandel GmbH;Straße am Münster 5;80331;München;DE;+49 55 02;post.2@gruental.example;;01-02-2021",
  "3;Blåfjell Regnskap AS;Storgata 88;9008;Tromsø;NO;+47 55 03;;0;",
  "4;Fjordlys Elektro AS;Sjøgata 3;8006;Bodø;NO;;;tolv;",
  "5;<script>alert(1)</script>;Øster Allé 9;0999;Testby;DK;;;;",
  ";Uden nummer ApS;Vej 1;0999;Testby;DK;;;;",
  "6;\"'; DROP TABLE customers; --\";Vej 2;0999;Testby;DK;;;;",
  "7;=cmd|'/C calc'!A0;Vej 3;0999;Testby;DK;;;;",
];
const FIRST = 1000;
const MANY = 30_000;

/** What the import of `customers` counts. */
export const COUNTS = { "Rows read": ROWS.length + MANY, Created: ROWS.length + MANY - 2, Refused: 2 };

/** A number as the pages show it. */
export const shown = (number) => String(number).replaceAll(/\B(?=(\d{3})+$)/g, ",");

/** All that these texts use of windows-1252 has the same number there as in Unicode. */
const bytes = (lines) => Buffer.from(lines.map((line) => `${line}\r\n`).join(""), "latin1");

export const sample = () => bytes([HEADER, ...ROWS.slice(0, 5)]);

const many = () => Array.from({ length: MANY }, (_, at) =>
  `${FIRST + at};Kunde nr. ${at} ApS;Nygade ${at % 99};${5000 + (at % 900)};Aarhus;DK;;;${at},25;`);

let whole;
export const customers = () => (whole ??= bytes([HEADER, ...ROWS, ...many()]));

/** The same as an ERP system writes it: bit by bit. */
export function pieces(all) {
  const cut = Math.floor(all.length / 3) + 7;
  return [all.subarray(0, cut), all.subarray(cut, 2 * cut), all.subarray(2 * cut)];
}

export const changed = () => bytes([
  HEADER,
  ROWS[0].replace("Åbenrå", "Sønderborg"),
  ROWS[1].replace("+49 55 02", "+49 55 77"),
  ROWS[2],
]);

/** The ERP system was changed: a column has another name. */
const NEW_HEADER = HEADER.replace("Telefon", "Telefonnr.");
export const renamed = () => bytes([
  NEW_HEADER,
  "90010;Tårnby Lås ApS;Vej 9;0999;Testby;DK;+45 88888 190;;;",
]);

export const byHand = () => bytes([
  HEADER,
  "90001;Nyåben Café I/S;Torvet 1;7100;Vejle;DK;;;;",
  "90002;Østhavn Båtverft AS;Kaia 2;4006;Stavanger;NO;;;;",
  ROWS[2].replace("Storgata 88", "Storgata 90"),
  "90003;Dårlig Dato A/S;Vej 4;0999;Testby;DK;;;;31-02-2021",
]);

/** So many that looking at them takes a while. */
export const veryMany = () => {
  const rows = Array.from({ length: 1_500_000 }, (_, at) => `${FIRST + at};Kunde nr. ${at} ApS;;;Aarhus;DK;;;;\r\n`);
  return Buffer.from(`${NEW_HEADER}\r\n${rows.join("")}`, "latin1");
};

export const small = () => bytes([
  NEW_HEADER,
  ROWS[0].replace("Åbenrå", "Svendborg"),
  "90021;Gammel ejer ApS;Vej 5;0999;Testby;DK;+45 88888 191;;;",
  "90022;Anden Kunde ApS;Vej 6;0999;Testby;DK;;;;",
  "90023;Fejlslagen ApS;Vej 7;0999;Testby;DK;;;tolv;",
]);

/** One that is there, with another name, another town and empty cells; and a new one. */
export const ruled = () => bytes([
  NEW_HEADER,
  "90021;Ny ejer ApS;;;Andenby;DK;;;;",
  "90024;Helt ny ApS;Vej 8;0999;Testby;DK;;;;",
]);

/** More rows that cannot be read than anybody expects. */
export const odd = () => bytes([
  NEW_HEADER,
  "90030;Rigtig ApS;Vej 9;0999;Testby;DK;;;1,00;",
  "90031;Ogsaa Rigtig ApS;Vej 9;0999;Testby;DK;;;2,00;",
  ...Array.from({ length: 30 }, (_, at) => `${90040 + at};Forkert ${at} ApS;Vej 9;0999;Testby;DK;;;mange;`),
]);

export const damaged = () => bytes([HEADER, '1;"Ørnbæk;Vej 1;6200;Åbenrå;DK;;;;']);

export const products = () => Buffer.from(
  "Varenr;Navn;Salgspris;Beholdning\nKM-1;Kirsebærmarmelade;39,95;12\nHS-2;Havtornsaft;1250,00;0\n", "utf8");
