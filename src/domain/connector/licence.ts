/** A site's licence as the marketplace last reported it. */
export type Licence = 'active' | 'inactive' | 'notReported';

/** Why no connector is enabled under this licence, a sentence; null: it may be. One that is not reported passes where the operator, or the sandbox, accepts that (SPEC F3). */
export function licenceProblem(licence: Licence, acceptUnreported: boolean): string | null {
  switch (licence) {
    case 'active': return null;
    case 'inactive': return 'The licence of this site is not active';
    case 'notReported': return acceptUnreported ? null : 'The licence of this site is not reported';
  }
}
