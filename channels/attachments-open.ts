// Opens the attachment store that the environment names: a folder, or a bucket of S3 or of a server that speaks its protocol.
// The environment itself is read by the mains, which pass it in.
import type { AttachmentStore } from './attachments.ts';
import { createFolderStore } from './attachments-folder.ts';

/** Which store to open; credentials are not among it: S3's library finds them in the standard AWS places. */
export interface StoreSettings {
  /** Empty: `folder`. Otherwise s3://bucket or s3://bucket/prefix. */
  location: string;
  folder: string;
  /** The address of an S3-compatible server that is not AWS. */
  endpoint: string | undefined;
  region: string | undefined;
}

/** The settings of an environment; an empty value means, as docker compose passes it, not set. */
export function readStoreSettings(
  env: Record<string, string | undefined>,
  folder: string,
): StoreSettings {
  return {
    location: env['HOLDFAST_ATTACHMENTS'] ?? '',
    folder,
    endpoint: env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'] || undefined,
    region: env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || undefined,
  };
}

/** Opens the store that the settings name and proves that it can be written and read; throws one sentence when not. */
export async function openAttachmentStore(settings: StoreSettings): Promise<AttachmentStore> {
  if (settings.location === '') return createFolderStore(settings.folder);
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/+([\w!'()*./-]*))?$/.exec(
    settings.location,
  );
  if (found === null) {
    throw new Error(
      `HOLDFAST_ATTACHMENTS must be s3://bucket or s3://bucket/prefix, not "${settings.location}".`,
    );
  }
  // Loaded when it is asked for: most desks keep a folder, and the library costs a quarter of a second.
  const { openS3Store } = await import('./attachments-s3.ts');
  const prefix = (found[2] ?? '').replaceAll(/\/{2,}/g, '/').replaceAll(/^\/|\/$/g, '');
  return await openS3Store({
    bucket: found[1] ?? '',
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint: settings.endpoint,
    region: settings.region,
  });
}
