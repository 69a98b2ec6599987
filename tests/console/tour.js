// Takes the pictures of docs/tour.md and docs/tour.zh-CN.md from a running `watchfire demo`: tour.js DEMO.json OUT. One line a picture; exit 1 on a page that
// does not come or a picture over its size.
"use strict";
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");
const [demoFile, out] = process.argv.slice(2);
const demo = JSON.parse(fs.readFileSync(demoFile, "utf8"));
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const BYTES_MAX = 100 * 1024;
const SIZE = { width: 960, height: 640 };
const ministry = demo.served[0], plant = demo.served[demo.served.length - 1];
// Name, node, page, and what is in the middle of the picture; without it the top of the page.
const STOPS = [
  ["overview", ministry, "/", null],
  ["progress", ministry, "/progress", "svg.heat"],
  ["queue", ministry, "/queue", null],
  ["examination", plant, "/examination", "svg.scatter"],
  ["catalogue", plant, "/catalogue", "svg.treemap"],
  ["incidents", plant, "/incidents", null],
  ["evidence", plant, "/evidence", null],
];
(async () => {
  fs.mkdirSync(out, { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
  let wrong = 0;
  for (const lang of ["en", "zh"]) {
    for (const node of [ministry, plant]) {
      const context = await browser.newContext({ viewport: SIZE, colorScheme: "light", locale: lang === "zh" ? "zh-CN" : "en-US" });
      const page = await context.newPage();
      await page.goto(`${node.url}/lang/${lang}?back=/enter`);
      await page.fill("#login", "officer");
      await page.fill("#password", demo.password);
      await page.click("main button[type=submit]");
      for (const [name, of, place, middle] of STOPS.filter((s) => s[1] === node)) {
        const answer = await page.goto(of.url + place, { waitUntil: "load" });
        const found = middle ? await page.$(middle) : null;
        if (found) await found.evaluate((e) => window.scrollTo(0, e.getBoundingClientRect().top + window.scrollY - 90));
        const file = path.join(out, `tour-${name}-${lang}.png`);
        await page.screenshot({ path: file });
        const bytes = fs.statSync(file).size;
        const fine = answer.status() === 200 && bytes <= BYTES_MAX && (!middle || found);
        if (!fine) wrong += 1;
        console.log(`${fine ? "OK" : "WRONG"} ${path.basename(file)}: ${bytes} bytes${middle && !found ? ", without " + middle : ""}`);
      }
      await context.close();
    }
  }
  await browser.close();
  process.exit(wrong === 0 ? 0 : 1);
})().catch((e) => { console.log("WRONG " + e.stack); process.exit(1); });
