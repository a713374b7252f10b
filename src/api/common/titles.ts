/** One title per status: RFC 9457 wants it the same for every occurrence of a type. */
export const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not well formed',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  409: 'In conflict with what is recorded',
  412: 'Changed by somebody else',
  413: 'Too large',
  415: 'Unsupported content type',
  422: 'Refused by a rule',
  428: 'A condition is required',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Temporarily unavailable',
};
