// What of a notice leaves the page: the browser's own notice while nobody looks at the tab, and a sound. Loaded with the first notice.
import i18next from 'i18next';
import type { QueryClient } from '@tanstack/react-query';
import { allQuery } from '../api/queries.ts';
import type { Notice, Person, Pipeline } from '../api/types.ts';
import { sentenceOf, titleOf } from './notice-words.ts';
import type { NoticeNames } from './notice-words.ts';
import { browserPermission, deviceChoice } from './this-device.ts';

const ONE_TAB_MS = 3_000;

/** What a notice of the browser carries: where a click on it leads. */
export interface NoticeData {
  address: string;
}
/** What the service worker tells a page of a click. */
export interface OpenNotice {
  openNotice: string;
}

/** Shows a notice in the browser's own way when `browser` says so, and sounds, as this device has it; several tabs do it once. */
export function tellOutside(
  client: QueryClient,
  of: { notice: Notice; browser: boolean; open: (address: string) => void },
): void {
  const { notice, browser, open } = of;
  const { browser: shows, sound } = deviceChoice();
  const show = browser && shows && browserPermission() === 'granted';
  if (!show && !sound) return;
  onceOfAllTabs(notice.id, () => {
    if (show) void showNotice(client, notice, open);
    if (sound) chime();
  });
}

/** The tab that comes first keeps the others away for a moment; without locks every tab acts for itself. */
function onceOfAllTabs(id: string, act: () => void): void {
  if (!('locks' in navigator)) return act();
  void navigator.locks.request(`holdfast.notice.${id}`, { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    act();
    await new Promise((resolve) => setTimeout(resolve, ONE_TAB_MS));
  });
}

async function showNotice(
  client: QueryClient,
  notice: Notice,
  open: (address: string) => void,
): Promise<void> {
  const body = sentenceOf(notice, i18next.t, await namesOf(client));
  const { ticketId } = notice;
  const words = titleOf(notice, i18next.t);
  const title = ticketId === null ? words : `#${ticketId} ${words}`;
  const data: NoticeData = {
    address: ticketId === null ? '/settings/incoming' : `/tickets/${ticketId}`,
  };
  // By its tag it is there once, however many tabs show it.
  const options = { body, tag: notice.id, icon: '/icon-192.png', data };
  if (await showByWorker(title, options)) return;
  try {
    const shown = new Notification(title, options);
    shown.addEventListener('click', () => {
      window.focus();
      shown.close();
      open(data.address);
    });
  } catch {
    // Browsers of phones let a service worker alone do this: without one the bell has to do.
  }
}

/** Phones show notices of a service worker alone, and its notices outlive the page. Answers false where there is none at work. */
async function showByWorker(title: string, options: NotificationOptions): Promise<boolean> {
  try {
    const registration = await navigator.serviceWorker.getRegistration();
    if (registration?.active == null) return false;
    await registration.showNotification(title, options);
    return true;
  } catch {
    // Not there at all, as on a page without https, or not to be had.
    return false;
  }
}

/** Names of people and statuses; those that the page has not loaded yet are asked for, and stay away when the desk does not answer. */
async function namesOf(client: QueryClient): Promise<NoticeNames> {
  const all = <T>(path: string): Promise<T[]> =>
    client.ensureQueryData(allQuery<T>(path)).catch(() => []);
  const [people, pipelines] = await Promise.all([
    all<Person>('/api/v1/users'),
    all<Pipeline>('/api/v1/pipelines'),
  ]);
  const statuses = pipelines.flatMap((one) => one.statuses);
  return {
    person: (id) => people.find((one) => one.id === id)?.name ?? null,
    status: (id) => statuses.find((one) => one.id === id)?.name ?? null,
  };
}

let audio: AudioContext | undefined;

/** Two short tones, made here: no file to fetch. Silent while the browser holds sound back from a page that nobody has touched. */
export function chime(): void {
  audio ??= new AudioContext();
  void audio.resume();
  const [startS, gain] = [audio.currentTime, audio.createGain()];
  gain.connect(audio.destination);
  gain.gain.setValueAtTime(0.0001, startS);
  gain.gain.exponentialRampToValueAtTime(0.12, startS + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, startS + 0.45);
  for (const [index, hertz] of [659, 880].entries()) {
    const tone = audio.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(gain);
    tone.start(startS + index * 0.12);
    tone.stop(startS + 0.5);
  }
}
