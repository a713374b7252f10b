import { bulkScenarios } from './scenarios/bulk.scenarios.js';
import { canaryScenarios } from './scenarios/canary.scenarios.js';
import { commandScenarios } from './scenarios/command.scenarios.js';
import { grantScenarios } from './scenarios/grant.scenarios.js';
import { inputScenarios } from './scenarios/input.scenarios.js';
import { intakeScenarios } from './scenarios/intake.scenarios.js';
import { lifecycleScenarios } from './scenarios/lifecycle.scenarios.js';
import { mappingImportScenarios } from './scenarios/mapping-import.scenarios.js';
import { policyScenarios } from './scenarios/policy.scenarios.js';
import { openWorld, type World } from './support/world.js';

/** The whole product as separate processes, from outside: one stack for all, because each start takes its time. */
describe('the product over HTTP', () => {
  let world: World;
  beforeAll(async () => { world = await openWorld(); }, 300_000);
  afterAll(() => world.stop(), 60_000);
  const at = (): World => world;

  describe('from the portal to the end of access', () => lifecycleScenarios(at));
  describe('intake', () => intakeScenarios(at));
  describe('policy', () => policyScenarios(at));
  describe('commands', () => commandScenarios(at));
  describe('grants', () => grantScenarios(at));
  describe('bulk decisions', () => bulkScenarios(at));
  describe('identity mappings by file', () => mappingImportScenarios(at));
  describe('bad input', () => inputScenarios(at));
  // Last: it looks through everything that the others left behind.
  describe('secrets', () => canaryScenarios(at));
});
