// Where the desk may go when somebody else names the place: nowhere inside the operator's own network, unless they said so. The address
// that is judged is the one connected to, whatever the name says a moment later.
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { lookup as lookUp } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { BlockList, isIP } from 'node:net';

/** Thrown for an address of this machine, a private network, or nobody. */
export class PrivateAddress extends Error {
  readonly address: string;
  constructor(address: string) {
    super(`${address} is an address of a private network`);
    this.address = address;
  }
}

/** Whether an address belongs to this machine, a private network, or nobody. */
export function isPrivate(address: string): boolean {
  return BLOCKED.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Looks a name up and refuses what is private; a literal address is never looked up, so its caller judges that. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    const bad = error === null ? found.find(({ address }) => isPrivate(address)) : undefined;
    const [first] = found ?? [];
    if (error !== null) callback(error, '', 4);
    else if (bad !== undefined) callback(new PrivateAddress(bad.address), '', 4);
    else if (options.all === true) callback(null, found);
    else callback(null, first?.address ?? '', first?.family ?? 4);
  });
};

/** The address to connect to for a host; throws PrivateAddress when one of its addresses is private, and what the resolver says. */
export async function addressOf(host: string, allowPrivate: boolean): Promise<string> {
  const found = await lookUp(host, { all: true });
  const bad = allowPrivate ? undefined : found.find(({ address }) => isPrivate(address));
  if (bad !== undefined) throw new PrivateAddress(bad.address);
  // One is tried: without IPv6 in between, the older kind is the one that answers.
  const best = found.find(({ family }) => family === 4) ?? found[0];
  if (best === undefined) throw new Error(`${host} has no address`);
  return best.address;
}

const BLOCKED = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  BLOCKED.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  // What carries an IPv4 address inside (compatible, translated, Teredo, 6to4) could lead to a private one.
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  BLOCKED.addSubnet(network, bits, 'ipv6');
}
