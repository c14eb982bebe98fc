// Likely duplicates: found by themselves, compared, dismissed and taken back, without a mouse.
import assert from "node:assert/strict";
import { DEADLINE } from "./suite.mjs";

/** The steps, for somebody who is signed in and may edit customers. */
export async function duplicates({ anna, page, step, button, link, heading }) {
  const dismiss = page.getByRole("button", { name: /^Dismiss: / });

  await step("a customer written in twice is shown as a likely duplicate", async () => {
    for (const [number, name] of [["D-1", "Tvilling Værksted ApS"], ["D-2", "Tvilling Vaerksted"]]) {
      await page.goto("/customers/new");
      await page.getByLabel("Number", { exact: true }).fill(number);
      await page.getByLabel("Name", { exact: true }).fill(name);
      await page.getByLabel("E-mail", { exact: true }).fill("post@tvilling.example");
      await button("Save").click();
      await anna.reads("Created.");
    }
    await page.goto("/customers");
    await anna.enter(link("Likely duplicates"));
    await heading("Likely duplicates");
    // It looks again after nine times as long as the last look took, which is long on a machine that is busy.
    const ends = performance.now() + 3 * DEADLINE;
    while ((await page.getByRole("link", { name: "D-1", exact: true }).count()) === 0) {
      assert.ok(performance.now() < ends, "it is found");
      await page.reload();
    }
    await anna.reads("The same e-mail address", "#duplicates");
    await anna.reads(/Last looked for .* among \d/, '#duplicates [role="status"]');
    await anna.look("duplicates");
  });

  await step("two customers stand beside each other, and the hint is dismissed and taken back", async () => {
    await page.goto("/customers/D-1");
    await anna.reads("D-2", "#duplicates");
    await anna.look("customer-duplicate");
    await anna.enter(page.getByRole("link", { name: "Compare with D-2" }));
    await heading("D-1 and D-2");
    await anna.reads("Tvilling Vaerksted", "tbody");
    await anna.look("duplicates-compared");
    await anna.enter(button("Dismiss: they are no duplicates"));
    await anna.reads("They are shown as likely duplicates no more");
    await page.goto("/customers/D-2");
    await anna.reads("No duplicate, said Anna Ågård", "#duplicates");
    await anna.reads("No duplicate of", '[aria-label="History"]');
    await page.goto("/customers/duplicates");
    assert.equal(await page.getByRole("link", { name: "D-1", exact: true }).count(), 0, "it is away");
    await anna.enter(link("Dismissed"));
    await anna.reads("by Anna Ågård", "#duplicates");
    await anna.look("duplicates-dismissed");
    await anna.enter(page.getByRole("button", { name: "Take back that D-1 and D-2 are no duplicates" }));
    await anna.reads("They are shown as likely duplicates again.");
    await page.goto("/customers/duplicates");
    await anna.enter(dismiss.first());
    await anna.reads("They are shown as likely duplicates no more");
  });
}
