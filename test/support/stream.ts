// The stream of changes as a client reads it.
import type { App } from '#api/app-env.ts';

/** A client at the stream. */
export interface OpenStream {
  /** Reads on until the text so far is enough; answers all of it. */
  until(enough: (text: string) => boolean): Promise<string>;
  close(): Promise<void>;
}

/** Listens to the stream of changes of a key, with more headers and a query when they are given. */
export async function openStream(
  app: App,
  key: string,
  more: Record<string, string> = {},
  query = '',
): Promise<OpenStream> {
  const headers = { authorization: `Bearer ${key}`, ...more };
  const response = await app.request(`/api/v1/events${query}`, { headers });
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error('no stream');
  const decoder = new TextDecoder();
  let text = '';
  return {
    async until(enough) {
      while (!enough(text)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended: ${text}`);
        text += decoder.decode(value, { stream: true });
      }
      return text;
    },
    close: () => reader.cancel(),
  };
}
