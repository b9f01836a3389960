/** Keys as caps: "mod+k" is ⌘K on a Mac and Ctrl K elsewhere; "g u" is one after the other. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="inline-flex gap-0.5" aria-hidden="true">
      {keys.split(/[+ ]/).map((key) => (
        <kbd
          key={key}
          className="min-w-5 rounded border border-line bg-sunken px-1 text-center font-sans text-[11px] leading-4 text-soft"
        >
          {capOf(key)}
        </kbd>
      ))}
    </span>
  );
}

const isMac = /mac|iphone|ipad/i.test(navigator.platform);
const CAPS: Record<string, string> = {
  mod: isMac ? '⌘' : 'Ctrl',
  enter: '↵',
  escape: 'Esc',
  shift: '⇧',
  up: '↑',
  down: '↓',
};
const capOf = (key: string): string => CAPS[key] ?? key.toUpperCase();
