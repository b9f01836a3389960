// What a try of a mailbox's servers can find, as the API says it and the workspace words it.

/** Why a server could not be used, by how far the try came. */
export const SERVER_FAULTS = [
  ...(['privateAddress', 'unknownHost', 'unreachable', 'timedOut'] as const),
  ...(['insecure', 'signIn', 'folder', 'refused'] as const),
] as const;
/** One of them. */
export type ServerFault = (typeof SERVER_FAULTS)[number];

/** How one server answered a try. */
export interface TriedServer {
  ok: boolean;
  /** Null when all went well. */
  fault: ServerFault | null;
  /** The server's own words, or the network's; never a password. */
  text: string;
  /** The address that was connected to; null when none was. */
  address: string | null;
  /** Null where nothing was encrypted. */
  tls: { protocol: string; cipher: string } | null;
  tookMs: number;
}

/** Both servers of a mailbox; null for one that it has not. */
export interface TriedServers {
  imap: TriedServer | null;
  smtp: TriedServer | null;
}
