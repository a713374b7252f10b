import { guidOf } from '../state/identifiers.js';
import { worldPeople, worldTools } from '../world.js';
import type { EntraEvent, EntraGroup, EntraUser } from './entra-state.js';

const seededAt = '2026-01-05T08:00:00Z';

/** What the registered app may do: members of groups, new groups, reading people and app assignments; nothing more. */
export const usualAppRoles: readonly string[] = ['GroupMember.ReadWrite.All', 'Group.Create', 'User.Read.All', 'Application.Read.All'];

const fillerNames: readonly (readonly [string, string])[] = [
  ['Vera', 'Lang'], ['Wim', 'Peeters'], ['Xenia', 'Roth'], ['Yusuf', 'Demir'], ['Zoe', 'Martin'], ['Arne', 'Holm'], ['Bianca', 'Rossi'], ['Cem', 'Aydin'],
];

export function newUser(userPrincipalName: string, givenName: string, surname: string): EntraUser {
  return {
    id: guidOf(`entra-user:${userPrincipalName.toLowerCase()}`), userPrincipalName, displayName: `${givenName} ${surname}`, givenName, surname,
    mail: userPrincipalName, accountEnabled: true, userType: 'Member', createdDateTime: seededAt,
  };
}

/** A plain security group unless told otherwise. */
export function newGroup(displayName: string, other: Partial<EntraGroup> = {}): EntraGroup {
  return {
    id: guidOf(`entra-group:${displayName}`), displayName, description: null, groupTypes: [], mailEnabled: false,
    mailNickname: displayName.replace(/[^A-Za-z0-9]/g, '').slice(0, 64), mail: null, securityEnabled: true, isAssignableToRole: null,
    onPremisesSyncEnabled: null, membershipRule: null, visibility: null, createdDateTime: seededAt, ...other,
  };
}

/** The tenant a fresh sandbox starts with: one group of every kind that a connector has to tell apart. */
export function* entraSeed(): Iterable<EntraEvent> {
  const people = worldPeople.flatMap((person) => {
    const [first = '', last = ''] = person.displayName.split(' ');
    return person.entraUpn === undefined ? [] : [newUser(person.entraUpn, first, last)];
  });
  const filler = fillerNames.map(([first, last]) => newUser(`${first}.${last}@acme.onmicrosoft.example`.toLowerCase(), first, last));
  for (const user of [...people, ...filler]) yield { kind: 'user', user };
  const company = newGroup('All Company', { groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false, mail: 'all@acme.onmicrosoft.example', visibility: 'Public' });
  const groups = [
    company,
    newGroup('Engineering (dynamic)', { groupTypes: ['DynamicMembership'], membershipRule: 'user.department -eq "Engineering"' }),
    newGroup('Finance Distribution', { mailEnabled: true, securityEnabled: false, mail: 'finance@acme.onmicrosoft.example' }),
    newGroup('Mail Security Staff', { mailEnabled: true, mail: 'staff@acme.onmicrosoft.example' }),
    newGroup('Helpdesk Administrators', { isAssignableToRole: true }),
    newGroup('AD Office Printers', { onPremisesSyncEnabled: true }),
    newGroup('Office Berlin'),
    newGroup('Contractors'),
  ];
  for (const group of groups) yield { kind: 'group', group };
  for (const user of [...people, ...filler]) yield { kind: 'member', groupId: company.id, userId: user.id };
  for (const tool of worldTools) {
    if (tool.provider !== 'entra' || tool.entitlementGroup === undefined) continue;
    const group = newGroup(tool.entitlementGroup, { description: `Gives access to ${tool.name}` });
    yield { kind: 'group', group };
    const assignment = { id: guidOf(`assignment:${tool.key}`), groupId: group.id, resourceId: guidOf(`app:${tool.key}`), resourceDisplayName: tool.name, createdDateTime: seededAt };
    yield { kind: 'assignment', assignment };
  }
  yield { kind: 'appRoles', roles: [...usualAppRoles] };
}
