// Reply, note and forward in one place, each with a draft of its own: what was meant for colleagues never stands in a reply by mistake.
import { useRef, useState } from 'react';
import type { DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/queries.ts';
import type { Me, Ticket } from '../api/types.ts';
import { cx } from '../lib/class-names.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { isEmpty, KINDS } from './content.ts';
import type { Kind } from './content.ts';
import { draftOf, useDraftState, useLookAtDesk } from './drafts.ts';
import { useAskedToShow } from './shown-kind.ts';
import { Writing } from './writing.tsx';
import type { WritingHandle } from './writing.tsx';

const KEYS = { reply: 'r', note: 'n', forward: 'w' } as const satisfies Record<Kind, string>;
const NEEDS = { reply: 'ticket.reply', note: 'ticket.note', forward: 'ticket.reply' } as const;

const allowedTo = (me: Me | undefined): Kind[] =>
  KINDS.filter((kind) => me?.permissions.includes(NEEDS[kind]) === true);

/** The composer of a ticket; nothing for who may not write there. */
export function Composer({ ticket }: { ticket: Ticket }) {
  const kinds = allowedTo(useMe().data);
  if (kinds.length === 0) return null;
  return <Drafts key={ticket.id} ticket={ticket} kinds={kinds} />;
}

function Drafts({ ticket, kinds }: { ticket: Ticket; kinds: Kind[] }) {
  const { t } = useTranslation();
  const begun = (): Kind | undefined =>
    kinds.find((kind) => !isEmpty(draftOf(ticket.id, kind).get().content));
  const [kind, setKind] = useState(() => begun() ?? kinds[0] ?? 'note');
  useLookAtDesk(ticket.id, () =>
    // What was begun elsewhere is shown, unless something is being written here already.
    setKind((now) => (isEmpty(draftOf(ticket.id, now).get().content) ? (begun() ?? now) : now)),
  );
  const [byKey, setByKey] = useState(false);
  const writing = useRef<WritingHandle | null>(null);
  const show = (next: Kind): void => {
    if (next === kind) return writing.current?.focus();
    setByKey(true);
    setKind(next);
  };
  useAskedToShow(ticket.id, (next, { write }) => (write ? show(next) : setKind(next)));
  const group = t('keys.ticket');
  useShortcuts(
    'composer',
    kinds.map((one) => ({
      ...{ keys: KEYS[one], label: t(`composer.${one}`), group },
      act: () => show(one),
    })),
  );
  const onDrop = (event: DragEvent): void => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    writing.current?.take([...event.dataTransfer.files]);
  };
  return (
    <section
      aria-label={t(`composer.${kind}`)}
      onDrop={onDrop}
      onDragOver={(event) => event.preventDefault()}
      className={cx(
        'border-t px-4 pt-2 pb-3',
        kind === 'note' ? 'border-note-line bg-note-tint' : 'border-line bg-raised',
      )}
      style={{ paddingBottom: 'max(0.75rem, env(safe-area-inset-bottom))' }}
    >
      <div role="tablist" className="mb-1 flex gap-1">
        {kinds.map((one) => (
          <Tab
            key={one}
            ticketId={ticket.id}
            kind={one}
            shown={one === kind}
            onShow={() => show(one)}
          />
        ))}
      </div>
      <Writing key={kind} {...{ ticket, kind }} focused={byKey} handle={writing} />
    </section>
  );
}

/** A way to one of the drafts, marked when there is something in it. */
function Tab({
  ticketId,
  kind,
  shown,
  onShow,
}: {
  ticketId: number;
  kind: Kind;
  shown: boolean;
  onShow: () => void;
}) {
  const { t } = useTranslation();
  const { content } = useDraftState(draftOf(ticketId, kind));
  return (
    <button
      type="button"
      role="tab"
      aria-selected={shown}
      onClick={onShow}
      className={cx(
        'inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-[13px] max-sm:h-9',
        shown ? 'bg-tint font-medium text-accent' : 'text-soft hover:text-ink',
      )}
    >
      {t(`composer.${kind}`)}
      {shown || isEmpty(content) ? null : (
        <span className="size-1.5 rounded-full bg-accent">
          <span className="sr-only">{t('composer.hasDraft')}</span>
        </span>
      )}
    </button>
  );
}
