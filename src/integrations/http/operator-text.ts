const longest = 200;
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A vendor's own words, fit for an operator's eye: one short line, with everything that could be a credential taken out,
 * because a faulty server or proxy may echo what it was sent, and everything that could be a person: logins and the ids that
 * Okta and Entra give users are sealed in the record and must not come back through an error (SPEC F14).
 */
export function operatorText(text: string, secrets: readonly string[] = []): string {
  const known = secrets.filter((secret) => secret !== '').reduce((rest, secret) => rest.replaceAll(secret, '[removed]'), text);
  const line = known
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .replace(/[^\s@"'(<]+@[^\s@"')>]+/g, '[login]')
    .replace(/\b00u[A-Za-z0-9]{17}\b/g, '[user]')
    .replace(/[A-Za-z0-9_\-+/=.~]{25,}/g, (run) => (guid.test(run) ? '[id]' : '[removed]'))
    .trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** A vendor's error code or request id as a header or body gave it, or undefined when it does not look like one. */
export function operatorCode(text: unknown): string | undefined {
  return typeof text === 'string' && /^[A-Za-z0-9_.:-]{1,64}$/.test(text) ? text : undefined;
}
