// The sandbox Okta and Jira in a process of their own, so that what they cost is not counted as the product's.
import { startJiraSandbox } from '../../dist/sandbox/jira/jira-sandbox.js';
import { startOktaSandbox } from '../../dist/sandbox/okta/okta-sandbox.js';
import { serveAsChild } from './child.mjs';

const okta = await startOktaSandbox();
// Requests come in over REST here: Jira's events would make each a second time.
const jira = await startJiraSandbox({ siteId: 'acme', delivery: { deliver: () => Promise.resolve({ status: 202 }) } });
serveAsChild({ okta: { baseUrl: okta.baseUrl, apiToken: okta.apiToken }, jira: { baseUrl: jira.baseUrl, apiToken: jira.apiToken, propertyKey: jira.propertyKey, projectKey: jira.projectKey } }, () => Promise.all([okta.stop(), jira.stop()]));
