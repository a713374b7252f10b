import type { EntraConnection, OktaConnection, Provider, ProviderConnection } from '../ports/identity-provider.port.js';

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0;
const isTextOrAbsent = (value: unknown): boolean => value === undefined || isText(value);

function isOktaAuth(auth: unknown): auth is OktaConnection['auth'] {
  if (!isFields(auth)) return false;
  if (auth['kind'] === 'apiToken') return isText(auth['token']);
  const { kind, clientId, privateKeyPem, keyId, scopes } = auth;
  return kind === 'privateKeyJwt' && isText(clientId) && isText(privateKeyPem) && isTextOrAbsent(keyId) && (scopes === undefined || (Array.isArray(scopes) && scopes.every(isText)));
}
function isEntraAuth(auth: unknown): auth is EntraConnection['auth'] {
  if (!isFields(auth)) return false;
  return (auth['kind'] === 'clientSecret' && isText(auth['clientSecret'])) || (auth['kind'] === 'certificate' && isText(auth['certificatePem']));
}
const isOkta = (value: Fields): value is Fields & OktaConnection => value['provider'] === 'okta' && isText(value['orgUrl']) && isOktaAuth(value['auth']);
const isEntra = (value: Fields): value is Fields & EntraConnection =>
  value['provider'] === 'entra' && isText(value['tenantId']) && isText(value['clientId']) && isTextOrAbsent(value['authorityHost']) && isTextOrAbsent(value['graphBaseUrl']) && isEntraAuth(value['auth']);

/** Reads an opened connector configuration; null when it is none of this provider's. Says nothing about why: the text holds a secret. */
export function readProviderConnection(text: string, provider: Provider): ProviderConnection | null {
  const value = parseJson(text);
  if (!isFields(value) || value['provider'] !== provider) return null;
  if (isOkta(value)) return value;
  return isEntra(value) ? value : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Node quotes the text in the message of a SyntaxError, so it must not travel on.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
