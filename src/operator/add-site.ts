import { z } from 'zod';
import { readSiteConfig } from '../config/operator-env.js';
import { jiraCredentialContext } from '../application/ports/sealing.port.js';
import { parseServiceUrl, ServiceUrlRefused } from '../integrations/http/service-url.js';
import { createSymmetricSealing } from '../integrations/sealing/symmetric-sealing.js';
import { registerSite } from '../persistence/bootstrap.js';
import { reasonOf } from './migrate-database.js';
import { OperatorProblem, type OperatorContext, type Outcome } from './operator-command.js';

export const siteOptions = z.strictObject({
  key: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected up to 40 of a-z, 0-9 and "-", a letter or digit first'),
  name: z.string().min(1).max(200).optional(),
  timeZone: z.string().refine(isTimeZone, 'expected an IANA name such as Europe/Berlin').default('UTC'),
  jiraUrl: z.string(),
  jiraEmail: z.string().min(3).optional(),
  tokenStdin: z.boolean().default(false),
  propertyKey: z.string().regex(/^[\w.-]{1,255}$/, 'expected the key of an issue property'),
  cloudId: z.string().min(1).optional(),
  installationId: z.string().min(1).optional(),
});

/**
 * `site add`: registers a tenant with its Jira, the token sealed for the API and the governance worker. Repeated for a known key it replaces name, zone,
 * address and token, and keeps cloud and installation id where none is given.
 * @throws OperatorProblem, ConfigurationProblem
 */
export async function addSite(given: unknown, { environment, readInput }: OperatorContext): Promise<Outcome> {
  const parsed = siteOptions.safeParse(given);
  if (!parsed.success) throw new OperatorProblem(parsed.error.issues.map(({ path, message }) => `--${path.join('.').replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}: ${message}`).join('; '), 'aiclearance site add --help');
  const options = parsed.data;
  const config = readSiteConfig(environment);
  const jiraBaseUrl = addressOf(options.jiraUrl);
  const { token, trimmed } = tokenOf(options.tokenStdin ? await readInput() : config.JIRA_TOKEN);
  const auth = options.jiraEmail === undefined ? { kind: 'bearer', token } : { kind: 'basic', email: options.jiraEmail, token };
  const jiraAuthSealed = await createSymmetricSealing(config.JIRA_SEALING_KEYS).seal(jiraCredentialContext(options.key), JSON.stringify(auth));
  const { cloudId, installationId } = options;
  try {
    await registerSite(config.OWNER_DATABASE_URL, {
      id: options.key, name: options.name ?? options.key, timeZone: options.timeZone, jiraBaseUrl, jiraPropertyKey: options.propertyKey, jiraAuthSealed,
      ...(cloudId === undefined ? {} : { cloudId }), ...(installationId === undefined ? {} : { installationId }),
    });
  } catch (error) {
    throw new OperatorProblem(`The site can't be written: ${reasonOf(error)}.`, 'Run "aiclearance db migrate" first; OWNER_DATABASE_URL must be the same.', { cause: error });
  }
  return {
    answer: { site: options.key, jiraUrl: jiraBaseUrl, credential: auth.kind, tokenTrimmed: trimmed },
    lines: [
      `Site ${options.key} is registered with ${jiraBaseUrl}.`,
      ...(trimmed ? ['The token had blanks or a line break around it, which were taken off.'] : []),
      'Next: sign in as its admin and set up intake, routing and connectors; aiclearance doctor says what is missing.',
    ],
  };
}

function addressOf(raw: string): string {
  try {
    return parseServiceUrl(raw, { name: '--jira-url' });
  } catch (error) {
    if (error instanceof ServiceUrlRefused) throw new OperatorProblem(`${error.message}.`);
    throw error;
  }
}

function tokenOf(raw: string | undefined): { readonly token: string; readonly trimmed: boolean } {
  const token = raw?.trim() ?? '';
  if (token === '') throw new OperatorProblem('No Jira token.', 'Put it into JIRA_TOKEN, or pipe it in with --token-stdin.');
  if (!/^[\x21-\x7e]+$/.test(token)) throw new OperatorProblem('The Jira token has blanks or line breaks inside.');
  return { token, trimmed: token !== raw };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
