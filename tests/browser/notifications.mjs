// Who is told by e-mail: what is wrong stands beside its field, and a test says what the mail server said.

/** The steps, for an administrator who is signed in. */
export async function notifications({ anna, page, step, button, heading }) {
  await step("a test of the notifications says why it cannot be sent", async () => {
    await page.goto("/settings/notifications");
    await heading("Notifications");
    await anna.look("notifications");
    await anna.tabTo(page.getByLabel("Who is told"));
    await page.keyboard.type("anna@firm");
    await page.getByLabel("The sender's address").fill("suite");
    await page.getByLabel("Mail server").fill("127.0.0.1");
    await page.getByLabel("Protection").selectOption("none");
    await page.getByLabel("Port", { exact: true }).fill("9");
    await anna.expecting(422, () => anna.enter(button("Send a test")));
    await anna.reads("is no e-mail address.", ".wrong");
    await anna.look("notifications-wrong");
    await page.getByLabel("The sender's address").fill("suite@firm.example");
    await button("Send a test").click();
    await anna.reads("The test could not be sent.", '[role="alert"]');
    await anna.reads("The mail server 127.0.0.1, port 9, says:", '[role="alert"]');
    await anna.look("notifications-tested");
    await page.goto("/settings/notifications");
    await anna.reads("The latest");
  });
}
