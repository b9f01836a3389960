// Whether this device shows notices outside of the page and makes a sound: chosen here, kept here, asked of the browser by a click alone.
import { useSyncExternalStore } from 'react';

/** What was chosen on this device. */
export interface DeviceChoice {
  browser: boolean;
  sound: boolean;
}
/** What the browser lets the desk do. */
export type Permission = 'unsupported' | 'default' | 'granted' | 'denied';

const KEY = 'holdfast.notices';
const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<DeviceChoice>;
let choice: DeviceChoice = { browser: kept.browser ?? false, sound: kept.sound ?? false };
const listeners = new Set<() => void>();

/** The choice now. */
export const deviceChoice = (): DeviceChoice => choice;

/** Changes and keeps it. */
export function chooseOnDevice(change: Partial<DeviceChoice>): void {
  choice = { ...choice, ...change };
  localStorage.setItem(KEY, JSON.stringify(choice));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The choice, as it changes. */
export const useDeviceChoice = (): DeviceChoice => useSyncExternalStore(subscribe, deviceChoice);

/** What the browser says about notices of this desk. */
export function browserPermission(): Permission {
  return 'Notification' in window ? Notification.permission : 'unsupported';
}

/** Asks the browser; only ever as the answer to a click. */
export async function askBrowser(): Promise<Permission> {
  if (!('Notification' in window)) return 'unsupported';
  return await Notification.requestPermission();
}
