// How far something is, as a bar with its numbers.
export function ProgressBar({
  label,
  done,
  total,
}: {
  label: string;
  done: number;
  total: number | null;
}) {
  const share = total === null || total === 0 ? 0 : Math.min(1, done / total);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total ?? 0}
      aria-valuenow={done}
      className="h-1.5 overflow-hidden rounded-full bg-line"
    >
      <div
        className="h-full rounded-full bg-accent transition-[width]"
        style={{ width: `${share * 100}%` }}
      />
    </div>
  );
}
