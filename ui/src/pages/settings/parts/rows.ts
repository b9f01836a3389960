// How rows of lists and links that act look on the settings pages.

/** A row that opens something. */
export const ROW =
  'flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-line bg-raised px-3 py-2 hover:bg-sunken';
/** A link that looks like the page's main button. */
export const PRIMARY_LINK =
  'inline-flex h-9 items-center gap-1.5 rounded-md bg-accent px-3 font-medium whitespace-nowrap text-on-accent hover:brightness-95 max-sm:h-10';
/** A link that looks like a plain button. */
export const PLAIN_LINK =
  'inline-flex h-9 items-center gap-1.5 rounded-md border border-line bg-raised px-3 font-medium whitespace-nowrap hover:bg-sunken max-sm:h-10';
