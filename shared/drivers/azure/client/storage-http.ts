/** The client of storage takes HTTP clients of an older kind only: the same with other words. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { StoragePipelineOptions } from '@azure/storage-blob';

import { libraries } from './libraries.ts';

type OldHttpClient = NonNullable<StoragePipelineOptions['httpClient']>;

export async function asOldHttp(http: HttpClient): Promise<OldHttpClient> {
  const { createHttpHeaders, createPipelineRequest } = await libraries.http();
  return {
    sendRequest: async (old) => {
      const { url, method, timeout, abortSignal } = old;
      const body = old.body as Uint8Array | undefined;
      const request = createPipelineRequest({
        ...{ url, method, timeout },
        headers: createHttpHeaders(old.headers.rawHeaders()),
        ...(body !== undefined && { body }),
        ...(abortSignal !== undefined && { abortSignal }),
      });
      const { status, headers: given, bodyAsText = null } = await http.sendRequest(request);
      const headers = old.headers.clone();
      for (const name of headers.headerNames()) headers.remove(name);
      for (const [name, value] of given) headers.set(name, value);
      return { status, headers, bodyAsText, request: old };
    },
  };
}
