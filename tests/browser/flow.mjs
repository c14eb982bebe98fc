// The way of a new user through the pages, from the set-up link to a customer's history.
//
//   node flow.mjs ADDRESS SET-UP-LINK EXCHANGE-FOLDER FOLDER-FOR-PICTURES
import assert from "node:assert/strict";
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEADLINE, open } from "./suite.mjs";
import * as files from "./files.mjs";
import { duplicates } from "./duplicates.mjs";
import { notifications } from "./notifications.mjs";
import { trust } from "./trust.mjs";

const [base, setUpLink, exchange, folder] = process.argv.slice(2);
const PASSWORD = "brisk otter paddles north";
const STATE = "#state-customers-from-erp";
const LAST = '[sse-swap="last-customers-from-erp"]';

const { browser, person } = await open(folder);
const anna = await person(base);
const { page } = anna;
const button = (name) => page.getByRole("button", { name, exact: true });
const link = (name) => page.getByRole("link", { name, exact: true }).first();
const heading = (name) => page.getByRole("heading", { name, level: 1, exact: true }).waitFor();

async function step(what, action) {
  const started = performance.now();
  try {
    await action();
  } catch (error) {
    await page.screenshot({ path: join(folder, "failed.png"), fullPage: true }).catch(() => {});
    console.error(`FAILED: ${what}\n  at ${page.url()}\n${error.stack ?? error}`);
    for (const other of anna.errors) console.error(`  also: ${other}`);
    await browser.close();
    process.exit(1);
  }
  console.log(`${(performance.now() - started).toFixed(0).padStart(6)} ms  ${what}`);
}

await step("the set-up link leads to choosing a password, and on to the main menu", async () => {
  await page.goto(setUpLink);
  await heading("Set up Service Suite");
  await anna.look("set-up");
  await anna.tabTo(page.getByLabel("Your name, for signing in"));
  await page.keyboard.type("Anna Ågård");
  await anna.tabTo(page.getByLabel("Password", { exact: true }));
  await page.keyboard.type(PASSWORD);
  await anna.tabTo(page.getByLabel("The same password again"));
  await page.keyboard.type(PASSWORD);
  await anna.enter(button("Set up"));
  await heading("Main menu");
  await anna.look("main-menu-empty");
  await anna.expecting(404, () => page.goto(setUpLink));
  await anna.look("link-used-up");
});

await step("empty registers and lists say what to do next", async () => {
  for (const [path, name] of [["/customers", "Customers"], ["/products", "Products"], ["/imports", "Imports"]]) {
    await page.goto(path);
    await heading(name);
    await anna.look(`empty${path.replace("/", "-")}`);
  }
});

await step("an automation that lacks a format is not activated, and a link leads to where to make one", async () => {
  await page.goto("/");
  await anna.enter(page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Automation" }));
  await heading("Automation");
  await anna.expecting(409, activateByKeyboard);
  await anna.reads("It cannot be activated yet.", '[role="alert"]');
  await anna.look("automation-obstacles");
  await anna.enter(page.locator('.note a').first());
  await page.waitForURL(/\/settings\//);
});

await step("Settings > ERP-system: the folder is tested, and the settle time set", async () => {
  await page.goto("/settings");
  await heading("Settings");
  await anna.look("settings");
  await page.goto("/settings/erp-system");
  await heading("ERP-system");
  await button("Test this folder").click();
  await anna.reads(exchange, '.panel [role="status"]');
  const said = await anna.text('.panel [role="status"]');
  // The default folder lies inside the private data folder, which other users' programs do not reach: said, not hidden.
  assert.ok(said.split("Failed").length === 2 && /Failed Programs of other users .*choose an exchange folder outside/.test(said), said);
  assert.ok(/notification/i.test(said) && /clock/i.test(said) && /free/i.test(said), said);
  await anna.look("erp-system-tested");
  await page.getByLabel("A file is finished when unchanged for").fill("soon");
  await anna.expecting(422, () => button("Save").click());
  await anna.reads("Nothing was saved.");
  await anna.look("erp-system-wrong");
  await page.getByLabel("A file is finished when unchanged for").fill("1s");
  await button("Save").click();
  await anna.reads("Saved.");
  assert.equal(await page.getByLabel("A file is finished when unchanged for").inputValue(), "1s");
});

await step("a dropped sample becomes a format that only needs to be saved", async () => {
  await page.goto("/settings/formats");
  await page.getByLabel("A file of your ERP system").setInputFiles({
    name: "debitorer.txt", mimeType: "text/plain", buffer: files.sample(),
  });
  await anna.enter(button("Say what it is").first());
  await anna.reads("What this file is");
  await anna.reads(/^Ørnbæk Ventilation A\/S$/, "#preview td");
  assert.equal(await page.getByLabel("Number (the key)", { exact: true }).inputValue(), "Kundenr");
  assert.equal(await page.getByLabel("City", { exact: true }).inputValue(), "By");
  assert.equal(await page.getByLabel("File name", { exact: true }).inputValue(), "debitorer.txt");
  await anna.look("editor-suggested");
});

await step("the format editor shows live what a sample says", async () => {
  await page.goto("/settings/formats");
  await heading("Formats");
  await anna.look("formats-empty");
  await link("A format for customers").click();
  await page.getByLabel("Name of the format").fill("ERP customers");
  await page.getByLabel("File name", { exact: true }).fill("customers.txt");
  await page.getByLabel("Encoding").selectOption("windows-1252");
  await page.getByLabel("Between two cells").selectOption({ label: await optionNamed("Between two cells", /comma/i) });
  await page.getByLabel("Number (the key)", { exact: true }).fill("Kundenr");
  await page.getByLabel("Name", { exact: true }).fill("Navn");
  await page.getByLabel("Try it with a file of yours").setInputFiles({
    name: "prøve.txt", mimeType: "text/plain", buffer: files.sample(),
  });
  await button("Use this file").click();
  await anna.reads("The whole file would be refused.", "#preview");
  await anna.look("editor-wrong-delimiter");

  const semicolon = await optionNamed("Between two cells", /semicolon/i);
  await page.getByLabel("Between two cells").selectOption({ label: semicolon });
  await anna.reads(/^Ørnbæk Ventilation A\/S$/, "#preview td");
  assert.equal(await page.locator("#preview .note.fail").count(), 0);
  await anna.reads("not read", "#preview thead");

  await page.getByLabel("Encoding").selectOption("utf-8");
  await anna.reads("The whole file would be refused.", "#preview");
  await page.getByLabel("Encoding").selectOption("windows-1252");
  await anna.reads(/^Ørnbæk Ventilation A\/S$/, "#preview td");
});

await step("columns are mapped by their names, a bad cell is marked, and the format is saved as the default", async () => {
  await button("Propose by their names").click();
  await anna.reads(/^Ørnbæk Ventilation A\/S$/, "#preview td");
  for (const [label, column] of [["City", "By"], ["Phone", "Telefon"], ["E-mail", "E-mail"], ["Credit limit", "Kreditmax"],
    ["Created on", "Oprettet"]]) {
    const field = page.getByLabel(label, { exact: true });
    assert.equal(await field.inputValue(), column, `the column proposed for ${label}`);
  }
  await page.getByLabel("Decimals after a", { exact: true }).selectOption({ label: await optionNamed("Decimals after a", /comma/i) });
  await page.getByLabel("Dates", { exact: true }).fill("%d-%m-%Y");
  await anna.reads("1 of the first", "#preview");
  const bad = page.locator("#preview td.bad").first();
  await bad.filter({ hasText: "tolv" }).waitFor();
  assert.equal(await page.locator("#preview td.bad").count(), 1);
  await anna.look("editor-mapped");
  const chosen = page.getByLabel(/^Default format:/);
  if (!(await chosen.isChecked())) await chosen.check();
  await anna.enter(button("Save"));
  await heading("Formats");
  await anna.reads("customers.txt", "table");
  await anna.look("formats");
  await page.goto("/settings/erp-system");
  assert.equal(await page.getByLabel("Customers: file name").inputValue(), "customers.txt");
  await anna.look("erp-system-with-format");
});

await step("the automation is selected and activated by keyboard", async () => {
  await page.goto("/automation");
  await activateByKeyboard();
  await anna.reads("Waiting for customers.txt", STATE);
  await anna.look("automation-active");
});

await step("a file dropped into the folder is watched until it is imported, without a reload, and nothing jumps", async () => {
  await page.goto("/automation");
  await anna.reads("Waiting for customers.txt", STATE);
  await watch();
  const [head, ...rest] = files.pieces(files.customers());
  writeFileSync(join(exchange, "customers.txt"), head);
  await saw(/size|chang|quiet/i);
  for (const piece of rest) appendFileSync(join(exchange, "customers.txt"), piece);
  await saw(/^Quiet for 0 s of 1 s/);
  await saw(/^Importing \d+ %/);
  await anna.reads("Import 1", LAST);
  await anna.reads("Done", LAST);
  await anna.reads("Waiting for customers.txt", STATE);
  const { shift, shifted, loads } = await page.evaluate("({ ...window.watched })");
  assert.equal(loads, 1, "the page was loaded again");
  assert.ok(shift < 0.01, `the page jumped while values changed: ${shift.toFixed(4)}: ${shifted}`);
  await anna.look("automation-done");
});

await step("it is deactivated and activated again by mouse, and the other one says what it lacks", async () => {
  await page.goto("/automation");
  await page.getByText("Customers from ERP-system", { exact: true }).click();
  await button("Deactivate").click();
  await anna.reads("Inactive", STATE);
  await page.getByText("Products from ERP-system", { exact: true }).click();
  await anna.expecting(409, () => button("Activate").click());
  await anna.reads("no default format for products", '[role="alert"]');
  await page.getByText("Customers from ERP-system", { exact: true }).click();
  await button("Activate").click();
  await anna.reads("Waiting for customers.txt", STATE);
});

await step("the import tells its counts, its proof and its problems", async () => {
  await page.goto("/imports");
  await anna.reads("customers.txt", "table");
  await anna.look("imports");
  await page.getByLabel("State").selectOption("refused");
  await anna.reads("No such import");
  await page.getByLabel("State").selectOption("done");
  await page.locator("tbody").getByRole("link", { name: "1", exact: true }).click();
  await heading("customers.txt");
  const facts = await anna.text(".figures");
  for (const [label, count] of Object.entries(files.COUNTS)) {
    assert.ok(facts.includes(`${label} ${files.shown(count)}`), `${label} ${count} is not in: ${facts}`);
  }
  for (const check of ["quiet", "no local writer", "copy equals source", "last record complete"]) {
    await anna.reads(check, ".checks li");
  }
  assert.ok(!(await anna.text(".checks")).includes("Failed"));
  await anna.look("import");
  await page.getByLabel("Kind").selectOption("not-a-number");
  await page.waitForURL(/code=not-a-number/);
  assert.equal(await page.locator("#problems tbody tr").count(), 1);
  await anna.reads("tolv", "#problems tbody tr");
  await anna.look("import-problems");
});

await step("the page shows where the file lies, and copies its path", async () => {
  await page.goto("/imports/1");
  const path = page.locator("#path-1");
  const lies = await path.innerText();
  assert.ok(readFileSync(lies).equals(files.customers()), `${lies} is not the file that was delivered`);
  const copy = page.getByRole("button", { name: "Copy the path" });
  await anna.tabTo(copy);
  // Its place on the page, wherever the window has scrolled to.
  const place = () =>
    page.locator(".path button").first().evaluate((button) => {
      const { x, y, width, height } = button.getBoundingClientRect();
      return { x: x + scrollX, y: y + scrollY, width, height };
    });
  const before = await place();
  await page.keyboard.press("Enter");
  await anna.reads(/^(Copied|Selected)/, ".path button");
  assert.deepEqual(await place(), before, "the button jumped");
  // Where the browser lets no page write to the clipboard, the path is at least selected.
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await copy.click();
  await page.waitForFunction((text) => getSelection().toString().trim() === text, lies);
  await page.goto("/automation");
  assert.equal(await page.locator("#exchange-folder").innerText(), exchange);
  assert.equal(await page.locator("#path-customers-from-erp").innerText(), join(exchange, "customers.txt"));
  await page.goto("/imports/1");
});

await step("problems and the archived file are saved, not shown", async () => {
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "All as CSV, with the original lines" }).click(),
  ]);
  assert.equal(saved.suggestedFilename(), "import-1-problems.csv");
  const csv = readFileSync(await saved.path(), "utf8");
  assert.ok(csv.startsWith("line,column,field,value,code,message,hint,original"), csv.slice(0, 200));
  assert.ok(csv.includes("Fjordlys Elektro AS"), "the original line is in the problems");
  const problems = await download("/imports/1/problems.csv");
  assert.equal(problems.toString("utf8"), csv);
  assert.ok((await download("/imports/1/file")).equals(files.customers()), "the archived file is what was delivered");
});

await step("customers are found while typing, by the beginnings of their words, without accents", async () => {
  await page.goto("/customers");
  await anna.reads(`${files.shown(files.COUNTS.Created)} customers`, "#found");
  await anna.look("customers");
  await page.getByLabel("Search").pressSequentially("ornb vent");
  await anna.reads("Ørnbæk Ventilation A/S", "#list td");
  await anna.reads("1 of ", "#found");
  for (const [typed, name] of [["grunt", "Grüntal Gemüsegroßhandel GmbH"], ["TROM", "Blåfjell Regnskap AS"],
    ["post.2@", "Grüntal Gemüsegroßhandel GmbH"], ["88888", "Ørnbæk Ventilation A/S"], ["'; DROP", "'; DROP TABLE customers; --"]]) {
    await page.getByLabel("Search").fill(typed);
    await anna.reads(name, "#list td");
  }
  await anna.look("customers-found");
  await page.getByLabel("Search").fill("zzzz");
  await anna.reads("Nothing found");
  await anna.look("customers-none");
  await page.getByLabel("Search").fill("");
  await anna.reads(`${files.shown(files.COUNTS.Created)} customers`, "#found");
  await page.getByRole("link", { name: "Next page" }).click();
  await page.getByRole("link", { name: "First page" }).waitFor();
  await page.getByRole("link", { name: "City" }).click();
  await page.locator('th[aria-sort="ascending"]').filter({ hasText: "City" }).waitFor();
});

await step("what a file says is text, whatever it looks like", async () => {
  await page.goto("/customers?q=" + encodeURIComponent("script"));
  await anna.reads("<script>alert(1)</script>", "#list td");
});

await step("the next file changes two customers, and the history says from what to what", async () => {
  await page.goto("/automation");
  const whole = join(exchange, "customers.tmp");
  writeFileSync(whole, files.changed());
  renameSync(whole, join(exchange, "customers.txt"));
  await anna.reads("Import 2", LAST);
  await anna.reads("2 updated", LAST);
  await page.goto("/customers");
  await page.getByLabel("Search").fill("ornbæk");
  await page.locator("#list").getByRole("link", { name: "1" }).first().click();
  await heading("Ørnbæk Ventilation A/S");
  const row = page.getByRole("region", { name: "History" }).locator("tr").filter({ hasText: "Import 2" });
  assert.match((await row.innerText()).replaceAll(/\s+/g, " "), /Import 2, line \d+ City Åbenrå Sønderborg/);
  await anna.reads("Import 1", "main");
  await anna.look("customer");
});

await step("a file is imported by hand, after a look at what it would do", async () => {
  await page.goto("/customers");
  await link("Import a file").click();
  await heading("Import a file");
  await anna.look("hand-import");
  await page.getByLabel("File", { exact: true }).setInputFiles({ name: "damaged.txt", mimeType: "text/plain", buffer: files.damaged() });
  await button("See what it would do").click();
  await anna.reads("The whole file would be refused");
  await anna.look("hand-import-refused");
  await page.goto("/customers/import");
  await page.getByLabel("File", { exact: true }).setInputFiles({ name: "nye kunder.txt", mimeType: "text/plain", buffer: files.byHand() });
  await anna.enter(button("See what it would do"));
  await anna.reads("The first changes");
  const said = await anna.text(".figures");
  for (const part of ["Rows 4", "To be created 2", "To be updated 1", "To be refused 1"]) {
    assert.ok(said.includes(part), `${part} is not in: ${said}`);
  }
  await anna.look("hand-import-checked");
  await anna.enter(button("Import"));
  await anna.reads("Done", ".chip");
  await heading("nye kunder.txt");
  assert.ok(!(await page.locator("[data-noscript]").first().isVisible()), "a button for those without script shows");
  assert.match(await anna.text(".facts"), /Started by Anna Ågård/);
  await anna.look("hand-import-done");
});

await step("products go the same way", async () => {
  await page.goto("/settings/formats/new?register=products");
  await page.getByLabel("Name of the format").fill("Varer");
  await page.getByLabel("File name", { exact: true }).fill("products.txt");
  await page.getByLabel("Try it with a file of yours").setInputFiles({
    name: "varer.txt", mimeType: "text/plain", buffer: files.products(),
  });
  await page.getByLabel("Between two cells").selectOption({ label: await optionNamed("Between two cells", /semicolon/i) });
  await page.getByLabel("Decimals after a", { exact: true }).selectOption({ label: await optionNamed("Decimals after a", /comma/i) });
  await button("Propose by their names").click();
  await anna.reads("Kirsebærmarmelade", "#preview td");
  await page.getByLabel("Number (the key)", { exact: true }).fill("Varenr");
  await page.getByLabel("Sales price", { exact: true }).fill("Salgspris");
  await anna.reads("can be read", "#preview");
  await anna.look("editor-products");
  await button("Save").click();
  await heading("Formats");
  await page.goto("/products/import");
  await page.getByLabel("File", { exact: true }).setInputFiles({ name: "varer.txt", mimeType: "text/plain", buffer: files.products() });
  await button("See what it would do").click();
  await button("Import").click();
  await anna.reads("Done", ".chip");
  await page.goto("/products");
  await page.getByLabel("Search").fill("kirseb");
  await anna.reads("Kirsebærmarmelade", "#list td");
  await anna.look("products");
  await page.locator("#list tbody a").first().click();
  await heading("Kirsebærmarmelade");
  await anna.look("product");
});

let viewerLink;
await step("the first file is imported again, and its values become current again", async () => {
  await page.goto("/imports/1");
  await anna.enter(page.locator("summary").filter({ hasText: "Import again" }));
  await anna.reads("Its values become current again");
  await anna.look("import-again");
  await anna.enter(button("Import it again now"));
  await anna.reads("Done", ".chip");
  await anna.reads("import 1 again, by Anna Ågård", ".facts");
  await anna.reads("kept bytes", ".checks");
  assert.match(await anna.text(".figures"), /Updated 3 /);
  await anna.reads("Archive", ".lies");
  await anna.look("import-made-again");
  await page.goto("/customers?q=" + encodeURIComponent("ornbæk"));
  await anna.reads("Åbenrå", "#list td");
  await page.goto("/imports/1");
  await anna.reads("Made again as import");
});

await step("a customer is edited by keyboard, and what is wrong is said beside its field", async () => {
  await page.goto("/customers/90001");
  await anna.enter(link("Edit"));
  await heading("Edit customer 90001");
  await anna.look("edit");
  await anna.tabTo(page.getByLabel("Country", { exact: true }));
  await page.keyboard.type("Atlantis");
  await anna.tabTo(page.getByLabel("Phone", { exact: true }));
  await page.keyboard.type("+45 75 82 00 11");
  await anna.expecting(422, () => page.keyboard.press("Enter"));
  await anna.reads("is no country that is known here", ".wrong");
  assert.equal(await page.getByLabel("Phone", { exact: true }).inputValue(), "+45 75 82 00 11");
  assert.ok(await page.getByLabel("Country", { exact: true }).evaluate((field) => field === document.activeElement));
  await anna.look("edit-wrong");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("DK");
  await page.keyboard.press("Enter");
  await anna.reads("Saved.");
  const row = page.getByRole("region", { name: "History" }).locator("tbody tr").first();
  assert.match((await row.innerText()).replaceAll(/\s+/g, " "), /Anna Ågård Phone empty \+45 75 82 00 11/);
});

await step("two edit the same customer, and none overwrites the other unseen", async () => {
  await page.goto("/customers/edit?number=90001");
  const other = await anna.context.newPage();
  await other.goto("/customers/edit?number=90001");
  await other.getByLabel("City", { exact: true }).fill("Kolding");
  await other.getByLabel("Mobile", { exact: true }).fill("20 20 20 20");
  await other.getByRole("button", { name: "Save" }).click();
  await other.getByText("Saved.").waitFor();
  await other.close();
  await page.getByLabel("City", { exact: true }).fill("Fredericia");
  await page.getByLabel("Notes", { exact: true }).fill("Ring først.\nSpørg efter Bo.");
  await anna.expecting(409, () => button("Save").click());
  await anna.reads("it was changed meanwhile, by Anna Ågård");
  await anna.reads("Meanwhile: Kolding", ".meanwhile");
  assert.equal(await page.getByLabel("Mobile", { exact: true }).inputValue(), "20 20 20 20");
  await anna.look("edit-meanwhile");
  await button("Save").click();
  await anna.reads("Saved.");
  for (const part of ["Fredericia", "20 20 20 20", "Ring først."]) await anna.reads(part, "dd");
  await anna.look("customer-edited");
});

await step("a customer is created by hand", async () => {
  await page.goto("/customers");
  await anna.enter(link("New customer"));
  await heading("New customer");
  await page.keyboard.type("H-1");
  await anna.tabTo(page.getByLabel("Name", { exact: true }));
  await page.keyboard.type("Håndskrevet ApS");
  await anna.look("new-customer");
  await page.keyboard.press("Enter");
  await anna.reads("Created.");
  await heading("Håndskrevet ApS");
  assert.match(page.url(), /\/customers\/H-1/);
});

await step("contacts are added, changed and removed by keyboard", async () => {
  await page.goto("/customers/H-1");
  await anna.reads("No contacts.", "#contacts");
  await anna.enter(link("Edit"));
  await anna.enter(button("Add a contact"));
  await page.getByRole("group", { name: "Contact 1" }).waitFor();
  assert.equal(await page.evaluate("document.activeElement.id"), "contact.0.name", "one writes on at once");
  await page.keyboard.type("Bodil Krogh");
  await anna.tabTo(page.getByRole("group", { name: "Contact 1" }).getByLabel("E-mail"));
  await page.keyboard.type("bodil");
  await anna.expecting(422, () => page.keyboard.press("Enter"));
  await anna.reads("is not an e-mail address", ".wrong");
  await anna.tabTo(page.getByRole("group", { name: "Contact 1" }).getByLabel("E-mail"));
  await page.keyboard.press("End");
  await page.keyboard.type("@krogh.example");
  await anna.enter(button("Add a contact"));
  await page.getByRole("group", { name: "Contact 2" }).waitFor();
  await page.keyboard.type("Carl Lund");
  await anna.look("edit-contacts");
  await page.keyboard.press("Enter");
  await anna.reads("Saved.");
  for (const part of ["Bodil Krogh", "bodil@krogh.example", "Carl Lund"]) await anna.reads(part, "#contacts");
  await anna.look("customer-contacts");
  await anna.enter(link("Edit"));
  await anna.enter(button("Remove contact 1"));
  await page.getByRole("group", { name: "Contact 2" }).waitFor({ state: "detached" });
  await anna.enter(button("Save"));
  await anna.reads("Saved.");
  await anna.reads("Carl Lund", "#contacts");
  assert.ok(!(await anna.text("#contacts")).includes("Bodil"));
  const row = page.getByRole("region", { name: "History" }).locator("tbody tr").first();
  assert.match((await row.innerText()).replaceAll(/\s+/g, " "), /Contacts Bodil Krogh, bodil@krogh.example empty/);
  await page.goto("/customers?q=lund");
  await anna.reads("H-1", "tbody");
});

await step("an own field is declared, written, and deleted without losing its values", async () => {
  await page.goto("/settings");
  await anna.enter(page.getByRole("link", { name: /Own fields/ }));
  await heading("Own fields");
  await anna.look("own-fields-empty");
  await anna.enter(link("A field for customers"));
  await heading("New field for customers");
  await page.keyboard.type("Delivery day");
  await anna.tabTo(page.getByLabel("Kind", { exact: true }));
  await page.keyboard.type("Choice");
  await anna.tabTo(button("Save"));
  await anna.expecting(422, () => page.keyboard.press("Enter"));
  await anna.reads("needs something to choose from");
  await anna.look("own-field-wrong");
  await anna.tabTo(page.getByLabel("Choices, one a line"));
  await page.keyboard.type("Monday\nThursday");
  await anna.enter(button("Save"));
  await anna.reads("Saved.");
  await anna.reads("delivery_day");
  await anna.look("own-fields");
  await page.goto("/customers/edit?number=H-1");
  await page.getByLabel("Delivery day", { exact: true }).selectOption("Thursday");
  await button("Save").click();
  await anna.reads("Thursday", "dd");
  await anna.look("customer-own-field");
  await page.goto("/settings/own-fields/edit?register=customers&name=delivery_day");
  await page.getByText("Delete this field", { exact: false }).click();
  await anna.reads("1 customer holds a value.");
  await anna.look("own-field-delete");
  await button("Delete “Delivery day” now").click();
  await anna.reads("Deleted.");
  await page.goto("/customers/H-1");
  await anna.reads("delivery_day", "table");
  assert.equal(await page.getByRole("heading", { name: "Own fields" }).count(), 0);
});

await step("an import is undone after a look at what that comes to, and what was left is listed", async () => {
  await page.goto("/imports/3");
  await heading("nye kunder.txt");
  await anna.reads("Storgata 90", "#changes td");
  await link("Undo …").click();
  await heading("Undo import 3: nye kunder.txt");
  const said = await anna.text(".figures");
  for (const part of ["earlier values back 0", "the import created them 1", "they were changed since 2"]) assert.ok(said.includes(part), `${part} is not in: ${said}`);
  await anna.look("undo");
  await anna.enter(button("Undo import 3 now"));
  await anna.reads("Undone", ".chip");
  const undone = await anna.text("#undone");
  for (const part of ["Anna Ågård", "Removed again 1", "Left as they are 2", "Storgata 88", "changed since by import 5",
    "90001 Nyåben Café I/S changed since by Anna Ågård", "It was created by this import"]) {
    assert.ok(undone.includes(part), `${part} is not in: ${undone}`);
  }
  await anna.look("undone");
  await page.goto("/customers/90002");
  await anna.reads("This customer is there no more.");
  await anna.look("customer-removed");
  await anna.expecting(409, () => page.goto("/imports/3/undo"));
  await anna.reads("undone already, by Anna Ågård");
  await page.goto("/imports/5/undo");
  await anna.enter(button("Undo import 5 now"));
  await anna.reads("Undone", ".chip");
  await page.goto("/customers/1");
  await anna.reads("Anna Ågård, undoing import 5", "td");
  await page.goto("/imports/1/changes");
  await anna.reads("New", "td");
  await page.getByRole("link", { name: "Next page" }).click();
  await page.getByRole("link", { name: "First page" }).waitFor();
  await anna.look("changes");
});

await step("a file whose columns have changed is held, shows them side by side, and one click accepts them", async () => {
  const whole = join(exchange, "customers.tmp");
  writeFileSync(whole, files.renamed());
  renameSync(whole, join(exchange, "customers.txt"));
  await page.goto("/automation");
  await anna.reads("is held", STATE);
  await page.goto("/");
  await page.getByRole("link", { name: /is held: shall it be imported/ }).click();
  await anna.reads("Shall it be imported?");
  await anna.reads('column 7 was "Telefon", is "Telefonnr."');
  const row = page.locator("#drift tr.changed");
  assert.equal(await row.count(), 1);
  assert.match((await row.innerText()).replaceAll(/\s+/g, " "), /7 Telefon \(7\) Telefonnr\. Phone Renamed/);
  await anna.look("import-held-columns");
  await anna.enter(button("Accept the columns and import"));
  await anna.reads("Done", ".chip");
  await page.goto("/customers/90010");
  await anna.reads("+45 88888 190", "main");
});

await trust({ anna, page, step, button, link, heading, exchange, state: STATE, last: LAST });

await step("a viewer is added", async () => {
  await page.goto("/settings/people");
  await page.getByLabel("Name, for signing in").fill("Viggo");
  await page.getByRole("combobox", { name: "Role", exact: true }).selectOption("viewer");
  await button("Add and make a link").click();
  await anna.reads("A link for Viggo");
  viewerLink = (await anna.text(".secret")).trim();
  await anna.look("people");
});

await step("help, the main menu in use, and pages that are not there", async () => {
  await page.goto("/help");
  await anna.look("help");
  await page.goto("/");
  await anna.reads("The last imports");
  await anna.look("main-menu");
  await anna.expecting(404, () => page.goto("/customers/no-such-number"));
  await anna.look("not-found");
});

await step("a viewer sees everything and changes nothing", async () => {
  const viggo = await person(base);
  const { page: his } = viggo;
  await his.goto(viewerLink);
  await his.getByLabel("Password", { exact: true }).fill("seven green bicycles");
  await his.getByLabel("The same password again").fill("seven green bicycles");
  await viggo.look("choose-password");
  await his.getByRole("button", { name: "Save and sign in" }).click();
  await his.getByRole("heading", { name: "Main menu" }).waitFor();
  await his.goto("/automation");
  await viggo.reads("needs an administrator");
  assert.equal(await his.getByRole("button", { name: /activate/i }).count(), 0);
  await viggo.look("viewer-automation");
  for (const path of ["/automation/activate", "/automation/deactivate", "/settings/erp-system", "/settings/people"]) {
    const answer = await viggo.context.request.post(path, {
      form: { name: "customers-from-erp" }, headers: { origin: new URL(base).origin },
    });
    assert.equal(answer.status(), 403, path);
  }
  for (const path of ["/settings", "/settings/erp-system", "/settings/formats", "/customers", "/imports/1"]) {
    await his.goto(path);
    await viggo.look(`viewer${path.replaceAll("/", "-")}`);
  }
  anna.errors.push(...viggo.errors);
  await viggo.context.close();
});

await step("signing out ends it, and whoever tries passwords is slowed down", async () => {
  await page.goto("/");
  await button("Sign out").click();
  await heading("Sign in");
  await anna.look("sign-in");
  await page.goto("/customers");
  await heading("Sign in");
  // The wait begins short and doubles; a slow machine may need some tries more until one comes too early.
  const statuses = [];
  while (!statuses.includes(429) && statuses.length < 12) {
    await page.getByLabel("Name").fill("Viggo");
    await page.getByLabel("Password").fill(`wrong ${statuses.length}`);
    anna.expected.add(401).add(429);
    const answered = page.waitForResponse((response) => response.request().method() === "POST");
    await button("Sign in").click();
    statuses.push((await answered).status());
    await anna.reads(statuses.at(-1) === 401 ? "Name or password is wrong." : "Too many failed attempts");
    if (statuses.length === 1) await anna.look("sign-in-wrong");
  }
  assert.ok(statuses.lastIndexOf(401) >= 4 && statuses.at(-1) === 429, `slowed down from the fifth failure on: ${statuses}`);
  await anna.look("sign-in-slowed");
  // Others are not: it is counted per name.
  await page.getByLabel("Name").fill("anna ågård");
  await page.getByLabel("Password").fill(PASSWORD);
  await button("Sign in").click();
  await heading("Customers");
});

await duplicates({ anna, page, step, button, link, heading });
await notifications({ anna, page, step, button, heading });

await step("no page had an error, a barrier or a sideways scroll", async () => anna.complain());
await browser.close();

/** Chooses the first automation and presses Activate, without a mouse. */
async function activateByKeyboard() {
  const row = page.getByRole("radio", { name: /Customers from ERP-system/ });
  await anna.tabTo(page.getByRole("radio").first());
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Space");
  assert.ok(await row.isChecked(), "the arrow keys and the space bar select a row");
  await anna.enter(button("Activate"));
}

/** Notes what the automation's state says from now on, and by how much the page jumps. */
async function watch() {
  await page.evaluate((place) => {
    const watched = { seen: [], shift: 0, shifted: "", loads: 1 };
    window.watched = watched;
    const state = document.querySelector(place);
    new MutationObserver(() => watched.seen.push(state.innerText.trim())).observe(state, { childList: true, subtree: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        watched.shift += entry.value;
        const moved = entry.sources.map((source) => source.node).filter((node) => node);
        watched.shifted += ` ${moved.map((node) => node.className ?? node.textContent).join(",")}`;
      }
    }).observe({ type: "layout-shift" });
  }, STATE);
}

/** Waits until the automation's state has said this. */
async function saw(pattern) {
  await page.waitForFunction(
    ([source, flags]) => window.watched.seen.some((text) => new RegExp(source, flags).test(text)),
    [pattern.source, pattern.flags], { timeout: DEADLINE },
  ).catch(async (error) => {
    const seen = await page.evaluate("window.watched.seen");
    throw new Error(`${pattern} was not seen; seen: ${JSON.stringify([...new Set(seen)])}`, { cause: error });
  });
}

/** The label of the option of a list that reads like this. */
async function optionNamed(list, pattern) {
  const titles = await page.getByLabel(list).locator("option").allInnerTexts();
  return titles.find((title) => pattern.test(title)) ?? assert.fail(`no ${pattern} in ${titles}`);
}

/** The bytes behind an address that must be saved and never shown. */
async function download(path) {
  const answer = await anna.context.request.get(path);
  const headers = answer.headers();
  assert.equal(answer.status(), 200, path);
  assert.match(headers["content-disposition"] ?? "", /^attachment;/, path);
  assert.equal(headers["x-content-type-options"], "nosniff", path);
  return answer.body();
}
