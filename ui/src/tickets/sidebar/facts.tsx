// Names and values in two columns; what has no value is left out.
import { Fragment } from 'react';
import type { ReactNode } from 'react';

export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  const shown = of.filter(([, value]) => value !== undefined && value !== null);
  if (shown.length === 0) return null;
  return (
    <dl className="mt-1.5 grid grid-cols-[minmax(5rem,38%)_minmax(0,1fr)] items-baseline gap-x-3 gap-y-1.5 text-[13px]">
      {shown.map(([name, value]) => (
        <Fragment key={name}>
          <dt className="break-words text-soft">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
