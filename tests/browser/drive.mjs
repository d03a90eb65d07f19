// node drive.mjs program|visit|attack ADDRESS...: prints what was seen as one line of JSON; complaints go to stderr.
import { connect, signUpAndIn } from "./flow.mjs";

const [task, ...addresses] = process.argv.slice(2);
const tasks = { program, visit, attack };
console.log(JSON.stringify(await tasks[task](...addresses)));

/** The official client in a program, which keeps its cookies itself. */
async function program(api) {
  const jar = new Map();
  const client = connect(api, {
    headers: { origin: api },
    onRequest({ headers }) {
      if (jar.size) headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    },
    onResponse({ response }) {
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (value === "") jar.delete(name);
        else jar.set(name, value);
      }
    },
  });
  return signUpAndIn(client, "ada");
}

/** A page of the origin `home` uses the API. */
async function visit(api, home) {
  return browse(async (open) => {
    const page = await open(home);
    const flow = await page.call("signUpAndIn", api, "ada");
    return { flow, patient: await page.call("recordPatient", api) };
  });
}

/** Somebody signed in on a page of `home` meets a page of `elsewhere`. */
async function attack(api, home, elsewhere) {
  return browse(async (open) => {
    const page = await open(home);
    await page.call("signUpAndIn", api, "ada");
    await page.call("recordPatient", api);
    const hostile = await open(elsewhere);
    const seen = await hostile.call("attack", api, "eve");
    return { seen, who: await page.call("who", api) };
  });
}

/** Runs in a browser of its own. */
async function browse(use) {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  try {
    const context = await browser.newContext();
    return await use((origin) => open(context, origin));
  } finally {
    await browser.close();
  }
}

async function open(context, origin) {
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") console.error(`${origin}: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => console.error(`${origin}: ${error.stack}`));
  await page.goto(origin);
  const call = (name, ...values) => page.evaluate(([name, values]) => window[name](...values), [name, values]);
  return { call };
}
