// Files on their way to the desk: uploaded as soon as they are chosen, so that sending does not wait for them.
import { useState } from 'react';
import { toast } from 'sonner';
import { call } from '../api/client.ts';
import { useWordsFor } from '../components/bits.tsx';
import type { File as Uploaded } from './content.ts';

/** Uploads one file; throws ApiError. */
async function upload(file: File): Promise<Uploaded> {
  const body = new FormData();
  body.append('file', file);
  const idempotencyKey = crypto.randomUUID();
  const { id } = await call<{ id: string }>('POST', '/api/v1/attachments', {
    ...{ body, idempotencyKey },
  });
  return { id, name: file.name };
}

/** Uploads, and what is under way. */
export interface Uploads {
  pending: { key: string; name: string }[];
  /** Calls back once it is there; a failure is said and forgotten. */
  add: (file: File, done: (file: Uploaded) => void) => void;
}

/** The uploads of one composer. */
export function useUploads(): Uploads {
  const words = useWordsFor();
  const [pending, setPending] = useState<Uploads['pending']>([]);
  const add: Uploads['add'] = (file, done) => {
    const key = crypto.randomUUID();
    setPending((all) => [...all, { key, name: file.name }]);
    upload(file)
      .then(done, (error: unknown) => void toast.error(`${file.name}: ${words(error)}`))
      .finally(() => setPending((all) => all.filter((one) => one.key !== key)));
  };
  return { pending, add };
}
