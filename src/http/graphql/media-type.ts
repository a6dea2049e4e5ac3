/** Media type of GraphQL over HTTP, with which a request that is not executed has a status of its own. */
export const RESPONSE_JSON = 'application/graphql-response+json';

/** Older clients ask for this one, and expect 200. */
const PLAIN_JSON = 'application/json';

/** The media type to answer with: the modern one where `accept` names it and prefers nothing to it. */
export function responseTypeOf(accept: string | undefined): string {
  // What nearly everybody sends needs no reading.
  if (accept === undefined || !accept.includes('+')) return PLAIN_JSON;
  const quality = qualitiesOf(accept);
  const modern = quality.get(RESPONSE_JSON) ?? 0;
  return 0 < modern && (quality.get(PLAIN_JSON) ?? 0) <= modern ? RESPONSE_JSON : PLAIN_JSON;
}

function qualitiesOf(accept: string): ReadonlyMap<string, number> {
  return new Map(
    accept.split(',').map((range) => {
      const [type = '', ...parameters] = range.toLowerCase().split(';');
      const quality = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]);
      return [type.trim(), Number(quality.find((one) => one !== undefined) ?? 1)];
    }),
  );
}
