// Changes as lines: what went away struck through, what came after it.
import type { ChangeLine } from './changes.ts';

export function ChangeList({ lines }: { lines: ChangeLine[] }) {
  return (
    <dl className="flex flex-col gap-1 text-[13px]">
      {lines.map(({ field, gone, come }) => (
        <div key={field}>
          <dt className="text-soft">{field}</dt>
          <dd className="break-words">
            {gone.map((one) => (
              <del key={`-${one}`} className="me-1 block text-soft">
                {one}
              </del>
            ))}
            {come.map((one) => (
              <ins key={`+${one}`} className="block no-underline">
                {one}
              </ins>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
