// The command palette: jump to a view, a page or a ticket, and do what shortcuts do.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { useDeferredValue, useState } from 'react';
import { Dialog } from '@base-ui/react/dialog';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import type { Ticket } from '../api/types.ts';
import { Kbd } from '../components/kbd.tsx';
import { activeShortcuts } from '../lib/shortcuts.ts';
import { shellStore, useShell } from './shell-store.ts';

const GROUP =
  '[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-soft';
const ITEM = 'flex items-center gap-2 rounded-md px-2 py-2 data-[selected=true]:bg-sunken';
const close = (): void => shellStore.set({ paletteOpen: false });

export function Palette() {
  const { t } = useTranslation();
  const { paletteOpen } = useShell();
  return (
    <Dialog.Root open={paletteOpen} onOpenChange={(open) => shellStore.set({ paletteOpen: open })}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup
          aria-label={t('palette.title')}
          className="appear fixed top-[10vh] left-1/2 z-50 w-[min(38rem,94vw)] -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-raised shadow-2xl"
        >
          {paletteOpen ? <Inside /> : null}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What the palette's search answers. */
interface Found {
  tickets: (Pick<Ticket, 'id' | 'subject'> & {
    requester: { name: string | null; email: string | null };
    snippet: { text: string; hit: boolean }[] | null;
  })[];
  contacts: { id: string; name: string | null; email: string | null }[];
  hints: { text: string; message: string }[];
}

function Inside() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const words = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ['palette', words],
    queryFn: ({ signal }) =>
      call<Found>('GET', '/api/v1/search', { query: { q: words, limit: 7 }, signal }),
    enabled: words.length >= 2,
    placeholderData: (before) => before,
  });
  const number = /^#?(\d{1,9})$/.exec(words)?.[1];
  const open = (ticketId: number | string): void => {
    close();
    void navigate({ to: '/tickets/$ticketId', params: { ticketId: String(ticketId) } });
  };
  const search = (q: string): void => {
    close();
    void navigate({ to: '/views/$viewId', params: { viewId: 'search' }, search: { q } });
  };
  const acts = activeShortcuts().filter(({ keys }) => keys !== 'mod+k' && keys !== '/');
  return (
    <Command label={t('palette.title')} loop>
      <Command.Input
        autoFocus
        value={text}
        onValueChange={setText}
        placeholder={t('palette.placeholder')}
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none"
      />
      <Command.List className="max-h-[60vh] overflow-y-auto p-2">
        <Command.Empty className="p-6 text-center text-soft">
          {t('common.nothingFound')}
        </Command.Empty>
        {number === undefined ? null : (
          <Command.Item
            forceMount
            value={`ticket ${text}`}
            onSelect={() => open(number)}
            className={ITEM}
          >
            #{number}
          </Command.Item>
        )}
        {(found.data?.tickets.length ?? 0) > 0 && words.length >= 2 ? (
          <Command.Group heading={t('palette.tickets')} className={GROUP}>
            {found.data?.tickets.map((ticket) => (
              <Command.Item
                key={ticket.id}
                value={`${text} ${ticket.id} ${ticket.subject}`}
                onSelect={() => open(ticket.id)}
                className={ITEM}
              >
                <span className="w-14 shrink-0 text-soft tabular-nums">#{ticket.id}</span>
                <span className="min-w-0 flex-1">
                  <bdi className="block truncate">{ticket.subject}</bdi>
                  <Snippet parts={ticket.snippet} />
                </span>
                <span className="truncate text-xs text-soft">
                  {ticket.requester.name ?? ticket.requester.email}
                </span>
              </Command.Item>
            ))}
          </Command.Group>
        ) : null}
        {(found.data?.contacts.length ?? 0) > 0 && words.length >= 2 ? (
          <Command.Group heading={t('palette.contacts')} className={GROUP}>
            {found.data?.contacts.map((contact) => (
              <Command.Item
                key={contact.id}
                value={`${text} ${contact.id}`}
                onSelect={() => search(`from:${contact.email ?? `"${contact.name}"`}`)}
                className={ITEM}
              >
                <bdi className="min-w-0 flex-1 truncate">{contact.name ?? contact.email}</bdi>
                <span className="truncate text-xs text-soft">{contact.email}</span>
              </Command.Item>
            ))}
          </Command.Group>
        ) : null}
        {words === '' ? null : (
          <Command.Item
            forceMount
            value={`search ${text}`}
            onSelect={() => search(words)}
            className={ITEM}
          >
            {t('common.search')}
            {t('common.colon')} “{words}”
          </Command.Item>
        )}
        <Command.Group heading={t('palette.act')} className={GROUP}>
          {acts.map((one) => (
            <Command.Item
              key={one.keys}
              value={`${one.label} ${one.group}`}
              onSelect={() => {
                close();
                one.act();
              }}
              className={ITEM}
            >
              <span className="flex-1">{one.label}</span>
              <Kbd keys={one.keys} />
            </Command.Item>
          ))}
        </Command.Group>
      </Command.List>
    </Command>
  );
}

/** The words around the hit. */
function Snippet({ parts }: { parts: Found['tickets'][number]['snippet'] }) {
  if (parts === null) return null;
  return (
    <bdi className="block truncate text-xs text-soft">
      {parts.map((part, index) =>
        part.hit ? (
          <mark key={index} className="bg-warn-tint text-ink">
            {part.text}
          </mark>
        ) : (
          part.text
        ),
      )}
    </bdi>
  );
}
