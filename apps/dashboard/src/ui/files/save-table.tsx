import { csvOf, type Cell } from './csv.js';
import { saveFile } from './save-file.js';

interface SaveTableProps {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A button that stores a table of the page as it is shown, for spreadsheets. */
export function SaveTable({ name, columns, rows }: SaveTableProps) {
  const save = () => saveFile(new Blob([csvOf(columns, rows)], { type: 'text/csv' }), `${name}.csv`);
  return (
    <button type="button" className="button button-small" onClick={save}>
      Download as CSV
    </button>
  );
}
