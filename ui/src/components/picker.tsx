// Choosing one (or several) of many by typing: assignee, status, priority, tags, teams.
import { Popover } from '@base-ui/react/popover';
import { Command } from 'cmdk';
import { Check } from 'lucide-react';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export interface Choice {
  id: string;
  label: string;
  /** What else finds it. */
  words?: string;
  icon?: ReactNode;
  /** Said small, on the right. */
  hint?: string;
  group?: string;
}

export interface PickerProps {
  trigger: ReactElement<Record<string, unknown>>;
  label: string;
  choices: Choice[];
  chosen: readonly string[];
  /** Called with the one chosen; a picker of several stays open. */
  onChoose: (id: string) => void;
  several?: boolean;
  /** Offers what was typed as a new one. */
  onCreate?: (text: string) => void;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

export function Picker(props: PickerProps) {
  const { t } = useTranslation();
  const [inner, setInner] = useState(false);
  const [text, setText] = useState('');
  const open = props.open ?? inner;
  const setOpen = (next: boolean): void => {
    setInner(next);
    props.onOpenChange?.(next);
    if (!next) setText('');
  };
  const groups = [...new Set(props.choices.map((one) => one.group ?? ''))];
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger render={props.trigger} />
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} align="start" className="z-50">
          <Popover.Popup
            aria-label={props.label}
            className="appear w-72 max-w-[94vw] overflow-hidden rounded-lg border border-line bg-raised shadow-xl outline-none"
          >
            <Command label={props.label} loop>
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder={props.label}
                className="h-10 w-full border-b border-line bg-transparent px-3 outline-none"
              />
              <Command.List className="max-h-72 overflow-y-auto p-1">
                <Command.Empty className="px-3 py-4 text-center text-soft">
                  {t('common.nothingFound')}
                </Command.Empty>
                {groups.map((group) => (
                  <Command.Group
                    key={group}
                    heading={group}
                    className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-soft"
                  >
                    {props.choices
                      .filter((one) => (one.group ?? '') === group)
                      .map((one) => (
                        <Command.Item
                          key={one.id}
                          value={`${one.label} ${one.words ?? ''} ${one.id}`}
                          onSelect={() => {
                            props.onChoose(one.id);
                            if (props.several !== true) setOpen(false);
                          }}
                          className="flex items-center gap-2 rounded-md px-2 py-1.5 data-[selected=true]:bg-sunken max-sm:py-2.5"
                        >
                          {one.icon}
                          <span className="min-w-0 flex-1 truncate">{one.label}</span>
                          {one.hint === undefined ? null : (
                            <span className="text-xs text-soft">{one.hint}</span>
                          )}
                          {props.chosen.includes(one.id) ? (
                            <Check size={14} aria-hidden="true" />
                          ) : null}
                        </Command.Item>
                      ))}
                  </Command.Group>
                ))}
                {props.onCreate !== undefined && text.trim() !== '' ? (
                  <Command.Item
                    forceMount
                    value={`create ${text}`}
                    onSelect={() => {
                      props.onCreate?.(text.trim());
                      setText('');
                    }}
                    className="rounded-md px-2 py-1.5 data-[selected=true]:bg-sunken"
                  >
                    {t('common.addNew', { text: text.trim() })}
                  </Command.Item>
                ) : null}
              </Command.List>
            </Command>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
