// node server.mjs --redirect-uri URI... [--port N] [--access-token-seconds N]: an OpenID Connect provider on this machine, for
// tests and for development. Its first line says where it is, as JSON; then comes a line for each grant. It takes any
// address and any password, so it listens on 127.0.0.1 alone. It ends when its standard input does.
//
// Who signs in as ana@example.test has that address, verified; an address that begins with "unverified" is not verified.
import { createServer } from "node:http";
import { parseArgs } from "node:util";

// That it forgets everything, has keys that everybody knows and takes any password is what it is for.
console.warn = console.info = () => {};
const { Provider } = await import("oidc-provider");

const { values: given } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "redirect-uri": { type: "string", multiple: true, default: [] },
    // Of a sign-in; one that comes by a refresh lives an hour in any case.
    "access-token-seconds": { type: "string", default: "3600" },
  },
});

const HOUR = 3600;
const client = {
  client_id: "wardkeep",
  client_secret: "wardkeep-on-this-machine",
  redirect_uris: given["redirect-uri"],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
};

/** Everybody who types an address is who they say. */
function account(login) {
  const email = login.includes("@") ? login : `${login}@example.test`;
  const [local] = email.split("@");
  const claims = { sub: login, email, email_verified: !local.startsWith("unverified"), name: named(local) };
  return { accountId: login, claims: () => claims };
}

/** "ana.maria" is Ana Maria. */
function named(local) {
  const words = local.split(/[._-]+/).filter(Boolean);
  return words.map((word) => word[0].toUpperCase() + word.slice(1)).join(" ");
}

const grantType = (ctx) => ctx?.oidc?.params?.grant_type;

const server = createServer();
server.listen(Number(given.port), "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client],
    claims: { email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, login) => account(login),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    cookies: { keys: ["signs the cookies of a provider that takes any password"] },
    ttl: {
      AccessToken: (ctx) => (grantType(ctx) === "refresh_token" ? HOUR : Number(given["access-token-seconds"])),
      Grant: 24 * HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
      Session: 24 * HOUR,
    },
  });
  const say = (line) => console.log(JSON.stringify(line));
  provider.on("grant.success", (ctx) => say({ grant: grantType(ctx) }));
  provider.on("grant.error", (ctx, error) => say({ refused: grantType(ctx), error: error.error }));
  provider.on("server_error", (_, error) => console.error(error));
  server.on("request", provider.callback());
  say({ issuer, clientId: client.client_id, clientSecret: client.client_secret });
});

process.stdin.on("end", () => process.exit(0)).resume();
