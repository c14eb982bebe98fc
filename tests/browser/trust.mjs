// What makes people trust an automatic import: it is seen before, held when odd, corrected, kept to its rules, taken out.
import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as files from "./files.mjs";

/** The steps, for an administrator. */
export async function trust({ anna, page, step, button, link, heading, exchange, state, last }) {
  const deliver = (bytes) => {
    const whole = join(exchange, "customers.tmp");
    writeFileSync(whole, bytes);
    renameSync(whole, join(exchange, "customers.txt"));
  };
  const figures = async (parts) => {
    const said = await anna.text(".figures");
    for (const part of parts) assert.ok(said.includes(part), `${part} is not in: ${said}`);
  };
  /** Sends a file by hand and looks what it would do. */
  const seen = async (name, buffer) => {
    await page.goto("/customers/import");
    await page.getByLabel("File", { exact: true }).setInputFiles({ name, mimeType: "text/plain", buffer });
    await button("See what it would do").click();
    await heading(name);
    await page.locator(".figures").waitFor();
  };
  const inTheFormat = async (change) => {
    await page.goto("/settings/formats/edit?name=ERP%20customers");
    await page.getByLabel("Name of the format").waitFor();
    await change();
    await button("Save").click();
    await heading("Formats");
  };

  await step("the file that waits is looked at, which is cancelled, looked at again, and imported as it was shown", async () => {
    await page.goto("/automation");
    await button("Deactivate").click();
    await anna.reads("Inactive", state);
    deliver(files.veryMany());
    await anna.enter(button("Preview"));
    await heading("customers.txt");
    await anna.reads("Looking what it would do.");
    await page.goto("/automation");
    await page.locator("#looks").getByRole("link", { name: "customers.txt" }).click();
    await anna.reads("Looking what it would do.");
    await anna.look("preview-runs");
    await anna.enter(button("Cancel"));
    await anna.reads("Cancelled. Nothing was changed.");
    await anna.look("preview-cancelled");
    deliver(files.small());
    await anna.enter(button("Look again"));
    await anna.reads("The first changes");
    await figures(["Rows 4", "To be created 2", "To be updated 1", "To be refused 1"]);
    const changed = page.locator("#would tbody").filter({ hasText: "Changed" });
    assert.match((await changed.innerText()).replaceAll(/\s+/g, " "), /City .+ Svendborg/);
    await anna.look("preview");
    await page.goto("/automation");
    await anna.reads("2 to be created, 1 to be updated", "#looks");
    await anna.look("automation-previews");
    await button("Activate").click();
    await anna.reads("Waiting for customers.txt", state);
    await anna.reads("4 rows: 2 created, 1 updated, 0 unchanged, 1 refused", last);
  });

  await step("refused rows are downloaded, corrected, and imported", async () => {
    await page.goto("/automation");
    await page.locator(last).getByRole("link").click();
    await heading("customers.txt");
    const [saved] = await Promise.all([page.waitForEvent("download"), link("Download refused rows").click()]);
    assert.equal(saved.suggestedFilename(), "customers-refused.txt");
    const rows = readFileSync(await saved.path(), "latin1");
    assert.equal(rows.split("\n").length, 3, rows);
    assert.ok(rows.includes("tolv"), rows);
    await seen("rettet.txt", Buffer.from(rows.replace("tolv", "12,00"), "latin1"));
    await figures(["Rows 1", "To be created 1", "To be refused 0"]);
    await anna.enter(button("Import"));
    await anna.reads("Done", ".chip");
    await page.goto("/customers/90023");
    await anna.reads("12.00", "dd");
  });

  await step("a format that may only create leaves what is there, and says so before", async () => {
    await inTheFormat(async () => {
      await page.getByLabel("Its rows may").selectOption("create");
      await anna.look("editor-rules");
    });
    await seen("regler.txt", files.ruled());
    await figures(["Rows 2", "To be created 1", "To be updated 0"]);
    await anna.look("preview-only-create");
  });

  await step("a field that the office owns and an empty cell that keeps are left as they are", async () => {
    await inTheFormat(async () => {
      await page.getByLabel("Its rows may").selectOption("create-and-update");
      await page.getByLabel("An empty cell means", { exact: true }).selectOption("keep");
      await page.locator("summary").filter({ hasText: /More about City$/ }).click();
      await page.locator('[id="owner.city"]').selectOption("when-empty");
      await anna.look("editor-owner");
    });
    await seen("regler.txt", files.ruled());
    await figures(["To be created 1", "To be updated 1"]);
    const changed = (await page.locator("#would tbody").filter({ hasText: "Changed" }).innerText()).replaceAll(/\s+/g, " ");
    assert.ok(/Name .+ Ny ejer ApS/.test(changed) && !/City|Address|Phone/.test(changed), changed);
    await anna.enter(button("Import"));
    await anna.reads("Done", ".chip");
    await page.goto("/customers/90021");
    await heading("Ny ejer ApS");
    await anna.reads("Testby", "dd");
    await inTheFormat(() => page.locator('[id="owner.city"]').selectOption("erp", { force: true }));
  });

  await step("what is odd is held, decided by one of two people, and the other is told", async () => {
    deliver(files.odd());
    await page.goto("/automation");
    await anna.reads("is held", state);
    await page.goto("/");
    await page.getByRole("link", { name: /is held: shall it be imported/ }).click();
    await anna.reads("Shall it be imported?");
    await anna.reads("30 of 32 rows would be refused", ".note");
    await anna.look("import-held");
    const held = page.url();
    const other = await anna.context.newPage();
    await other.goto(held);
    await anna.enter(button("Discard"));
    await anna.reads("Refused", ".chip");
    await anna.reads("Discarded by Anna Ågård");
    await anna.look("import-discarded");
    await other.getByRole("button", { name: "Approve" }).click();
    await other.getByText("It was decided already").first().waitFor();
    await other.getByText("discarded").first().waitFor();
    await other.close();
    deliver(files.odd());
    await page.goto("/automation");
    await anna.reads("is held", state);
    await page.goto("/");
    await page.getByRole("link", { name: /is held: shall it be imported/ }).click();
    await anna.enter(button("Preview anew"));
    await anna.reads("It will be held until somebody approves it.");
    await page.locator(".note").getByRole("link").click();
    await anna.enter(button("Approve"));
    await anna.reads("Done", ".chip");
    await figures(["Created 2", "Refused 30"]);
  });

  await step("only some of the customers of a full export are in a file, which a person says", async () => {
    const rules = (content, missing) => inTheFormat(async () => {
      await page.getByLabel("A file holds").selectOption(content);
      await page.getByLabel("Customers that are not in it").selectOption(missing);
    });
    await rules("full", "deactivate");
    await seen("rettet.txt", files.ruled());
    await anna.reads("To be deactivated", ".figures");
    const some = page.getByLabel("Only some of the customers are in this file");
    assert.equal(await some.isChecked(), false);
    await some.check();
    await anna.look("preview-full");
    await anna.enter(button("Look again"));
    await heading("rettet.txt");
    await page.locator(".figures").waitFor();
    assert.ok(!(await anna.text(".figures")).includes("To be deactivated"));
    assert.equal(await page.getByLabel("Only some of the customers are in this file").isChecked(), true);
    await anna.enter(button("Import"));
    await anna.reads("Done", ".chip");
    await anna.reads("only some of the customers are in the file");
    await anna.look("import-only-some");
    await rules("changes", "leave");
  });

  await step("customers are taken out as they were found: CSV, Excel, and a format's own files", async () => {
    await page.goto("/customers?q=ejer");
    await anna.reads("Ny ejer ApS", "#list td");
    await anna.look("customers-export");
    for (const [as, name] of [["CSV", "customers.csv"], ["Excel", "customers.xlsx"], ["JSON", "customers.json"],
      ["ERP customers: as its own files", "customers.txt"]]) {
      await page.getByLabel("Export what was found as").selectOption({ label: as });
      const [saved] = await Promise.all([page.waitForEvent("download"), button("Export").click()]);
      assert.equal(saved.suggestedFilename(), name);
      const bytes = readFileSync(await saved.path());
      if (as === "CSV") assert.equal(bytes.toString("utf8").trim().split("\n").length, 2);
      if (name === "customers.txt") {
        await seen("customers.txt", bytes);
        await figures(["Rows 1", "To be created 0", "To be updated 0", "Unchanged 1"]);
        break;
      }
    }
  });
}
