import { useMutation } from '@tanstack/react-query';
import { wordsOf } from '../../api/ask.js';
import { saveFile } from './save-file.js';

interface DownloadProps {
  readonly label: string;
  readonly fileName: string;
  /** An answer that breaks off is an error, so half a file is never stored. */
  readonly load: () => Promise<Blob>;
}

/** A button that stores a file of the service. A link could not send the key. */
export function Download({ label, fileName, load }: DownloadProps) {
  const download = useMutation({ mutationFn: load, onSuccess: (file) => saveFile(file, fileName) });
  return (
    <>
      <button
        type="button"
        className="button button-small"
        disabled={download.isPending}
        onClick={() => download.mutate()}
      >
        {download.isPending ? 'Loading …' : label}
      </button>
      {download.error && (
        <span className="error" role="alert">
          {wordsOf(download.error)}
        </span>
      )}
    </>
  );
}
