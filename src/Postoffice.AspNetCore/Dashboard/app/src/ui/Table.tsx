import type { ComponentChildren } from 'preact';

export interface Column<T> {
  /** The heading; on a narrow screen it stands before each value. */
  title: string;
  show: (row: T) => ComponentChildren;
  isNumber?: boolean;
  /** Takes what width is left, and breaks. */
  isWide?: boolean;
}

interface Props<T> {
  /** What the table lists, for those who do not see it. */
  label: string;
  columns: Column<T>[];
  rows: T[];
  keyOf: (row: T) => string | number;
  /** Where a row leads: its first cell is a link that covers the row. */
  linkOf?: (row: T) => string;
}

/** A list; below 640 pixels each row is a card. Its roles are said outright: some browsers forget those of a table that is laid out as none. */
export function Table<T>({ label, columns, rows, keyOf, linkOf }: Props<T>) {
  return (
    <div class="table-scroll">
      <table class="table" role="table">
        <caption class="unseen">{label}</caption>
        <thead role="rowgroup">
          <tr role="row">{columns.map(column => <th key={column.title} role="columnheader" scope="col" class={cellClass(column)}>{column.title}</th>)}</tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(row => (
            <tr key={keyOf(row)} role="row" class={linkOf ? 'row-linked' : undefined}>
              {columns.map((column, index) => (
                <td key={column.title} role="cell" class={cellClass(column)} data-label={column.title}>
                  {index === 0 && linkOf ? <a class="row-link" href={linkOf(row)}>{column.show(row)}</a> : column.show(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellClass<T>(column: Column<T>): string | undefined {
  return column.isNumber ? 'num' : column.isWide ? 'wide' : undefined;
}
