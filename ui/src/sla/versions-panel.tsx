// Every save of a policy or calendar: who, when, why and what it changed; comparing two of them, and bringing one back.
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge, Failure, Skeleton } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { cx } from '../lib/class-names.ts';
import { at, exact } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { fetchNext } from '../lib/more-pages.ts';
import { ChangeList } from './change-list.tsx';
import { useChangeWords } from './changes.ts';
import { CompareDialog } from './compare-dialog.tsx';
import { Section, useMayChange } from './frame.tsx';
import { useVersions } from './queries.ts';
import { RestoreDialog } from './restore-dialog.tsx';
import type { SavedVersion, VersionedThing } from './types.ts';

/** Opens the version that a link asked for: its line stands marked, and one no longer in force is compared with the one that is. */
export function VersionsPanel({ thing, asked }: { thing: VersionedThing; asked: number | null }) {
  const { t } = useTranslation();
  const versions = useVersions(thing.path, thing.id);
  const [compared, setCompared] = useState(asked !== null && asked < thing.present ? asked : null);
  const [restored, setRestored] = useState<SavedVersion | null>(null);
  const items = versions.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title={t('slaAdmin.versions')}>
      {versions.isPending ? <Skeleton lines={3} /> : null}
      {versions.isError ? (
        <Failure error={versions.error} again={() => void versions.refetch()} />
      ) : null}
      <ol className="flex flex-col divide-y divide-line">
        {items.map((one) => (
          <VersionLine
            key={one.version}
            saved={one}
            asked={one.version === asked}
            onCompare={() => setCompared(one.version)}
            onRestore={() => setRestored(one)}
          />
        ))}
      </ol>
      {versions.hasNextPage ? (
        <Button
          small
          className="mt-2"
          busy={versions.isFetchingNextPage}
          onClick={() => void fetchNext(versions)}
        >
          {t('slaAdmin.olderVersions')}
        </Button>
      ) : null}
      <CompareDialog thing={thing} from={compared} onClose={() => setCompared(null)} />
      <RestoreDialog
        thing={thing}
        saved={restored}
        reach={items.find((one) => one.current)?.appliesTo ?? null}
        onClose={() => setRestored(null)}
      />
    </Section>
  );
}

function VersionLine({
  saved,
  asked,
  onCompare,
  onRestore,
}: {
  saved: SavedVersion;
  asked: boolean;
  onCompare: () => void;
  onRestore: () => void;
}) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const lines = useChangeWords()(saved.changes);
  const mayChange = useMayChange() === true;
  const { version, reason, current, savedBy, savedAt } = saved;
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // The list stands below the editor on a phone, and beyond the window's end elsewhere.
    if (asked) line.current?.focus();
  }, [asked]);
  return (
    <li
      ref={line}
      data-version={version}
      {...(asked ? { 'aria-current': true, tabIndex: -1 } : {})}
      className={cx(
        'flex flex-col gap-1 py-2.5 first:pt-0 last:pb-0',
        asked && 'border-s-2 border-s-accent ps-2',
      )}
    >
      <div className="flex flex-wrap items-center gap-x-2">
        <span className="font-medium">{t('slaAdmin.version', { version })}</span>
        {current ? <Badge tone="good">{t('slaAdmin.currentVersion')}</Badge> : null}
        <time
          dateTime={savedAt}
          title={exact(savedAt, i18n.language)}
          className="ms-auto text-xs text-soft"
        >
          {at(savedAt, nowMs, i18n.language)}
        </time>
      </div>
      <p className="text-[13px] break-words">
        <span className="text-soft">{savedBy?.name ?? t('slaAdmin.system')}</span>
        {reason === null ? null : <span>: {reason}</span>}
      </p>
      {version === 1 ? (
        <p className="text-[13px] text-soft">{t('slaAdmin.firstVersion')}</p>
      ) : (
        <ChangeList lines={lines} />
      )}
      {current ? null : (
        <div className="flex gap-1">
          <Button small kind="ghost" className="-ms-2" onClick={onCompare}>
            {t('slaAdmin.compare')}
          </Button>
          {mayChange ? (
            <Button small kind="ghost" onClick={onRestore}>
              {t('slaAdmin.restore')}
            </Button>
          ) : null}
        </div>
      )}
    </li>
  );
}
