/** Conditional requests by ETag (RFC 9110, 13.1.2). Pure. */
import type { FastifyRequest } from 'fastify';

/** Whether the client has this answer already: it is 304 then. */
export function isSameAsKnown({ headers }: Pick<FastifyRequest, 'headers'>, etag: string): boolean {
  const known = headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return known !== undefined && (known.includes('*') || known.includes(etag.replace(/^W\//, '')));
}
