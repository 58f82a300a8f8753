/** A real table on wide screens, a list of cards on phones. A link of class `row-link` in a cell makes its whole row clickable. */
import { type ReactNode, useSyncExternalStore } from 'react';
import { cx } from './class-names.ts';

export type Column<Row> = {
  head: string;
  cell: (row: Row) => ReactNode;
  /** On phones: `main` stands on top, `side` beside it, `hide` is left out, the rest follows in one line. */
  phone?: 'main' | 'side' | 'hide';
  align?: 'right';
  className?: string;
};
type TableProps<Row> = { label: string; columns: Column<Row>[]; rows: Row[]; keyOf: (row: Row) => string };

export function Table<Row>(props: TableProps<Row>) {
  return usePhone() ? <Cards {...props} /> : <Grid {...props} />;
}

function Grid<Row>({ label, columns, rows, keyOf }: TableProps<Row>) {
  return (
    <table aria-label={label} className="w-full border-separate border-spacing-0 text-left">
      <thead>
        <tr>
          {columns.map(({ head, align, className }) => (
            <th
              key={head}
              scope="col"
              className={cx(
                'h-9 border-b border-line bg-sunken/60 px-3 text-xs font-medium whitespace-nowrap text-muted first:pl-5 last:pr-5',
                align === 'right' && 'text-right',
                className,
              )}
            >
              {head || <span className="sr-only">Actions</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} className="group relative transition-colors hover:bg-hover/60 [&:last-child>td]:border-b-0">
            {columns.map(({ head, cell, align, className }) => (
              <td
                key={head}
                className={cx('h-12 border-b border-line px-3 py-1.5 first:pl-5 last:pr-5', align === 'right' && 'text-right', className)}
              >
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cards<Row>({ label, columns, rows, keyOf }: TableProps<Row>) {
  const main = columns.filter((column) => column.phone === 'main');
  const side = columns.filter((column) => column.phone === 'side');
  const rest = columns.filter((column) => column.phone === undefined);
  return (
    <ul aria-label={label} className="divide-y divide-line">
      {rows.map((row) => (
        <li key={keyOf(row)} className="relative flex flex-col gap-1.5 px-4 py-3">
          <div className="flex items-start justify-between gap-3">
            <div className="min-w-0">
              {main.map((column) => (
                <div key={column.head}>{column.cell(row)}</div>
              ))}
            </div>
            <div className="flex shrink-0 items-center gap-2">
              {side.map((column) => (
                <div key={column.head}>{column.cell(row)}</div>
              ))}
            </div>
          </div>
          {rest.length > 0 && (
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
              {rest.map((column) => (
                <div key={column.head} className="min-w-0 empty:hidden">
                  {column.cell(row)}
                </div>
              ))}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

const phone = matchMedia('(max-width: 767px)');
function subscribe(listener: () => void): () => void {
  phone.addEventListener('change', listener);
  return () => phone.removeEventListener('change', listener);
}
export function usePhone(): boolean {
  return useSyncExternalStore(subscribe, () => phone.matches);
}
