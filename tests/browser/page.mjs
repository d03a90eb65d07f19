// What the pages can do; the driver calls it. Each function gets the address of the API, which is another origin.
import { connect, signUpAndIn } from "./flow.mjs";

const json = (method, body, headers = {}) => ({
  method,
  credentials: "include",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

/** What a promise came to: its value, or the name of the error. */
const outcome = (promise) => promise.then((value) => value, (error) => `${error.name}`);

const ana = { firstName: "Ana", lastName: "Brandt" };

window.signUpAndIn = (api, name) => signUpAndIn(connect(api), name);

window.who = async (api) => (await connect(api).getSession())?.user.email ?? null;

window.signUp = (api, name) =>
  connect(api).signUp.email({ name, email: `${name}@example.test`, password: `the password of ${name}` });

window.signOut = (api) => connect(api).signOut();

/** Both lead away, and by and by to `callbackURL`. */
window.signInSocial = (api, callbackURL) => connect(api).signIn.social({ provider: "local", callbackURL });
window.linkSocial = (api, callbackURL) => connect(api).linkSocial({ provider: "local", callbackURL });

window.accounts = async (api) => (await connect(api).listAccounts()).map((account) => account.providerId);

window.unlink = async (api) => {
  const client = connect(api);
  const account = (await client.listAccounts()).find(({ providerId }) => providerId === "local");
  return (await client.unlinkAccount({ accountId: account.id })).status;
};

/** Records a patient and changes it: each needs a preflight, and the entity tag must be readable. */
window.recordPatient = async (api) => {
  const created = await fetch(`${api}/api/v1/patients`, json("POST", ana));
  const path = created.headers.get("location");
  const etag = created.headers.get("etag");
  const changed = await fetch(`${api}${path}`, json("PATCH", { phone: "+49 30 901820" }, { "if-match": etag }));
  const listed = await (await fetch(`${api}/api/v1/patients`, { credentials: "include" })).json();
  const unlisted = fetch(`${api}/api/v1/patients`, { credentials: "include", headers: { "x-unlisted": "1" } });
  return {
    created: created.status,
    etag,
    changed: changed.status,
    changedEtag: changed.headers.get("etag"),
    phones: listed.items.map((patient) => patient.phone),
    unlistedHeader: await outcome(unlisted),
    scriptSeesCookies: document.cookie !== "",
  };
};

/** Everything that a hostile page can send with its visitor's cookies; what it could read of the answers. */
window.attack = async (api, eve) => {
  const status = (path, options) => outcome(fetch(`${api}${path}`, options).then((answer) => answer.status));
  const blind = { method: "POST", mode: "no-cors", credentials: "include" };
  const patient = { method: "POST", credentials: "include", body: JSON.stringify(ana) };
  const read = {
    session: await outcome(connect(api).getSession().then((session) => session.user.email)),
    patients: await status("/api/v1/patients", { credentials: "include" }),
    recorded: await status("/api/v1/patients", json("POST", ana)),
    recordedAsText: await status("/api/v1/patients", patient),
  };
  // Status 0: sent without a preflight, and nothing of the answer can be read.
  const sent = {
    recordedBlindly: await status("/api/v1/patients", { ...blind, body: JSON.stringify(ana) }),
    signedOut: await status("/api/auth/sign-out", blind),
  };
  await submit(`${api}/api/auth/sign-in/email`, { email: `${eve}@example.org`, password: `the password of ${eve}` });
  return { ...read, ...sent };
};

/** Posts a form into a frame, as a page does that signs its visitor in to an account of its own. */
function submit(action, fields) {
  const frame = document.createElement("iframe");
  frame.name = "answer";
  document.body.append(frame);
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action, target: frame.name });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  const answered = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  form.submit();
  return answered;
}
