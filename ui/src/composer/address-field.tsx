// Whom a message goes to: an address after the other, each with its way out; contacts are offered while one is typed. What is being
// typed is the last of the list already, so that neither a draft nor a message goes without it.
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useDeferredValue, useId, useState } from 'react';
import type { ClipboardEvent, KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { useMe } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import { cx } from '../lib/class-names.ts';
import { addressesOf, isAddress, withAddresses } from './addresses.ts';

interface Contact {
  id: string;
  name: string | null;
  email: string | null;
}
const OFFERED = 6;

function useContacts(text: string): Contact[] {
  const me = useMe();
  const q = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ['contacts', q],
    queryFn: ({ signal }) =>
      call<Page<Contact>>('GET', '/api/v1/contacts', { query: { q, limit: OFFERED }, signal }),
    enabled: q.length >= 2 && me.data?.permissions.includes('contact.view') === true,
  });
  return q.length < 2 ? [] : (found.data?.items ?? []).filter(({ email }) => email !== null);
}

export interface AddressFieldProps {
  label: string;
  value: string[];
  onChange: (value: string[]) => void;
  autoFocus?: boolean;
}

export function AddressField({ label, value, onChange, autoFocus = false }: AddressFieldProps) {
  const id = useId();
  const [typing, setTyping] = useState(false);
  const [index, setIndex] = useState<number | null>(null);
  const text = typing ? (value.at(-1) ?? '') : '';
  const chips = typing ? value.slice(0, -1) : value;
  const contacts = useContacts(text);
  // A name is looked up, an address may be a new one: Enter takes it as it is.
  const marked = index ?? (text.includes('@') ? -1 : 0);
  const open = contacts.length > 0 && text !== '';
  const take = (more: string[]): void => {
    setTyping(false);
    setIndex(null);
    onChange(withAddresses(chips, more));
  };
  const type = (next: string): void => {
    setIndex(null);
    const whole = /[,;\n]/.test(next) || (/\s$/.test(next) && isAddress(next.trim()));
    if (whole || next === '') return take(addressesOf(next));
    setTyping(true);
    onChange([...chips, next]);
  };
  const paste = (event: ClipboardEvent): void => {
    const pasted = addressesOf(event.clipboardData.getData('text/plain'));
    if (text !== '' || !pasted.some(isAddress)) return;
    event.preventDefault();
    take(pasted);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Backspace' && text === '') return onChange(chips.slice(0, -1));
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (open && step !== 0) setIndex((marked + step + contacts.length) % contacts.length);
    else if (event.key === 'Enter' && text !== '') {
      const contact = open ? contacts[marked] : undefined;
      take(contact?.email != null ? [contact.email] : addressesOf(text));
    } else if (event.key === 'Escape' && open) take(addressesOf(text));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="relative flex min-w-0 items-start gap-2 py-0.5">
      <label htmlFor={id} className="shrink-0 leading-6">
        {label}
      </label>
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1">
        {chips.map((one) => (
          <Chip
            key={one}
            address={one}
            onRemove={() => onChange(value.filter((other) => other !== one))}
          />
        ))}
        <input
          id={id}
          autoFocus={autoFocus}
          autoComplete="off"
          role="combobox"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          {...(open && marked >= 0 ? { 'aria-activedescendant': `${id}-${marked}` } : {})}
          inputMode="email"
          value={text}
          onChange={({ target }) => type(target.value)}
          onKeyDown={press}
          onPaste={paste}
          onBlur={() => (text === '' ? undefined : take(addressesOf(text)))}
          className="h-6 min-w-12 flex-1 bg-transparent text-ink outline-none max-sm:text-base"
        />
      </div>
      {open ? (
        <ul
          id={`${id}-list`}
          role="listbox"
          aria-label={label}
          className="absolute bottom-full z-30 w-full max-w-sm rounded-lg border border-line bg-raised p-1 text-ink shadow-xl"
        >
          {contacts.map((contact, at) => (
            <li
              key={contact.id}
              id={`${id}-${at}`}
              role="option"
              aria-selected={at === marked}
              onMouseDown={(event) => {
                event.preventDefault();
                take([contact.email ?? '']);
              }}
              className={cx(
                'flex items-baseline gap-2 rounded-md px-2 py-1.5 max-sm:py-2.5',
                at === marked ? 'bg-sunken' : 'hover:bg-sunken',
              )}
            >
              <bdi className="truncate">{contact.name ?? contact.email}</bdi>
              {contact.name === null ? null : (
                <span className="truncate text-xs text-soft">{contact.email}</span>
              )}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** One address; marked when it cannot be written to. */
function Chip({ address, onRemove }: { address: string; onRemove: () => void }) {
  const { t } = useTranslation();
  const valid = isAddress(address);
  return (
    <span
      title={valid ? address : t('composer.notAnAddress')}
      className={cx(
        'inline-flex max-w-full items-center gap-1 rounded border px-1.5 leading-5',
        valid ? 'border-line bg-sunken text-ink' : 'border-danger bg-danger-tint text-danger',
      )}
    >
      <bdi className="truncate">{address}</bdi>
      {valid ? null : <span className="sr-only">{t('composer.notAnAddress')}</span>}
      <button
        type="button"
        aria-label={`${t('common.remove')} ${address}`}
        onClick={onRemove}
        className="-me-0.5 rounded text-soft hover:text-ink"
      >
        <X size={12} aria-hidden="true" />
      </button>
    </span>
  );
}
