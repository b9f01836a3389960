// What a measurement reports: rows of a table with a verdict against the budget of the design, and the same as JSON.
import { cpus, loadavg } from 'node:os';

/** One line of the table. */
export interface Row {
  bench: string;
  what: string;
  measured: string;
  /** What it is compared with in the same run, as a ratio; empty where there is nothing to compare with. */
  ratio: string;
  budget: string;
  verdict: 'pass' | 'MISS' | '';
  /** The bare figures, for programs. */
  values: Record<string, number>;
}

/** What a measurement says of one thing; a budget without `met` is told for information. */
export interface Finding {
  what: string;
  measured: string;
  ratio?: string;
  budget?: { text: string; met: boolean };
  values?: Record<string, number>;
}

/** Takes findings; what bench/main.ts gives every measurement. */
export interface BenchContext {
  /** Larger figures that take minutes (--full). */
  full: boolean;
  add: (finding: Finding) => void;
  /** Progress, on stderr. */
  say: (line: string) => void;
  /** Undone after the measurement in reverse order, also when it fails or Ctrl-C ends it. */
  defer: (undo: () => Promise<unknown>) => void;
}

/** A measurement that runs alone with --only. */
export interface Bench {
  about: string;
  run(context: BenchContext): Promise<void>;
}

/** A row of a finding. */
export function rowOf(bench: string, finding: Finding): Row {
  const { what, measured, ratio, budget, values } = finding;
  return {
    ...{ bench, what, measured, ratio: ratio ?? '', budget: budget?.text ?? '' },
    verdict: budget === undefined ? '' : budget.met ? 'pass' : 'MISS',
    values: values ?? {},
  };
}

/** The load of the machine over one, five and fifteen minutes: figures from a busy machine say little. */
export function loadAverage(): string {
  return `${loadavg()
    .map((one) => one.toFixed(2))
    .join(' ')} on ${cpus().length} cores`;
}

/** The table for people: columns as wide as their widest cell. */
export function showTable(rows: readonly Row[]): string {
  const heads = ['bench', 'what', 'measured', 'ratio', 'budget', 'verdict'] as const;
  const lines = [
    heads.map((head) => head as string),
    ...rows.map((row) => heads.map((head) => row[head])),
  ];
  const widths = heads.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const show = (line: string[]): string =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [show(lines[0] ?? []), rule, ...lines.slice(1).map(show)].join('\n');
}
