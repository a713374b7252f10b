import { oktaIdOf } from '../state/identifiers.js';
import { worldPeople, worldTools } from '../world.js';
import type { OktaEvent, OktaGroup, OktaUser } from './okta-state.js';

const seededAt = '2026-01-05T08:00:00.000Z';

const fillerNames: readonly (readonly [string, string, string])[] = [
  ['Jonas', 'Weber', 'Sales'], ['Keiko', 'Tanaka', 'Finance'], ['Liam', 'Walsh', 'Support'], ['Mara', 'Ionescu', 'Engineering'],
  ['Nils', 'Berg', 'Engineering'], ['Olga', 'Petrova', 'Legal'], ['Pablo', 'Ruiz', 'Sales'], ['Quinn', 'Adler', 'Support'],
  ['Rosa', 'Conti', 'Finance'], ['Samir', 'Patel', 'Engineering'], ['Tove', 'Nielsen', 'Marketing'], ['Uwe', 'Kraus', 'Operations'],
];

function user(login: string, firstName: string, lastName: string, department: string): OktaUser {
  return {
    id: oktaIdOf('00u', login),
    status: 'ACTIVE',
    created: seededAt,
    statusChanged: seededAt,
    lastUpdated: seededAt,
    profile: { login, email: login, firstName, lastName, department },
  };
}

function group(name: string, type: OktaGroup['type'], description: string): OktaGroup {
  return { id: oktaIdOf('00g', name), type, created: seededAt, lastUpdated: seededAt, lastMembershipUpdated: seededAt, profile: { name, description } };
}

function seedUsers(): OktaUser[] {
  const people = worldPeople.flatMap((person) => {
    if (person.oktaLogin === undefined) return [];
    const [first = '', last = ''] = person.displayName.split(' ');
    return [user(person.oktaLogin, first, last, person.jiraGroups.includes('engineering') ? 'Engineering' : 'Governance')];
  });
  const filler = fillerNames.map(([first, last, department]) => user(`${first}.${last}@acme.example`.toLowerCase(), first, last, department));
  return [...people, ...filler];
}

/** The org a fresh Okta sandbox starts with: one group of every kind that a connector has to tell apart. */
export function* oktaSeed(): Iterable<OktaEvent> {
  const users = seedUsers();
  for (const one of users) yield { kind: 'user', user: one };
  const everyone = group('Everyone', 'BUILT_IN', 'All users in your organization');
  const imported = group('AD - Finance Analysts', 'APP_GROUP', 'Imported from Active Directory');
  const ruled = group('Engineering (by rule)', 'OKTA_GROUP', 'Filled by a group rule');
  const plain = ['Office Berlin', 'VPN Users', 'Managers'].map((name) => group(name, 'OKTA_GROUP', 'Managed by hand'));
  const entitlements = worldTools.flatMap((tool) =>
    tool.provider === 'okta' && tool.entitlementGroup !== undefined ? [group(tool.entitlementGroup, 'OKTA_GROUP', `Gives access to ${tool.name}`)] : [],
  );
  for (const one of [everyone, imported, ruled, ...plain, ...entitlements]) yield { kind: 'group', group: one };
  for (const { id } of users) yield { kind: 'member', groupId: everyone.id, userId: id, at: seededAt };
  for (const { id, profile } of users) {
    if (profile.department === 'Finance') yield { kind: 'member', groupId: imported.id, userId: id, at: seededAt };
    if (profile.department === 'Engineering') yield { kind: 'member', groupId: ruled.id, userId: id, at: seededAt };
  }
  yield {
    kind: 'rule',
    rule: {
      id: oktaIdOf('0pr', 'engineering'), name: 'Engineers by department', status: 'ACTIVE', created: seededAt, lastUpdated: seededAt,
      expression: 'user.department=="Engineering"', groupIds: [ruled.id], excludedUserIds: [],
    },
  };
  for (const { id, profile } of entitlements) {
    const label = profile.name.split(' - ')[1] ?? profile.name;
    yield {
      kind: 'app',
      app: {
        id: oktaIdOf('0oa', label), name: label.toLowerCase().replaceAll(' ', '_'), label, status: 'ACTIVE', signOnMode: 'SAML_2_0',
        created: seededAt, lastUpdated: seededAt, groupIds: [id],
      },
    };
  }
}
