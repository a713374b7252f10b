/** Time that moves when somebody waits, and not otherwise. */
export class VirtualClock {
  constructor(public ms: number) {}
  now(): Date { return new Date(this.ms); }
  advance(ms: number): void { this.ms += ms; }
}
