// The frame of these settings pages: where one is, what the page is about, and room that scrolls.
import { Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '#domain/permissions.ts';
import { useMe } from '../api/queries.ts';
import type { SettingsPath } from '../pages/settings/settings-pages.ts';

export interface Place {
  to: SettingsPath;
  label: string;
}

/** A page of settings: a heading, its acts on the right, and the content. */
export function SettingsFrame({
  title,
  hint,
  back,
  acts,
  needs,
  children,
}: {
  title: ReactNode;
  hint?: string;
  /** What who changes something here must be allowed. */
  needs?: Permission;
  back?: Place;
  acts?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const mayChange = useMayChange(needs);
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-5xl flex-col gap-4 p-4 pb-16 sm:px-6">
        <header className="flex flex-wrap items-start gap-x-4 gap-y-2">
          <div className="min-w-0 flex-1 basis-60">
            {back === undefined ? null : (
              <Link
                to={back.to}
                className="mb-1 inline-flex items-center gap-1 text-[13px] text-soft hover:text-ink"
              >
                <ChevronLeft size={14} aria-hidden="true" />
                {back.label}
              </Link>
            )}
            <h1 className="flex flex-wrap items-center gap-2 text-lg font-semibold">{title}</h1>
            {hint === undefined ? null : <p className="text-soft">{hint}</p>}
            {mayChange === false ? <p className="text-warn">{t('slaAdmin.adminsOnly')}</p> : null}
          </div>
          {acts === undefined ? null : <div className="flex gap-2">{acts}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}

/** Whether who is signed in may change these settings; undefined while that is not known. */
export function useMayChange(needs: Permission = 'settings.sla'): boolean | undefined {
  const me = useMe();
  return me.data === undefined ? undefined : me.data.permissions.includes(needs);
}

/** A part of a page under its own heading. */
export function Section({
  title,
  hint,
  acts,
  children,
}: {
  title: string;
  hint?: string;
  acts?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section aria-label={title} className="rounded-lg border border-line bg-raised p-4">
      <div className="mb-3 flex flex-wrap items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{title}</h2>
          {hint === undefined ? null : <p className="text-[13px] text-soft">{hint}</p>}
        </div>
        {acts}
      </div>
      {children}
    </section>
  );
}
