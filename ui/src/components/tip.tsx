// A word on hover and focus, with the key that does the same.
import { Tooltip } from '@base-ui/react/tooltip';
import type { ReactElement } from 'react';
import { Kbd } from './kbd.tsx';

export function Tip({
  label,
  keys,
  children,
}: {
  label: string;
  keys?: string | undefined;
  children: ReactElement<Record<string, unknown>>;
}) {
  return (
    <Tooltip.Provider delay={500}>
      <Tooltip.Root>
        <Tooltip.Trigger render={children} />
        <Tooltip.Portal>
          <Tooltip.Positioner sideOffset={6} className="z-50">
            <Tooltip.Popup className="appear flex items-center gap-2 rounded-md border border-line bg-raised px-2 py-1 text-xs text-ink shadow-lg">
              {label}
              {keys === undefined ? null : <Kbd keys={keys} />}
            </Tooltip.Popup>
          </Tooltip.Positioner>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}
