import { z } from 'zod';
import { bodyOf, PEOPLE, type World } from '../support/world.js';

const importShape = z.looseObject({ id: z.string(), status: z.literal('done'), counts: z.record(z.string(), z.int()), results: z.array(z.looseObject({ fate: z.string(), code: z.string().optional() })) });

/** A file of identity mappings, through the edge, the run of its import and the core worker to a vendor and back (SPEC F5). */
export function mappingImportScenarios(at: () => World): void {
  it('says in a dry run what becomes of each row, as the provider knows its people', async () => {
    const ada = at().info.people.find(({ accountId }) => accountId === PEOPLE.ada);
    const rows = [`${PEOPLE.ada},okta,${ada?.oktaLogin ?? ''}`, `somebody-else,okta,${ada?.oktaLogin ?? ''}`, 'nobody,entra,nobody@nowhere.example', 'nobody,entra,again@nowhere.example', 'x,ldap,y'];
    const body = { csv: `\u{FEFF}accountId,provider,externalLogin\r\n${rows.join('\r\n')}\r\n` };
    const dry = bodyOf(await at().as('erin').post('/identity-mappings/import?dryRun=true', body), 200, importShape);
    expect(dry.results.map(({ fate }) => fate)).toEqual(['unchanged', 'alias', 'unresolved', 'duplicate', 'bad']);
    const real = bodyOf(await at().as('erin').post('/identity-mappings/import', body), 200, importShape);
    expect(real.counts).toEqual(dry.counts);
    expect(bodyOf(await at().as('erin').get(`/identity-mappings/imports/${real.id}/rows?fate=alias`), 200, z.looseObject({ items: z.array(z.looseObject({ code: z.string() })) })).items).toEqual([expect.objectContaining({ code: 'mapping.alias' })]);
    expect((await at().as('carla').get(`/identity-mappings/imports/${real.id}`)).status).toBe(403);
  });
}
