// Walks the console as every account, in both languages, wide and narrow: every page of the navigation and what it leads to.
// Usage: walk.js DEMO.json [SHOTS]. Prints "OK …" or "WRONG …" a line; one line of numbers at the end. With SHOTS a picture of each page is laid there.
"use strict";
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [demoFile, shots] = process.argv.slice(2);
const demo = JSON.parse(fs.readFileSync(demoFile, "utf8"));
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
// Pages behind one page that are looked at, of each kind of address one.
const BEHIND_MAX = 25;
let pages = 0, wrong = 0;
const said = new Set();
function bad(text) {
  if (!said.has(text)) { said.add(text); wrong += 1; console.log("WRONG " + text); }
}
// Addresses of one kind: what looks like an id is the same.
const kind = (p) => p.split("?")[0].replace(/\/[0-9a-zA-Z-]*[0-9][0-9a-zA-Z-]*/g, "/*");

async function look(page, url, where, shot, thorough) {
  const heard = [];
  const onConsole = (m) => { if (m.type() === "error") heard.push(m.text()); };
  const onError = (e) => heard.push(String(e));
  page.on("console", onConsole); page.on("pageerror", onError);
  const response = await page.goto(url, { waitUntil: "load" });
  const status = response ? response.status() : 0;
  if (status !== 200) bad(`${where}: status ${status}`);
  for (const width of [1440, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) bad(`${where}: ${over} pixels too wide at ${width}`);
    if (shot && shots) await page.screenshot({ path: path.join(shots, `${shot}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  for (const text of heard) bad(`${where}: the browser said ${text}`);
  if (!thorough) { page.off("console", onConsole); page.off("pageerror", onError); pages += 1; return []; }
  // axe is not of the page: its script is let in by the protocol, the page's own policy stays for the page.
  const found = await page.evaluate(`(() => { ${axe}; return axe.run(document, { resultTypes: ["violations"] }); })()`);
  for (const v of found.violations) bad(`${where}: axe ${v.id}: ${v.nodes[0].html.slice(0, 160)}`);
  page.off("console", onConsole); page.off("pageerror", onError);
  pages += 1;
  return page.$$eval("main a[href^='/']", (as) => as.map((a) => a.getAttribute("href")));
}

(async () => {
  if (shots) fs.mkdirSync(shots, { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
  for (const [at, node] of demo.served.entries()) {
    // The second province has the pages of the first: one look by its officer.
    const again = at > 0 && at < demo.served.length - 1 && at !== 1;
    for (const login of again ? ["officer"] : demo.logins) {
      for (const lang of again ? ["zh"] : ["en", "zh"]) {
        const scheme = lang === "zh" ? "dark" : "light";
        const context = await browser.newContext({ colorScheme: scheme, locale: lang === "zh" ? "zh-CN" : "en-US", bypassCSP: false });
        const page = await context.newPage();
        await page.goto(`${node.url}/lang/${lang}?back=/enter`);
        await page.fill("#login", login);
        await page.fill("#password", demo.password);
        await page.click("main button[type=submit]");
        if (page.url().endsWith("/enter")) { bad(`${node.url} ${login}: cannot sign in`); await context.close(); continue; }
        const places = await page.$$eval("nav.places a", (as) => as.map((a) => a.getAttribute("href")));
        const seen = new Set(places.map(kind));
        const behind = [];
        const port = new URL(node.url).port;
        for (const place of places) {
          // The pages of the others are the same ones, with less on them: that they come is enough.
          const shot = !again && (login === "officer" || login === "administrator") ? `${port}-${login}-${lang}${place.replace(/\//g, "_")}` : null;
          for (const link of await look(page, node.url + place, `${port} ${login} ${lang} ${place}`, shot, shot !== null)) {
            if (!seen.has(kind(link)) && !link.startsWith("/lang/") && !link.includes("/export") && !link.includes("/download")) { seen.add(kind(link)); behind.push(link.split("#")[0]); }
          }
        }
        for (const link of behind.slice(0, BEHIND_MAX)) {
          await look(page, node.url + link, `${port} ${login} ${lang} ${kind(link)}`, login === "officer" ? `${port}-${login}-${lang}-behind${kind(link).replace(/[^a-z0-9]+/gi, "_")}` : null, true);
        }
        await context.close();
      }
    }
  }
  await browser.close();
  console.log(`${wrong === 0 ? "OK" : "WRONG"} console: ${pages} pages looked at, ${wrong} faults`);
  process.exit(wrong === 0 ? 0 : 1);
})().catch((e) => { console.log("WRONG " + e.stack); process.exit(1); });
