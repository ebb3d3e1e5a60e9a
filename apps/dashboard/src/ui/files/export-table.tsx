import { exportsTable } from '@sparserec/client';
import { askForFile, client } from '../../api/ask.js';
import { useMay } from '../../api/queries.js';
import { Download } from './download.js';

const FORMATS = { csv: 'CSV', jsonl: 'JSON lines', parquet: 'Parquet' } as const;

interface ExportTableProps {
  readonly catalog: string;
  readonly table: 'interactions' | 'items' | 'users';
}

/** All rows of a table of the catalog as a file, which imports read. */
export function ExportTable({ catalog, table }: ExportTableProps) {
  const may = useMay('admin', catalog);
  if (!may) return null;
  return (
    <p className="actions">
      <span className="note">All {table}:</span>
      {(['csv', 'jsonl', 'parquet'] as const).map((format) => (
        <Download
          key={format}
          label={FORMATS[format]}
          fileName={`${catalog}-${table}.${format}`}
          load={() =>
            askForFile(exportsTable({ client, path: { catalog, table }, query: { format }, parseAs: 'blob' }))
          }
        />
      ))}
    </p>
  );
}
