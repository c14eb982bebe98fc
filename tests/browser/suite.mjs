// A person at a browser: pages are opened in Debian's Chromium, and every page that is looked at has to be accessible,
// narrow enough for a phone, and free of errors.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** The longest that anything may take before the flow fails, in milliseconds; far more than it ever should. */
export const DEADLINE = 60_000;

const DESK = { width: 1280, height: 860 };
const PHONE = { width: 360, height: 740 };

export async function open(folder) {
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  return { browser, person: (base) => Person.arrives(browser, base, folder) };
}

let pictures = 0;

/** Somebody with a browser profile of their own. */
export class Person {
  static async arrives(browser, base, folder) {
    const context = await browser.newContext({
      baseURL: base, viewport: DESK, colorScheme: "light", reducedMotion: "reduce", locale: "en-GB",
      timezoneId: "Europe/Copenhagen",
    });
    context.setDefaultTimeout(DEADLINE);
    const page = await context.newPage();
    return new Person(context, page, folder);
  }

  constructor(context, page, folder) {
    Object.assign(this, { context, page, folder, errors: [], expected: new Set() });
    page.on("pageerror", (error) => this.errors.push(`${page.url()}: ${error}`));
    page.on("console", (message) => {
      if (!["error", "warning"].includes(message.type())) return;
      const text = message.text();
      // A page with live values that is left: the browser ends its stream, and htmx notes that as this.
      if (text === "[object Event]") return;
      const status = /the server responded with a status of (\d+)/.exec(text)?.[1];
      if (status && this.expected.has(Number(status))) return;
      this.errors.push(`${page.url()}: ${text}`);
    });
  }

  /** Does something for which the server rightly answers with this status. */
  async expecting(status, action) {
    this.expected.add(status);
    const answered = this.page.waitForResponse((response) => response.status() === status);
    await action();
    await answered;
  }

  /** Looks at the page as it is now: in both colour schemes, on a desk and on a phone. */
  async look(name) {
    const { page } = this;
    const number = String(++pictures).padStart(2, "0");
    const picture = (kind) => page.screenshot({ path: join(this.folder, `${number}-${name}${kind}.png`), fullPage: true });
    const found = [];
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      if (!(await page.evaluate("typeof window.axe === 'object'"))) await this.loadAxe();
      const { violations } = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
      for (const violation of violations) {
        const where = violation.nodes.map((node) => `${node.target} ${node.failureSummary ?? ""}`.replaceAll(/\s+/g, " "));
        found.push(`${colorScheme}: ${violation.id}: ${violation.help}: ${where.slice(0, 3).join(" | ")}`);
      }
      await picture(colorScheme === "dark" ? "-dark" : "");
    }
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    found.push(...await this.sideways("at a desk"));
    await page.setViewportSize(PHONE);
    found.push(...await this.sideways("on a phone"));
    await picture("-phone");
    await page.setViewportSize(DESK);
    if (found.length > 0) this.errors.push(`${page.url()} (${name}):\n    ${found.join("\n    ")}`);
  }

  /** Whether the page is wider than the window, and what makes it so. */
  async sideways(where) {
    const wide = await this.page.evaluate(() => {
      const root = document.documentElement;
      if (root.scrollWidth <= root.clientWidth) return null;
      const far = [...document.querySelectorAll("body *")].filter((box) => {
        const range = document.createRange();
        range.selectNodeContents(box);
        return range.getBoundingClientRect().right > root.clientWidth + 1 && !box.closest(".scroll");
      });
      const who = far.slice(-4).map((box) => `${box.tagName.toLowerCase()}.${box.getAttribute("class") ?? ""}`);
      return `${root.scrollWidth} of ${root.clientWidth} px: ${who.join(", ")}`;
    });
    return wide ? [`scrolls sideways ${where}: ${wide}`] : [];
  }

  async loadAxe() {
    await this.page.evaluate(readFileSync(axe, "utf8"));
  }

  /** Moves the focus with the Tab key until it is on the element, as somebody without a mouse. */
  async tabTo(target) {
    for (let presses = 0; presses < 120; presses++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    assert.fail(`the Tab key does not reach ${target}`);
  }

  /** Presses Enter on the element, having reached it with the Tab key. */
  async enter(target) {
    await this.tabTo(target);
    await this.page.keyboard.press("Enter");
  }

  /** Waits until the page, or a part of it, says so. */
  async reads(what, where = "main") {
    await this.page.locator(where).filter({ hasText: what }).first().waitFor();
  }

  /** The text of a part of the page, with single blanks. */
  async text(where = "main") {
    return (await this.page.locator(where).first().innerText()).replaceAll(/\s+/g, " ").trim();
  }

  /** What was wrong with any page; the flow goes on to the end to find all of it. */
  complain() {
    assert.equal(this.errors.length, 0, `\n  ${this.errors.join("\n  ")}\n`);
  }
}
