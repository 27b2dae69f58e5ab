/** The answers of IBM as the schemas of model.ts have them. Pure. */
import { z } from 'zod';

import { CloudError } from '../../../base/errors.ts';
import type { HttpAnswer, HttpRequest } from '../../../cloud/http-transport.ts';

/** One page of a listing. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins. Undefined: this was the last. */
  readonly start: string | undefined;
}

/** `key`: where the items are. VPC names the next page by `next.href`, the controller by `next_url`. */
export function pageOf<T>(key: string, item: z.ZodType<T>): z.ZodType<Page<T>> {
  return z
    .object({
      [key]: z.array(item),
      next: z.object({ href: z.string() }).optional(),
      next_url: z.string().nullish(),
    })
    .transform((page) => {
      const {
        [key]: items,
        next,
        next_url: nextUrl,
      } = page as {
        readonly [key: string]: unknown;
        readonly next?: { readonly href: string };
        readonly next_url?: string | null;
      };
      return { items: items as T[], start: startOf(next?.href ?? nextUrl ?? undefined) };
    });
}

function startOf(href: string | undefined): string | undefined {
  if (href === undefined || href === '') return undefined;
  return new URL(href, 'https://ibm.invalid').searchParams.get('start') ?? undefined;
}

/** @throws CloudError NP_CLOUD_TRANSIENT: the answer is another than was expected. */
export function read<T>(
  { method, subject }: HttpRequest,
  { body }: HttpAnswer,
  schema: z.ZodType<T> | undefined,
): T {
  if (schema === undefined) return undefined as T;
  const call = `${method} ${subject}`;
  if (body === undefined) throw unreadError(call, 'it is no JSON', method);
  const { data, error } = schema.safeParse(body);
  if (error === undefined) return data;
  const [issue] = error.issues;
  throw unreadError(call, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, method);
}

/** What was asked for may have been done. */
function unreadError(call: string, what: string, method: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `${call}: the answer is not understood: ${what}`, {
    labels: method === 'GET' ? ['retryable'] : ['retryable', 'ambiguous'],
  });
}
