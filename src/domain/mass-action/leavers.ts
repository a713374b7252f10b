/** SPEC G6, as a site set it. */
export interface LeaverSettings {
  readonly enabled: boolean;
  /** Null: the greater of five and a tenth of those who hold or await access. */
  readonly maxPersons: number | null;
  readonly windowHours: number;
}
const SMALLEST_LIMIT = 5;
const SHARE_OF_HOLDERS = 0.1;

/** How many people may leave within the window before the product asks whether that is so: a provider that suddenly knows nobody must not empty the site. */
export const lossLimit = (settings: Pick<LeaverSettings, 'maxPersons'>, holders: number): number => settings.maxPersons ?? Math.max(SMALLEST_LIMIT, Math.ceil(holders * SHARE_OF_HOLDERS));
