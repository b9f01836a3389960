// Fetches the raw source of a message as text: the one answer of the API that is no JSON.
import { ApiError } from '../../../api/client.ts';

/** How much of a source is shown; the whole of it can be downloaded. */
export const SOURCE_SHOWN = 200_000;

/** The source; throws ApiError. */
export async function fetchSource(id: string): Promise<string> {
  const answer = await fetch(`/api/v1/inbound/${id}/source`, {
    headers: { 'x-holdfast': '1' },
    credentials: 'same-origin',
  });
  if (answer.ok) return await answer.text();
  const { status, statusText } = answer;
  throw new ApiError({
    ...{ detail: statusText, status, errors: [] },
    code: status === 404 ? 'notFound' : 'internal',
  });
}
