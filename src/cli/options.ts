import { InvalidArgumentError } from 'commander';
import type { Outcome, Session } from './session.js';

/** Runs a command's work and keeps its outcome, or the reason why there is none, for whoever called the command line. */
export type Perform = (work: (session: Session) => Promise<Outcome>) => Promise<void>;

/** Parser for an option that takes a whole number from 1. @throws InvalidArgumentError which commander turns into a usage problem */
export function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(text);
}
