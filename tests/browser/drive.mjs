// node drive.mjs program|clinic|visit|attack|invited|provided|tried ADDRESS...: prints what was seen as one line of JSON; complaints go to
// stderr.
import { clinic as runClinic } from "./clinic.mjs";
import { connect, signUpAndIn } from "./flow.mjs";

const [task, ...addresses] = process.argv.slice(2);
const tasks = { program, clinic, visit, attack, invited, provided, tried };
console.log(JSON.stringify(await tasks[task](...addresses)));

/** The official client in a program, which keeps its cookies itself. */
async function program(api) {
  return signUpAndIn(somebody(api).client, "ada");
}

/** Two people in programs of their own, and the mails of development. */
async function clinic(api) {
  return runClinic(somebody(api), somebody(api), (address) => mailTo(api, address));
}

/** A person with the official client, and with requests of their own beside it. */
function somebody(api) {
  const jar = new Map();
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const client = connect(api, {
    headers: { origin: api },
    onRequest({ headers }) {
      if (jar.size) headers.set("cookie", cookie());
    },
    onResponse({ response }) {
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (value === "") jar.delete(name);
        else jar.set(name, value);
      }
    },
  });
  const send = (method, path, body) =>
    fetch(api + path, {
      method,
      headers: { origin: api, cookie: cookie(), "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
  return { client, send };
}

/** The text of the newest mail to an address, once there is one. */
async function mailTo(api, address) {
  for (;;) {
    const letters = await (await fetch(`${api}/dev/mailbox.json`)).json();
    const letter = letters.find(({ to }) => to === address);
    if (letter) return letter.text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
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

/** Somebody without an account opens the link of an invitation in a browser that runs no script. */
async function invited(api) {
  const ada = somebody(api).client;
  await ada.signUp.email({ name: "Ada", email: "ada@example.org", password: "the password of Ada" });
  await ada.organization.create({ name: "Salt Lane", slug: "salt-lane" });
  await ada.organization.inviteMember({ email: "ben@example.org", role: "member" });
  const [link] = /http\S+\/accept-invitation\/\S+/.exec(await mailTo(api, "ben@example.org"));
  return browse(
    async (_, context) => {
      const page = await context.newPage();
      const headings = [];
      const read = async () => headings.push(await page.locator("h1").innerText());
      await page.goto(link);
      await read();
      const signIn = page.locator("form", { hasText: "Sign in" });
      await signIn.locator("[name=password]").fill("a guess of Ben");
      await signIn.locator("button").click();
      headings.push(await page.locator("[role=alert]").innerText());
      const signUp = page.locator("form", { hasText: "Sign up" });
      await signUp.locator("[name=name]").fill("Ben");
      await signUp.locator("[name=password]").fill("the password of Ben");
      await signUp.locator("button").click();
      await read();
      await page.getByRole("button", { name: "Accept" }).click();
      await read();
      await page.reload();
      await read();
      const stranger = await (await context.browser().newContext()).newPage();
      const answer = await stranger.goto(link);
      headings.push(answer.status(), await stranger.locator("h1").innerText());
      const { members } = await ada.organization.getFullOrganization();
      // The clock of the test stands still, so that neither is the older one.
      return { headings, members: members.map(({ user, role }) => [user.name, user.email, role]).sort() };
    },
    { javaScriptEnabled: false },
  );
}

/** On a page of `home`: one person comes through a provider; another links an account there, and unlinks it. */
async function provided(api, home) {
  return browse(async (open, context) => {
    await withoutFonts(context);
    const { page, call } = await open(home);
    const seen = {};
    call("signInSocial", api, `${home}/?signed-in`).catch(() => {});
    await agree(page, "ana@example.test");
    seen.ledTo = page.url().replace(home, "");
    seen.who = await call("who", api);
    seen.accounts = await call("accounts", api);
    await call("signOut", api);
    await context.clearCookies();

    await call("signUp", api, "ben");
    call("linkSocial", api, `${home}/?linked`).catch(() => {});
    await agree(page, "ben@example.test");
    seen.thenLedTo = page.url().replace(home, "");
    seen.linked = await call("accounts", api);
    seen.unlinked = await call("unlink", api);
    seen.left = await call("accounts", api);
    return seen;
  });
}

/** The page of development, in a browser that runs no script. */
async function tried(api) {
  return browse(
    async (_, context) => {
      await withoutFonts(context);
      const page = await context.newPage();
      const seen = [];
      const read = async () => seen.push(await page.locator("p").first().innerText());
      await page.goto(`${api}/dev/sign-in`);
      await read();
      await page.getByRole("button", { name: "Sign in with local" }).click();
      await agree(page, "ana.maria@example.test");
      await read();
      seen.push(await page.locator("li").allInnerTexts());
      seen.push(await page.locator("button").allInnerTexts());
      await page.getByRole("button", { name: "Sign out" }).click();
      await read();
      await page.getByRole("button", { name: "Sign in with local" }).click();
      await agree(page, "ben@example.test");
      await read();
      await page.getByRole("button", { name: "Sign out" }).click();

      const carl = { name: "Carl", email: "carl@example.test", password: "the password of Carl" };
      await context.request.post(`${api}/api/auth/sign-up/email`, { data: carl, headers: { origin: api } });
      await page.reload();
      await read();
      await page.getByRole("button", { name: "Link local" }).click();
      await agree(page, carl.email);
      await read();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in with local" }).click();
      await page.getByText("Cancel").click();
      seen.push((await page.locator("[role=alert] code").innerText()).trim());
      return seen;
    },
    { javaScriptEnabled: false },
  );
}

/** The pages of the local provider load a font from elsewhere. */
function withoutFonts(context) {
  return context.route("https://fonts.googleapis.com/**", (route) => route.abort());
}

/** At the local provider: signs in where it asks who it is, agrees, and waits until it has led back. */
async function agree(page, login) {
  const atProvider = (url) => url.pathname.startsWith("/interaction/");
  await page.waitForURL(atProvider);
  const asked = page.locator("[name=login]");
  if (await asked.count()) {
    await asked.fill(login);
    await page.locator("[name=password]").fill("any");
    const before = page.url();
    await page.locator("button").click();
    await page.waitForURL((url) => url.href !== before);
    // Who was there before is signed out by a form, which waits for a click where no script runs.
    if (!atProvider(new URL(page.url()))) {
      await page.getByRole("button", { name: "Continue" }).click();
      await page.waitForURL(atProvider);
    }
  }
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL((url) => !atProvider(url));
}

/** Runs in a browser of its own. */
async function browse(use, options = {}) {
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
    const context = await browser.newContext(options);
    return await use((origin) => open(context, origin), context);
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
  return { call, page };
}
