// Attachments in a bucket of S3 or of a server that speaks its protocol. Credentials come from the standard AWS places, by AWS' own
// library. Nothing is ever overwritten with something else, since a key is the hash of its content.
import type { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AttachmentMissing, describeContent, requireKey, StoreAway } from './attachments.ts';
import type { AttachmentStore } from './attachments.ts';

/** Which bucket, and where. */
export interface S3Settings {
  bucket: string;
  /** Empty, or ends with a slash. */
  prefix: string;
  /** The address of a server that is not AWS; its buckets are then part of the path. */
  endpoint: string | undefined;
  region: string | undefined;
}

const PROBE = 'Holdfast can write here.';
const CONNECT_MS = 5_000;
const IDLE_MS = 30_000;

/** Opens the bucket, writes a file and reads it again; throws one sentence that says what is wrong with the settings. */
export async function openS3Store(settings: S3Settings): Promise<AttachmentStore> {
  const store = createS3Store(settings);
  try {
    const { key } = await store.put(Buffer.from(PROBE));
    if ((await store.get(key)).toString() !== PROBE) throw new Error('it answers other bytes');
  } catch (error) {
    const at = settings.endpoint === undefined ? '' : ` at ${settings.endpoint}`;
    throw new Error(`HOLDFAST_ATTACHMENTS=s3://${settings.bucket}${at}: ${whatIsWrong(error)}`, {
      cause: error,
    });
  }
  return store;
}

function createS3Store({ bucket, prefix, endpoint, region }: S3Settings): AttachmentStore {
  const client = new S3Client({
    // Servers that are not AWS take any region, but the signature needs one.
    ...(region !== undefined ? { region } : endpoint !== undefined ? { region: 'us-east-1' } : {}),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 3,
    // The signature covers the content's hash already; the newer checksums are unknown to many compatible servers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: IDLE_MS },
  });
  const place = (key: string): { Bucket: string; Key: string } => {
    requireKey(key);
    return { Bucket: bucket, Key: `${prefix}${key.slice(0, 2)}/${key}` };
  };
  const open = async (key: string) => {
    const { Body } = await client.send(new GetObjectCommand(place(key))).catch(giveUp);
    if (Body === undefined) throw new StoreAway('The bucket answered without a content.');
    return Body;
  };
  return {
    async put(content) {
      const described = describeContent(content);
      const put = { ...place(described.key), Body: content, ContentLength: content.byteLength };
      await client.send(new PutObjectCommand(put)).catch(giveUp);
      return described;
    },
    async get(key) {
      const body = await open(key);
      return Buffer.from(await body.transformToByteArray().catch(giveUp));
    },
    // On Node the body is a Readable; the type also allows for browsers.
    stream: async (key) => (await open(key)) as Readable,
  };
}

function giveUp(error: unknown): never {
  const { name } = error as { name?: string };
  if (name === 'NoSuchKey') throw new AttachmentMissing('The bucket has no such attachment.');
  throw new StoreAway(`The attachments' bucket refused: ${textOf(error)}`, { cause: error });
}

function textOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(textOf).join(', ');
  const { name, message } = error as { name?: string; message?: string };
  const told = message === undefined || message === '' ? (name ?? 'unknown error') : message;
  return told.replaceAll(/\s+/g, ' ').slice(0, 200);
}

/** What an operator can do about a bucket that refuses at start. */
function whatIsWrong(error: unknown): string {
  const cause = error instanceof StoreAway ? error.cause : error;
  const { name = '', code = '' } = (cause ?? {}) as { name?: string; code?: string };
  const said = `(${textOf(cause)})`;
  if (name === 'NoSuchBucket') return `there is no such bucket ${said}.`;
  if (/Credentials|^InvalidAccessKeyId$|^SignatureDoesNotMatch$|Token$/.test(name)) {
    return `the credentials are missing or wrong, see AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY ${said}.`;
  }
  if (/AccessDenied|Forbidden|^403$/.test(name)) {
    return `these credentials may not write and read there ${said}.`;
  }
  if (/Redirect|AuthorizationHeaderMalformed|Region/i.test(`${name} ${said}`)) {
    return `the bucket is in another region, see AWS_REGION ${said}.`;
  }
  if (/^E[A-Z]+$|Timeout/.test(`${code || name}`)) {
    return `the server cannot be reached, see AWS_ENDPOINT_URL_S3 ${said}.`;
  }
  return `it cannot be used ${said}.`;
}
