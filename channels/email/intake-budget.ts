// What the mail server lets in at once: so many bytes over all connections, so many connections of one address. Beyond it senders are
// asked to come again, which every mail server does by itself; without it many large mails at once end the process.

/** Limits of a listener. */
export interface IntakeLimits {
  maxBytes: number;
  maxBytesInFlight: number;
  maxPerAddress: number;
}

/** The book of what is under way, by connection. Each call answers whether it is let in. */
export interface IntakeBudget {
  connect(connection: string, remoteAddress: string): boolean;
  /** A mail of a size its sender announces; replaces what the connection had reserved before. */
  reserve(connection: string, bytes: number): boolean;
  /** The same mail has grown to so many bytes. */
  grow(connection: string, bytes: number): boolean;
  release(connection: string): void;
  close(connection: string): void;
}

/** An empty book. */
export function createIntakeBudget(limits: IntakeLimits): IntakeBudget {
  const mostBytes = Math.max(limits.maxBytes, limits.maxBytesInFlight);
  const bytesOf = new Map<string, number>();
  const addressOf = new Map<string, string>();
  let bytesInFlight = 0;
  const hold = (connection: string, bytes: number): boolean => {
    const before = bytesOf.get(connection) ?? 0;
    if (bytes > before && bytesInFlight - before + bytes > mostBytes) return false;
    bytesInFlight += bytes - before;
    if (bytes === 0) bytesOf.delete(connection);
    else bytesOf.set(connection, bytes);
    return true;
  };
  return {
    connect(connection, remoteAddress) {
      if (isThisMachine(remoteAddress)) return true;
      const same = [...addressOf.values()].filter((one) => one === remoteAddress).length;
      if (same >= limits.maxPerAddress) return false;
      addressOf.set(connection, remoteAddress);
      return true;
    },
    reserve(connection, bytes) {
      hold(connection, 0);
      // One that announces too much is refused for its size, not for the others'.
      return hold(connection, Math.min(bytes, limits.maxBytes));
    },
    grow: (connection, bytes) => hold(connection, Math.max(bytes, bytesOf.get(connection) ?? 0)),
    release: (connection) => void hold(connection, 0),
    close(connection) {
      hold(connection, 0);
      addressOf.delete(connection);
    },
  };
}

function isThisMachine(address: string): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(address);
}
