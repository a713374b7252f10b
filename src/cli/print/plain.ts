/** Controls, terminal escapes among them, and the bidirectional overrides: text that others wrote must not steer the terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/** One printable line. */
export const plain = (text: string): string => text.replaceAll(UNPRINTABLE, ' ');
