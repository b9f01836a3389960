// A menu of acts behind a button.
import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { cx } from '../lib/class-names.ts';
import { Kbd } from './kbd.tsx';

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  /** A line above it. */
  apart?: boolean;
  act: () => void;
}

export function Menu({
  trigger,
  items,
}: {
  trigger: ReactElement<Record<string, unknown>>;
  items: MenuItem[];
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end" className="z-50">
          <Base.Popup className="appear min-w-48 rounded-lg border border-line bg-raised p-1 shadow-xl outline-none">
            {items.map((item) => (
              <div key={item.label}>
                {item.apart === true ? <Base.Separator className="my-1 h-px bg-line" /> : null}
                <Base.Item
                  disabled={item.disabled === true}
                  onClick={item.act}
                  className={cx(
                    'flex items-center gap-2 rounded-md px-2 py-1.5 outline-none data-[highlighted]:bg-sunken max-sm:py-2.5',
                    'data-[disabled]:opacity-50',
                    item.danger === true && 'text-danger',
                  )}
                >
                  {item.icon}
                  <span className="flex-1">{item.label}</span>
                  {item.keys === undefined ? null : <Kbd keys={item.keys} />}
                </Base.Item>
              </div>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
