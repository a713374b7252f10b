/** Far above any real list; a server that never ends its pages must not hold a worker for ever. */
const mostPages = 100_000;

/**
 * Notices page links that go in circles, in constant memory however long the list: one link is remembered and replaced at each
 * power of two (Brent's cycle detection), so a circle is noticed within three times its length and a link to the page itself at once.
 */
export class PageTrail {
  private remembered: string | null = null;
  private steps = 0;
  private replaceAt = 1;

  /** False when the link was seen before or the list has no end. */
  leadsOn(next: string): boolean {
    this.steps += 1;
    if (next === this.remembered || this.steps > mostPages) return false;
    if (this.steps >= this.replaceAt) {
      this.remembered = next;
      this.replaceAt *= 2;
    }
    return true;
  }
}
