// What an application does with the official client, in a browser and in a program alike.
import { createAuthClient } from "better-auth/client";
import { organizationClient } from "better-auth/client/plugins";

/** The official client, which throws where the answer is an error. */
export const connect = (baseURL, fetchOptions = {}) =>
  createAuthClient({
    baseURL,
    plugins: [organizationClient({ teams: { enabled: true }, dynamicAccessControl: { enabled: true } })],
    fetchOptions: { throw: true, ...fetchOptions },
  });

/** Signs up, founds a clinic, signs out and in again, and looks after the account. Returns what it saw on the way. */
export async function signUpAndIn(client, name) {
  const email = `${name}@example.org`;
  const password = `the password of ${name}`;
  const who = async () => (await client.getSession())?.user.email ?? null;
  const seen = {};
  seen.before = await who();
  seen.signedUp = (await client.signUp.email({ name, email, password })).user.email;
  seen.afterSignUp = await who();
  const founded = await client.organization.create({ name: "Salt Lane", slug: `${name}-salt-lane` });
  seen.founded = founded.slug;
  seen.active = (await client.getSession()).session.activeOrganizationId === founded.id;
  seen.signedOut = (await client.signOut()).success;
  seen.afterSignOut = await who();
  seen.signedIn = (await client.signIn.email({ email, password })).user.email;
  seen.afterSignIn = await who();
  await client.organization.setActive({ organizationId: founded.id });
  await client.updateUser({ image: "https://img.example/face.png" });
  seen.image = (await client.getSession()).user.image;
  seen.accounts = (await client.listAccounts()).map((account) => account.providerId);
  seen.sessions = (await client.listSessions()).length;
  const changed = { currentPassword: password, newPassword: `the new password of ${name}`, revokeOtherSessions: true };
  seen.newSession = (await client.changePassword(changed)).token !== null;
  seen.active = (await client.organization.setActive({ organizationId: founded.id })).id === founded.id && seen.active;
  seen.askedToReset = (await client.requestPasswordReset({ email, redirectTo: "/new-password" })).status;
  seen.askedToVerify = (await client.sendVerificationEmail({ email })).status;
  seen.afterAll = await who();
  return seen;
}
