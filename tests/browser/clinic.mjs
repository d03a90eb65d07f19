// A clinic of two people with the official client: an invitation by mail, a team, a role made at run time, a removal.

/** What a call came to: its value, or the status and code of the error. */
const outcome = (promise) => promise.then((value) => value, (error) => `${error.status} ${error.error?.code}`);

/**
 * `ada` and `ben` are people with a client and a `send(method, path, body)` of their own; `mailTo(address)` waits for the
 * newest mail to an address. Returns what they saw on the way.
 */
export async function clinic(ada, ben, mailTo) {
  const seen = {};
  for (const [person, name] of [[ada, "Ada"], [ben, "Ben"]]) {
    const email = `${name.toLowerCase()}@example.org`;
    await person.client.signUp.email({ name, email, password: `the password of ${name}` });
  }
  const patients = async (person) => (await person.send("GET", "/api/v1/patients")).status;
  const record = async (person) => {
    const answer = await person.send("POST", "/api/v1/patients", { firstName: "Ana", lastName: "Brandt" });
    return answer.status;
  };

  const founded = await ada.client.organization.create({ name: "Salt Lane", slug: "salt-lane" });
  const team = await ada.client.organization.createTeam({ name: "Night shift" });
  await ada.client.organization.createRole({ role: "Nurse", permission: { patient: ["read"] } });
  const invite = { email: "Ben@example.org", role: "nurse", teamId: team.id };
  const invited = await ada.client.organization.inviteMember(invite);
  seen.invitedTwice = await outcome(ada.client.organization.inviteMember(invite));
  seen.before = await patients(ben);

  const mail = await mailTo("ben@example.org");
  const [, id] = /\/accept-invitation\/([0-9a-f-]{36})\b/.exec(mail);
  seen.mailed = id === invited.id && mail.includes("Salt Lane") && mail.includes("Ada");
  const card = await ben.client.organization.getInvitation({ query: { id } });
  seen.card = [card.organizationName, card.inviterEmail, card.role];
  const { member } = await ben.client.organization.acceptInvitation({ invitationId: id });
  seen.role = member.role;
  const { session } = await ben.client.getSession();
  seen.active = session.activeOrganizationId === founded.id && session.activeTeamId === team.id;
  const shift = await ben.client.organization.listTeamMembers({ query: { teamId: team.id } });
  seen.shift = shift.map((place) => place.userId === member.userId);
  seen.acceptedTwice = await outcome(ben.client.organization.acceptInvitation({ invitationId: id }));

  const may = async (permissions) => (await ben.client.organization.hasPermission({ permissions })).success;
  seen.may = [await may({ patient: ["read"] }), await may({ patient: ["create"] })];
  seen.nurse = [await patients(ben), await record(ben)];
  const data = { permission: { patient: ["read", "create"] } };
  await ada.client.organization.updateRole({ roleName: "nurse", data });
  seen.mayNow = [await may({ patient: ["read"] }), await may({ patient: ["create"] })];
  seen.nurseNow = [await patients(ben), await record(ben)];
  seen.mayNotInvite = await outcome(ben.client.organization.inviteMember({ email: "eve@example.org", role: "member" }));
  seen.roleInUse = await outcome(ada.client.organization.deleteRole({ roleName: "nurse" }));

  const full = await ada.client.organization.getFullOrganization();
  // The clock of the test stands still, so that neither is the older one.
  seen.members = full.members.map((member) => [member.user.name, member.role]).sort();
  seen.teams = full.teams.map((team) => [team.name, team.memberCount]).sort();
  await ada.client.organization.removeMember({ memberIdOrEmail: "ben@example.org" });
  seen.after = [
    await patients(ben),
    await record(ben),
    await outcome(ben.client.organization.hasPermission({ permissions: { patient: ["read"] } })),
    await outcome(ben.client.organization.getFullOrganization()),
    await outcome(ben.client.organization.listTeamMembers({ query: { teamId: team.id } })),
    (await ben.client.organization.list()).length,
  ];
  seen.staysSignedIn = (await ben.client.getSession()).user.email;
  return seen;
}
