import { createAuthClient } from "better-auth/client";
import { organizationClient } from "better-auth/client/plugins";
import { createAccessControl } from "better-auth/plugins/access";
import { defaultStatements } from "better-auth/plugins/organization/access";

const server = process.env.BASE_URL ?? "http://127.0.0.1:4000";

// The rights that Wardkeep has besides, as far as the program asks for them.
const ac = createAccessControl({
  ...defaultStatements,
  patient: ["create", "read", "update", "delete", "restore", "merge", "export", "hold"],
});

// Somebody with cookies of their own. A browser keeps them by itself; there `baseURL` and `plugins` are enough.
function person() {
  const cookies = new Map();
  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const auth = createAuthClient({
    baseURL: server,
    plugins: [organizationClient({ ac, teams: { enabled: true }, dynamicAccessControl: { enabled: true } })],
    fetchOptions: {
      throw: true,
      headers: { origin: server },
      onRequest({ headers }) {
        if (cookies.size) headers.set("cookie", cookie());
      },
      onResponse({ response }) {
        for (const line of response.headers.getSetCookie()) {
          const [name = "", value = ""] = line.split(";", 1).join().split("=", 2);
          if (value) cookies.set(name, value);
          else cookies.delete(name);
        }
      },
    },
  });
  const patients = async () => {
    const answer = await fetch(`${server}/api/v1/patients`, { headers: { cookie: cookie() } });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  return { auth, patients };
}

const ada = person();
await ada.auth.signUp.email({ name: "Ada", email: "ada@example.org", password: "the password of Ada" });
const clinic = await ada.auth.organization.create({ name: "Salt Lane", slug: "salt-lane" });
await ada.auth.organization.createRole({ role: "nurse", permission: { patient: ["read"] } });
const invitation = await ada.auth.organization.inviteMember({ email: "ben@example.org", role: "nurse" });

// What the page of the server does, to which the mail leads.
const ben = person();
await ben.auth.signUp.email({ name: "Ben", email: "ben@example.org", password: "the password of Ben" });
await ben.auth.organization.acceptInvitation({ invitationId: invitation.id });

// Whoever signs in again has no active organization at first.
await ben.auth.signOut();
await ben.auth.signIn.email({ email: "ben@example.org", password: "the password of Ben" });
await ben.auth.organization.setActive({ organizationId: clinic.id });
const read = await ben.auth.organization.hasPermission({ permissions: { patient: ["read"] } });
const create = await ben.auth.organization.hasPermission({ permissions: { patient: ["create"] } });
console.log(JSON.stringify([read.success, create.success, await ben.patients()]));
